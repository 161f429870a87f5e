// SPDX-License-Identifier: Apache-2.0
#include "saving/model_walk.hpp"

#include <map>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/models/functional_model.hpp"

namespace graft::saving {
namespace {

class Walk {
 public:
  void visit(const Layer& layer, const std::string& group, const std::string& qualified) {
    if (!visited_.insert(layer.base().get()).second) return;
    found_.push_back({layer, group, qualified});
    const Model model = as_model(layer);
    if (model.base() == nullptr) return;
    std::map<std::string, int> used;
    for (const Layer& inner : keras_layers(model)) {
      std::string name = layers::to_snake_case(inner.class_name());
      // A layer that was met before gets a number, too.
      const int count = used[name]++;
      if (count > 0) name += cat("_", count);
      visit(inner, cat(group, group.empty() ? "" : "/", "layers/", name),
            cat(qualified, qualified.empty() ? "" : "/", inner.name()));
    }
  }

  [[nodiscard]] std::vector<StoredLayer> take() { return std::move(found_); }

 private:
  std::set<const layers::LayerBase*> visited_;
  std::vector<StoredLayer> found_;
};

}  // namespace

std::vector<Layer> keras_layers(const Model& model) {
  const bool sequential = model.class_name() == "Sequential";
  std::vector<Layer> result;
  for (const Layer& layer : model.layers()) {
    if (!sequential || layer.class_name() != "InputLayer") result.push_back(layer);
  }
  return result;
}

Model as_model(const Layer& layer) {
  return Model(std::dynamic_pointer_cast<models::FunctionalModel>(layer.base()));
}

Json shape_json(const Shape& shape) {
  Json list = Json::array();
  for (const std::int64_t size : shape.sizes()) list.push_back(size < 0 ? Json(nullptr) : Json(size));
  return list;
}

std::vector<StoredLayer> stored_layers(const Model& model) {
  Walk walk;
  walk.visit(model, "", "");
  return walk.take();
}

}  // namespace graft::saving
