// SPDX-License-Identifier: Apache-2.0
#include "models/carry_weights.hpp"

#include <algorithm>
#include <set>

#include "graft/models/find_layer.hpp"
#include "graft/models/preprocessing_layer.hpp"

namespace graft::models {
namespace {

class Carrier {
 public:
  Carrier(EditReport& report, const AdaptWeight& adapt) : report_(report), adapt_(adapt) {}

  void carry(const LayerPair& pair) {
    const std::vector<VariablePtr> old = pair.from.weights();
    for (const VariablePtr& weight : pair.to.weights()) {
      const auto found =
          std::ranges::find(old, weight->name(), [](const VariablePtr& v) { return v->name(); });
      carry(pair, found == old.end() ? nullptr : *found, *weight);
    }
  }

  void add(const LayerPair& added) {
    const Model model = as_model(added.to);
    std::vector<FoundLayer> leaves{{added.to, ""}};
    if (model.base() != nullptr) leaves = all_layers(model);
    for (const FoundLayer& leaf : leaves) {
      if (as_model(leaf.layer).base() != nullptr) continue;
      const std::string path = added.path + (leaf.path.empty() ? "/" : "/" + leaf.path + "/");
      for (const VariablePtr& weight : leaf.layer.weights())
        report_.created.push_back({path + weight->name(), {}, weight->shape(), false, "added"});
    }
  }

  void drop_the_rest(const Model& original) {
    for (const FoundLayer& one : all_layers(original)) {
      if (as_model(one.layer).base() != nullptr) continue;
      for (const VariablePtr& weight : one.layer.weights()) {
        if (!used_.contains(weight.get())) report_.dropped.push_back(one.path + "/" + weight->name());
      }
    }
  }

 private:
  void carry(const LayerPair& pair, const VariablePtr& from, Variable& to) {
    const std::string path = pair.path + "/" + to.name();
    if (from == nullptr) {
      report_.created.push_back({path, {}, to.shape(), false, "new"});
      return;
    }
    used_.insert(from.get());
    if (from.get() != &to) {
      const Fate fate = adapt_ ? adapt_(pair, *from, to) : Fate{};
      if (fate.kind == Fate::Kind::adapted) {
        report_.adapted.push_back({path, from->shape(), to.shape(), true, fate.how});
        return;
      }
      if (fate.kind == Fate::Kind::reset || from->shape() != to.shape()) {
        const std::string how = fate.how.empty() ? "initialised again" : fate.how;
        report_.created.push_back({path, from->shape(), to.shape(), true, how});
        return;
      }
      to.assign(from->value());
    }
    report_.kept.push_back(path);
    report_.params_kept += to.count();
  }

  EditReport& report_;
  const AdaptWeight& adapt_;
  std::set<const Variable*> used_;
};

}  // namespace

Edited carry_weights(const Model& original, const Rebuilt& rebuilt, const std::string& edit,
                     const AdaptWeight& adapt) {
  Edited edited{.model = rebuilt.model};
  edited.report.edit = edit;
  edited.report.params_before = original.count_params();
  edited.report.params_after = edited.model.count_params();
  edited.report.params_preprocessing = preprocessing_params(edited.model);
  // What the edit built but the model does not reach is not of it.
  std::set<const layers::LayerBase*> reached;
  for (const FoundLayer& one : all_layers(edited.model)) reached.insert(one.layer.base().get());
  Carrier carrier(edited.report, adapt);
  for (const LayerPair& pair : rebuilt.pairs) {
    if (reached.contains(pair.to.base().get())) carrier.carry(pair);
  }
  for (const LayerPair& pair : rebuilt.added) {
    if (reached.contains(pair.to.base().get())) carrier.add(pair);
  }
  carrier.drop_the_rest(original);
  return edited;
}

}  // namespace graft::models
