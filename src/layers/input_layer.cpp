// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/core.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class InputLayerImpl final : public LayerBase {
 public:
  explicit InputLayerImpl(InputLayerOptions options)
      : LayerBase("InputLayer", std::move(options.name)), shape_(std::move(options.shape)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>&) const override { return shape_.with_batch(-1); }
  [[nodiscard]] ops::ValueId lower(LowerContext&, const std::vector<ops::ValueId>& inputs) const override {
    return inputs.front();  // the model hands its own input through
  }
  [[nodiscard]] Json own_config() const override {
    Json shape = Json::array({nullptr});
    for (const std::int64_t size : shape_.sizes()) shape.push_back(size < 0 ? Json(nullptr) : Json(size));
    return {{"batch_shape", shape}, {"dtype", "float32"}, {"sparse", false}, {"ragged", false}};
  }
  /// Keras's InputLayer takes no `trainable`.
  [[nodiscard]] Json config() const override {
    Json config = own_config();
    config["name"] = name();
    return config;
  }

 private:
  Shape shape_;
};

}  // namespace

Layer InputLayer(InputLayerOptions options) {
  return Layer(std::make_shared<InputLayerImpl>(std::move(options)));
}

Layer from_config("InputLayer", const Json& config) {
  const Config reader(config);
  const char* key = reader.has("batch_shape") ? "batch_shape" : "batch_input_shape";
  if (!reader.has(key) || !config.at(key).is_array() || config.at(key).empty()) {
    fail(ErrorKind::bad_file, "config of InputLayer '", reader.name(), "': it has no batch_shape");
  }
  return InputLayer({.shape = Shape(reader.integers(key)).without_batch(), .name = reader.name()});
}

}  // namespace graft::layers

namespace graft {

SymbolicTensor Input(const Shape& shape, const std::string& name) {
  const Layer layer = layers::InputLayer({.shape = shape, .name = name});
  return layer(std::vector<SymbolicTensor>{});
}

}  // namespace graft
