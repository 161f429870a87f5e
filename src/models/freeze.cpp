// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <regex>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/model.hpp"
#include "graft/models/find_layer.hpp"

namespace graft::models {
namespace {

constexpr std::size_t kLongestPattern = 1000;  // std::regex recurses with the length of its text
constexpr std::string_view kRegex = "re:";

/// Whether the text is what the pattern describes; * any letters, ? any one.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.substr(p).find_first_not_of('*') == std::string_view::npos;
}

using Chosen = std::vector<bool>;

void choose_matching(const Model& model, const std::string& pattern, Chosen& chosen) {
  const auto layers = model.layers();
  if (pattern.size() > kLongestPattern)
    fail(ErrorKind::invalid_argument, "freeze: a pattern of ", pattern.size(), " letters is too long");
  const bool is_regex = pattern.starts_with(kRegex);
  std::optional<std::regex> regex;
  try {
    if (is_regex) regex.emplace(pattern.substr(kRegex.size()));
  } catch (const std::regex_error&) {
    fail(ErrorKind::invalid_argument, "freeze: '", pattern.substr(kRegex.size()),
         "' is not a regular expression");
  }
  bool any = false;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string& name = layers[i].name();
    if (regex ? std::regex_match(name, *regex) : matches(pattern, name)) any = chosen[i] = true;
  }
  if (any) return;
  // A plain name: find_layer lists similar ones.
  if (!is_regex && pattern.find_first_of("*?") == std::string::npos)
    static_cast<void>(find_layer(model, pattern));
  fail(ErrorKind::not_found, "freeze: no layer of model '", model.name(), "' is called ", pattern,
       "; its layers are ", layers.front().name(), " ... ", layers.back().name());
}

std::size_t first_of_block(const Model& model, const std::string& block) {
  const auto layers = model.layers();
  const auto belongs = [&](const Layer& layer) {
    const std::string& name = layer.name();
    if (!name.starts_with(block)) return false;
    // "block1" is not the beginning of "block12_conv".
    return name.size() == block.size() || std::isdigit(static_cast<unsigned char>(block.back())) == 0 ||
           std::isdigit(static_cast<unsigned char>(name[block.size()])) == 0;
  };
  const auto found = std::ranges::find_if(layers, belongs);
  if (found == layers.end()) static_cast<void>(find_layer(model, block));  // lists similar names
  return static_cast<std::size_t>(found - layers.begin());
}

void choose_before(std::size_t first, Chosen& chosen) {
  std::fill_n(chosen.begin(), std::min(first, chosen.size()), true);
}

}  // namespace

std::size_t layer_index(const Model& model, const std::string& from) {
  const auto layers = model.layers();
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), index);
  if (error == std::errc() && end == from.data() + from.size()) {
    if (index < 0 || index >= static_cast<std::int64_t>(layers.size())) {
      fail(ErrorKind::invalid_argument, "expected a layer of model '", model.name(), "', 0 to ",
           layers.size() - 1, " or a name, received ", index);
    }
    return static_cast<std::size_t>(index);
  }
  const auto found = std::ranges::find_if(layers, [&](const Layer& layer) { return layer.name() == from; });
  if (found != layers.end()) return static_cast<std::size_t>(found - layers.begin());
  const FoundLayer nested = find_layer(model, from);  // says which are alike
  fail(ErrorKind::invalid_argument, "layer '", nested.path, "' is inside another model: name a layer of '",
       model.name(), "' itself");
}

FreezeReport freeze(Model model, const FreezeOptions& options) {
  if (options.last_n.value_or(0) < 0)
    fail(ErrorKind::invalid_argument, "freeze: last_n: expected 0 or more, received ", *options.last_n);
  if (options.names.empty() && options.from.empty() && options.block.empty() && !options.last_n)
    fail(ErrorKind::invalid_argument, "freeze: expected names, from, block or last_n");
  const auto layers = model.layers();
  Chosen chosen(layers.size());
  if (options.names.starts_with(kRegex)) {
    choose_matching(model, options.names, chosen);
  } else if (!options.names.empty()) {
    for (const std::string& pattern : split(options.names, '|')) choose_matching(model, pattern, chosen);
  }
  if (!options.from.empty()) choose_before(layer_index(model, options.from), chosen);
  if (!options.block.empty()) choose_before(first_of_block(model, options.block), chosen);
  if (options.last_n) {
    std::int64_t left = *options.last_n;
    std::size_t first = layers.size();
    while (first > 0 && left > 0) left -= layers[--first].weights().empty() ? 0 : 1;
    choose_before(first, chosen);
  }
  model.set_trainable(true);
  FreezeReport report;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (chosen[i]) layers[i].set_trainable(false);
    if (layers[i].weights().empty()) continue;
    if (chosen[i]) report.frozen.push_back(layers[i].name());
    if (!chosen[i] && report.first_trainable.empty()) report.first_trainable = layers[i].name();
  }
  report.trainable_params = count_params(model.trainable_weights());
  report.total_params = model.count_params();
  return report;
}

}  // namespace graft::models
