// SPDX-License-Identifier: Apache-2.0
#include "formats/torch/state_dict.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "formats/input_file.hpp"

namespace graft::formats {
namespace {

using pickle::Dict;
using pickle::TensorView;
using pickle::Value;

// An averaged copy of the weights is not what a person means by the model.
constexpr std::array<std::string_view, 4> kAveraged = {"ema", "average", "swa", "shadow"};
constexpr std::array<std::string_view, 2> kPrefixes = {"module.", "_orig_mod."};
constexpr std::size_t kMaxDictionaries = 100'000;

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

bool is_averaged(const std::string& place) {
  std::string lower = place;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::any_of(kAveraged,
                             [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

/// A dictionary and the keys that lead to it: "model.state_dict".
struct Candidate {
  std::string place;
  NamedViews tensors;
  [[nodiscard]] std::size_t size() const { return tensors.size(); }
};

/// Every dictionary that is reached through dictionaries, by breadth, each once.
std::vector<Candidate> candidates(const Dict& root) {
  std::vector<std::pair<const Dict*, std::string>> open{{&root, ""}};
  std::set<const Dict*> seen{&root};
  std::vector<Candidate> result;
  for (std::size_t i = 0; i < open.size() && i < kMaxDictionaries; ++i) {
    const auto [from, place] = open[i];
    NamedViews tensors = tensors_of(*from);
    if (!tensors.empty()) result.push_back({place, std::move(tensors)});
    for (const auto& [key, value] : from->items) {
      const Dict* inner = dict(value);
      const std::string* name = text(key);
      if (inner == nullptr || name == nullptr || !seen.insert(inner).second) continue;
      open.emplace_back(inner, place.empty() ? *name : place + "." + *name);
    }
  }
  return result;
}

/// The dictionary with the most tensors, the first of several. One that is averaged only where it has more
/// than twice as many: then the others are something else, such as what an optimizer keeps.
Candidate largest(const Dict& root) {
  Candidate plain;
  Candidate averaged;
  for (Candidate& candidate : candidates(root)) {
    Candidate& best = is_averaged(candidate.place) ? averaged : plain;
    if (candidate.size() > best.size()) best = std::move(candidate);
  }
  return averaged.size() > 2 * plain.size() ? averaged : plain;
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

StateDict find_state_dict(const Value& checkpoint, const std::string& file) {
  const Dict* root = dict(checkpoint);
  if (root == nullptr) {
    fail(ErrorKind::not_found, file,
         " holds no dictionary of tensors; expected torch.save(model.state_dict(), ...)");
  }
  Candidate found = largest(*root);
  if (found.tensors.empty()) {
    fail(ErrorKind::not_found, file,
         " holds no state_dict (tensors by name) that graft can tell; its keys are: ", list_keys(*root));
  }
  strip_prefix(found.tensors);
  return {.place = printable(found.place), .tensors = std::move(found.tensors)};
}

}  // namespace graft::formats
