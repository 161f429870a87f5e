// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/merging.hpp"

#include "layers/config.hpp"
#include "layers/merge_layer.hpp"

namespace graft::layers {
namespace {

class CustomScale final : public MergeLayer {
 public:
  CustomScale(double scale, const std::string& name)
      : MergeLayer("CustomScaleLayer", name, ops::BinaryKind::add), scale_(scale) {}

  [[nodiscard]] std::string module_name() const override {
    return "keras.src.applications.inception_resnet_v2";
  }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 2) {
      fail(ErrorKind::invalid_argument, "CustomScaleLayer '", name(), "': expected two inputs, received ",
           inputs.size());
    }
    return MergeLayer::output_shape(inputs);
  }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return MergeLayer::lower(context, {inputs.at(0), lower_scaled(context.graph, inputs.at(1), scale_)});
  }
  [[nodiscard]] Json own_config() const override { return {{"scale", scale_}}; }

 private:
  double scale_;
};

}  // namespace

Layer CustomScaleLayer(double scale, const std::string& name) {
  return Layer(std::make_shared<CustomScale>(scale, name));
}

Layer custom_scale_from_config(const Json& config) {
  const Config reader(config);
  return CustomScaleLayer(reader.number("scale", 1), reader.name());
}

}  // namespace graft::layers
