// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <regex>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/model.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/models/preprocessing_layer.hpp"

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

/// The layers that may be frozen, in the order of the graph: those of the model and of the models in it.
struct Candidate {
  Layer layer;
  std::string path;       ///< with the nested models that it is in
  bool is_model = false;  ///< a nested model, whose layers follow
};

std::vector<Candidate> candidates_of(const Model& model) {
  std::vector<Candidate> all;
  for (const FoundLayer& found : all_layers(model))
    all.push_back({found.layer, found.path, as_model(found.layer).base() != nullptr});
  return all;
}

/// Whether a candidate is among the layers of the nested model with this path.
bool is_inside(const Candidate& layer, const Candidate& outer) {
  return layer.path.starts_with(outer.path + "/");
}

/// What is chosen by name, index or position among the candidates of a model.
class Choice {
 public:
  Choice(const Model& model, const std::vector<Candidate>& all)
      : model_(model), all_(all), chosen_(all.size()) {}

  [[nodiscard]] const std::vector<bool>& chosen() const { return chosen_; }

  void add_matching(const std::string& pattern) {
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
    const auto describes = [&](const std::string& text) {
      return regex ? std::regex_match(text, *regex) : matches(pattern, text);
    };
    bool any = false;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (describes(all_[i].layer.name()) || describes(all_[i].path)) any = chosen_[i] = true;
    }
    if (any) return;
    // A plain name: find_layer lists similar ones.
    if (!is_regex && pattern.find_first_of("*?") == std::string::npos)
      static_cast<void>(find_layer(model_, pattern));
    fail(ErrorKind::not_found, "freeze: no layer of model '", model_.name(), "' is called ", pattern,
         "; its layers are ", all_.front().path, " ... ", all_.back().path);
  }

  /// All before this one, but not the nested models that it is in.
  void add_before(std::size_t first) {
    for (std::size_t i = 0; i < std::min(first, all_.size()); ++i) {
      if (first == all_.size() || !is_inside(all_[first], all_[i])) chosen_[i] = true;
    }
  }

  void add_before_layer(const std::string& from) {
    const bool is_index = !from.empty() && from.find_first_not_of("-0123456789") == std::string::npos;
    // An index counts the layers of the model itself, as in Keras.
    const std::string path =
        is_index ? model_.layers()[layer_index(model_, from)].name() : find_layer(model_, from).path;
    add_before(static_cast<std::size_t>(std::ranges::find(all_, path, &Candidate::path) - all_.begin()));
  }

  void add_before_block(const std::string& block) {
    const auto belongs = [&](const Candidate& one) {
      const std::string name = one.layer.name();
      if (!name.starts_with(block)) return false;
      // "block1" is not the beginning of "block12_conv".
      return name.size() == block.size() || std::isdigit(static_cast<unsigned char>(block.back())) == 0 ||
             std::isdigit(static_cast<unsigned char>(name[block.size()])) == 0;
    };
    const auto found = std::ranges::find_if(all_, belongs);
    if (found == all_.end()) static_cast<void>(find_layer(model_, block));  // lists similar names
    add_before(static_cast<std::size_t>(found - all_.begin()));
  }

  void add_all_but_last(std::int64_t left) {
    std::size_t first = all_.size();
    for (std::size_t i = all_.size(); i > 0 && left > 0; --i) {
      if (all_[i - 1].is_model) continue;
      first = i - 1;
      left -= all_[first].layer.weights().empty() ? 0 : 1;
    }
    if (left > 0) return;  // it has fewer layers with weights: none is frozen
    add_before(first);
  }

 private:
  const Model& model_;
  const std::vector<Candidate>& all_;
  std::vector<bool> chosen_;
};

/// Sets the flags of the layers, and reports them.
FreezeReport apply(Model& model, const std::vector<Candidate>& all, const std::vector<bool>& chosen) {
  model.set_trainable(true);
  FreezeReport report;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Layer layer = all[i].layer;
    if (chosen[i] || reverses_channels(layer)) layer.set_trainable(false);
    if (all[i].is_model) continue;  // its layers are reported
    const bool frozen = chosen[i] || [&] {
      for (std::size_t outer = 0; outer < i; ++outer) {
        if (chosen[outer] && is_inside(all[i], all[outer])) return true;
      }
      return false;
    }();
    report.frozen_layers += frozen ? 1 : 0;
    report.layers += 1;
    if (layer.weights().empty() || reverses_channels(layer)) continue;
    if (frozen) report.frozen.push_back(layer.name());
    if (!frozen && report.first_trainable.empty()) report.first_trainable = layer.name();
  }
  report.trainable_params = count_params(model.trainable_weights());
  report.total_params = model.count_params();
  return report;
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
  const std::vector<Candidate> all = candidates_of(model);
  Choice choice(model, all);
  if (options.names.starts_with(kRegex)) {
    choice.add_matching(options.names);
  } else if (!options.names.empty()) {
    for (const std::string& pattern : split(options.names, '|')) choice.add_matching(pattern);
  }
  if (!options.from.empty()) choice.add_before_layer(options.from);
  if (!options.block.empty()) choice.add_before_block(options.block);
  if (options.last_n) choice.add_all_but_last(*options.last_n);
  return apply(model, all, choice.chosen());
}

}  // namespace graft::models
