// SPDX-License-Identifier: Apache-2.0
#include "transfer/state/compare_ranks.hpp"

#include <cstddef>
#include <span>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/execution.hpp"
#include "graft/hash.hpp"
#include "graft/version.hpp"

#include "transfer/result/settings.hpp"

namespace graft::transfer {

void compare_ranks(const TrainOptions& options, const std::vector<cluster::Fact>& facts) {
  if (!options.ranks) return;
  Json settings = settings_json(options, ".", {});
  // Folders may be elsewhere on another machine: what is in them is compared.
  for (const char* folder : {"photos", "test", "validation"}) settings.erase(folder);
  if (settings.contains("rounds")) {
    for (const char* folder : {"from", "rehearse"}) settings["rounds"].erase(folder);
  }
  std::vector<cluster::Fact> all{{"graft's version", std::string(version())},
                                 {"the options", settings.dump()},
                                 {"threads", cat(num_threads())}};
  all.insert(all.end(), facts.begin(), facts.end());
  cluster::agree(*options.ranks, all);
}

std::string hash_of_list(const data::PhotoList& list) {
  Hasher hasher;
  hasher.add(list.paths.size());
  const auto add_each = [&](const auto& values) {
    hasher.add(values.size());
    for (const auto& value : values) hasher.add(value);
  };
  for (const auto& path : list.paths) hasher.add(path.filename().string());
  add_each(list.labels);
  for (const std::vector<int>& set : list.label_sets) add_each(set);
  hasher.add(std::as_bytes(std::span(list.targets)));
  add_each(list.class_names);
  for (const data::ListedPart part : list.parts) hasher.add(static_cast<int>(part));
  add_each(list.groups);
  hasher.add(std::as_bytes(std::span(list.weights)));
  return to_hex(hasher.digest());
}

std::string hash_of_weights(const Model& model) {
  Hasher hasher;
  for (const VariablePtr& weight : model.weights()) {
    const Tensor& value = std::as_const(*weight).value();
    hasher.add(weight->path());
    hasher.add(std::span(static_cast<const std::byte*>(value.raw()), value.size_bytes()));
  }
  return to_hex(hasher.digest());
}

}  // namespace graft::transfer
