// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

/// (None, H, W, C), the batch axis first.
struct BatchShapeCodec {
  static constexpr const char* kType = "shape";
  static void read(const ConfigReader& reader, const char* key, Shape& value) {
    value = Shape(reader.integers(key)).without_batch();
  }
  static Json write(const Shape& value) { return NullableSizesCodec::write(value.with_batch(-1)); }
};

constexpr auto kInputLayerFields = fields<InputLayerOptions>(
    field<&InputLayerOptions::shape, BatchShapeCodec>("batch_shape").formerly("batch_input_shape"),
    fixed_field<InputLayerOptions>("dtype", [](const void*) -> Json { return "float32"; }),
    fixed_field<InputLayerOptions>("sparse", [](const void*) -> Json { return false; }),
    fixed_field<InputLayerOptions>("ragged", [](const void*) -> Json { return false; }));

void check_batch_shape(const ConfigReader& reader) {
  const Json* shape = reader.find(reader.has("batch_shape") ? "batch_shape" : "batch_input_shape");
  if (shape != nullptr && shape->is_array() && !shape->empty()) return;
  fail(ErrorKind::bad_file, "config of InputLayer '", reader.text("name", ""), "': it has no batch_shape");
}

class InputLayerImpl final : public OptionsLayer<kInputLayerFields> {
 public:
  explicit InputLayerImpl(InputLayerOptions given) : OptionsLayer("InputLayer", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>&) const override {
    return options().shape.with_batch(-1);
  }
  [[nodiscard]] ops::ValueId lower(LowerContext&, const std::vector<ops::ValueId>& inputs) const override {
    return inputs.front();  // the model passes its own input through
  }
  /// Keras's InputLayer has no `trainable`.
  [[nodiscard]] Json config() const override {
    Json config = own_config();
    config["name"] = name();
    return config;
  }
};

}  // namespace

Layer InputLayer(InputLayerOptions options) {
  return Layer(std::make_shared<InputLayerImpl>(std::move(options)));
}

constinit const LayerClass kInputLayerClass =
    layer_class<kInputLayerFields, InputLayer, check_batch_shape>("InputLayer");

}  // namespace graft::layers

namespace graft {

SymbolicTensor Input(const Shape& shape, const std::string& name) {
  const Layer layer = layers::InputLayer({.shape = shape, .name = name});
  return layer(std::vector<SymbolicTensor>{});
}

}  // namespace graft
