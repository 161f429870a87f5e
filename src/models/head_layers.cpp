// SPDX-License-Identifier: Apache-2.0
#include "models/head_layers.hpp"

#include <algorithm>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/models/functional_model.hpp"

namespace graft::models {
namespace {

/// Walks from the output towards the input, through nested models, as long as layers have one input.
class WayUp {
 public:
  explicit WayUp(const Model& model) : tensor_(model.outputs().front()), models_{model} { settle(); }

  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] Layer layer() const { return Layer(tensor_.layer); }
  /// Of the layer's only input; rank 0 when it has several.
  [[nodiscard]] Shape input() const { return node().inputs.size() == 1 ? node().inputs[0].shape : Shape(); }

  void step() {
    if (node().inputs.size() != 1) {
      ended_ = true;
      return;
    }
    tensor_ = node().inputs.front();
    settle();
  }

 private:
  [[nodiscard]] const layers::Node& node() const {
    return tensor_.layer->nodes().at(static_cast<std::size_t>(tensor_.node));
  }

  /// Into nested models, and out of them at their inputs.
  void settle() {
    while (!ended_) {
      const std::vector<SymbolicTensor>& inputs = models_.back().inputs();
      const auto input = std::ranges::find(inputs, tensor_);
      if (input != inputs.end()) {
        models_.pop_back();
        ended_ = models_.empty();
        if (ended_) return;
        const layers::Node& call =
            calls_.back().layer->nodes().at(static_cast<std::size_t>(calls_.back().node));
        tensor_ = call.inputs.at(static_cast<std::size_t>(input - inputs.begin()));
        calls_.pop_back();
        continue;
      }
      const Model nested = as_model(Layer(tensor_.layer));
      if (nested.base() == nullptr) return;
      calls_.push_back(tensor_);
      models_.push_back(nested);
      tensor_ = nested.outputs().at(static_cast<std::size_t>(tensor_.index));
    }
  }

  SymbolicTensor tensor_;
  std::vector<Model> models_;
  std::vector<SymbolicTensor> calls_;
  bool ended_ = false;
};

std::int64_t units_of(const Layer& layer) {
  const Json config = layer.config();
  if (layer.class_name() == "Dense") return config["units"].get<std::int64_t>();
  // As SqueezeNet ends: a score for each class and position, then their average.
  const bool scores = layer.class_name() == "Conv2D" && config["kernel_size"] == Json::array({1, 1});
  return scores ? config["filters"].get<std::int64_t>() : 0;
}

}  // namespace

HeadLayers find_head(const Model& model) {
  if (model.outputs().size() != 1) {
    fail(ErrorKind::invalid_argument, "model '", model.name(), "' has ", model.outputs().size(),
         " outputs; a head can be given to a model with one");
  }
  if (model.output_shape().rank() != 2) {
    fail(ErrorKind::invalid_argument, "model '", model.name(),
         "' does not end in a classifier: expected an output (None, classes), its output is ",
         model.output_shape(), "; insert layers after its last one instead");
  }
  HeadLayers head;
  WayUp way(model);
  for (; !way.ended(); way.step()) {
    head.units = units_of(way.layer());
    if (head.units > 0 || !way.layer().weights().empty()) break;
    head.after.push_back(way.layer());
  }
  if (head.units == 0) {
    fail(ErrorKind::invalid_argument, "model '", model.name(),
         "' does not end in a classifier: expected a Dense or Conv2D layer as the last with weights",
         way.ended() ? cat(", found none")
                     : cat(", found ", way.layer().class_name(), " '", way.layer().name(), "'"),
         ". Insert layers after its last one instead");
  }
  head.classifier = way.layer();
  if (way.input().rank() != 2) return head;
  for (way.step(); !way.ended() && way.input().rank() == 2; way.step()) head.in_front.push_back(way.layer());
  return head;
}

void fit_target_shape(Json& config, std::int64_t before, std::int64_t after) {
  const auto target = config.find("target_shape");
  if (target == config.end() || !target->is_array() || target->empty()) return;
  if (target->back() == before) target->back() = after;
}

}  // namespace graft::models
