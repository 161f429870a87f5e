// SPDX-License-Identifier: Apache-2.0
#include "graft/models/find_layer.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/models/functional_model.hpp"

namespace graft::models {
namespace {

constexpr std::size_t kMostSuggestions = 5;

void collect(const Model& model, const std::string& prefix, std::set<const layers::LayerBase*>& seen,
             std::vector<FoundLayer>& found) {
  for (const Layer& layer : model.layers()) {
    if (!seen.insert(layer.base().get()).second) continue;
    found.push_back({layer, prefix + layer.name()});
    const Model nested = as_model(layer);
    if (nested.base() != nullptr) collect(nested, prefix + layer.name() + "/", seen, found);
  }
}

/// How many letters must be changed, added or left out to make one of the other (Levenshtein 1966).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string suggestions(const std::vector<FoundLayer>& all, const std::string& name) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const FoundLayer& one : all) {
    const std::string& known = one.layer.name();
    const bool within = known.find(name) != std::string::npos || name.find(known) != std::string::npos;
    const std::size_t apart = within ? 0 : distance(known, name);
    if (apart <= std::max<std::size_t>(2, name.size() / 3)) ranked.emplace_back(apart, one.path);
  }
  std::ranges::stable_sort(ranked, {}, &std::pair<std::size_t, std::string>::first);
  std::string text;
  for (std::size_t i = 0; i < std::min(ranked.size(), kMostSuggestions); ++i)
    text += (text.empty() ? "" : ", ") + ranked[i].second;
  return text;
}

}  // namespace

Model as_model(const Layer& layer) { return Model(std::dynamic_pointer_cast<FunctionalModel>(layer.base())); }

std::vector<FoundLayer> all_layers(const Model& model) {
  std::set<const layers::LayerBase*> seen;
  std::vector<FoundLayer> found;
  collect(model, "", seen, found);
  return found;
}

FoundLayer find_layer(const Model& model, const std::string& name) {
  const std::vector<FoundLayer> all = all_layers(model);
  std::vector<FoundLayer> matches;
  for (const FoundLayer& one : all) {
    if (one.path == name) return one;
    if (one.path.ends_with("/" + name)) matches.push_back(one);
  }
  if (matches.size() == 1) return matches.front();
  if (matches.empty()) {
    const std::string alike = suggestions(all, name);
    fail(ErrorKind::not_found, "model '", model.name(), "' has no layer '", name, "'",
         alike.empty() ? "; its summary with expand_nested lists the layers" : "; similar are " + alike);
  }
  std::string paths;
  for (const FoundLayer& one : matches) paths += (paths.empty() ? "" : ", ") + one.path;
  fail(ErrorKind::invalid_argument, "model '", model.name(), "' has several layers '", name,
       "'; name one of ", paths);
}

std::string free_name(const Model& model, const std::string& stem) {
  std::set<std::string> taken;
  for (const FoundLayer& one : all_layers(model)) taken.insert(one.layer.name());
  std::string name = stem;
  for (int number = 1; taken.contains(name); ++number) name = cat(stem, "_", number);
  return name;
}

}  // namespace graft::models
