// SPDX-License-Identifier: Apache-2.0
#include "formats/state_dict.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "graft/base/error.hpp"

#include "formats/input_file.hpp"

namespace graft::formats {
namespace {

using pickle::Dict;
using pickle::TensorView;
using pickle::Value;

// In the order of trust: an averaged copy of the weights is not what a person means by the model.
constexpr std::array<std::string_view, 9> kNames = {"state_dict", "model_state_dict", "model",
                                                    "net",        "network",          "weights",
                                                    "params",     "module",           "model_state"};
constexpr std::array<std::string_view, 2> kPrefixes = {"module.", "_orig_mod."};
constexpr int kMaxNesting = 4;

const std::string* text(const Value& value) {
  const auto* const* found = std::get_if<const std::string*>(&value);
  return found == nullptr ? nullptr : *found;
}

const Dict* dict(const Value& value) {
  const auto* found = std::get_if<Dict*>(&value);
  return found == nullptr ? nullptr : *found;
}

NamedViews tensors_of(const Dict& from) {
  NamedViews result;
  std::map<std::string_view, std::size_t> places;
  for (const auto& [key, value] : from.items) {
    const std::string* name = text(key);
    const auto* const* tensor = std::get_if<const TensorView*>(&value);
    if (name == nullptr || tensor == nullptr) continue;
    const auto [place, fresh] = places.try_emplace(*name, result.size());
    if (fresh) {
      result.emplace_back(*name, *tensor);
    } else {
      result[place->second].second = *tensor;
    }
  }
  return result;
}

/// The last value under a name, as Python's assignment leaves it.
const Dict* child(const Dict& from, std::string_view name) {
  const Dict* found = nullptr;
  for (const auto& [key, value] : from.items) {
    const std::string* key_text = text(key);
    if (key_text != nullptr && *key_text == name) found = dict(value);
  }
  return found;
}

/// The dictionary that is the state_dict: one under a well-known name, else this one if it has tensors.
NamedViews search(const Dict& from, int depth) {
  if (depth < kMaxNesting) {
    for (const std::string_view name : kNames) {
      const Dict* candidate = child(from, name);
      NamedViews found = candidate == nullptr ? NamedViews{} : search(*candidate, depth + 1);
      if (!found.empty()) return found;
    }
  }
  return tensors_of(from);
}

/// The tensors of the only dictionary in this one that holds any.
NamedViews search_only_child(const Dict& from) {
  NamedViews result;
  for (const auto& [key, value] : from.items) {
    const Dict* candidate = dict(value);
    NamedViews found = candidate == nullptr ? NamedViews{} : tensors_of(*candidate);
    if (found.empty()) continue;
    if (!result.empty()) return {};
    result = std::move(found);
  }
  return result;
}

std::string list_keys(const Dict& from) {
  constexpr std::size_t kShown = 8;
  std::string keys;
  std::size_t shown = 0;
  for (const auto& [key, value] : from.items) {
    const std::string* name = text(key);
    if (name == nullptr) continue;
    if (shown++ == kShown) return keys + ", ...";
    keys += (keys.empty() ? "" : ", ") + printable(*name);
  }
  return keys.empty() ? "nothing with a name" : keys;
}

void strip_prefix(NamedViews& tensors) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (const std::string_view prefix : kPrefixes) {
      const auto has_prefix = [prefix](const auto& entry) {
        return entry.first.starts_with(prefix) && entry.first.size() > prefix.size();
      };
      if (!std::ranges::all_of(tensors, has_prefix)) continue;
      for (auto& entry : tensors) entry.first.erase(0, prefix.size());
      changed = true;
    }
  }
}

}  // namespace

NamedViews find_state_dict(const Value& checkpoint, const std::string& file) {
  const Dict* root = dict(checkpoint);
  if (root == nullptr) {
    fail(ErrorKind::not_found, file,
         " holds no dictionary of tensors; expected torch.save(model.state_dict(), ...)");
  }
  NamedViews found = search(*root, 0);
  if (found.empty()) found = search_only_child(*root);
  if (found.empty()) {
    fail(ErrorKind::not_found, file,
         " holds no state_dict (tensors by name) that graft can tell; its keys are: ", list_keys(*root));
  }
  strip_prefix(found);
  return found;
}

}  // namespace graft::formats
