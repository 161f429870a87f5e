// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/layers/merging.hpp"

#include "layers/layer_class.hpp"
#include "layers/merging/broadcasting.hpp"

namespace graft::layers {
namespace {

struct CustomScaleOptions {
  double scale = 1;
  std::string name;
};
constexpr auto kCustomScaleFields = fields<CustomScaleOptions>(field<&CustomScaleOptions::scale>("scale"));

class CustomScale final : public MergeLayer {
 public:
  explicit CustomScale(CustomScaleOptions options)
      : MergeLayer("CustomScaleLayer", options.name, ops::BinaryKind::add), options_(std::move(options)) {}

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
    return MergeLayer::lower(context,
                             {inputs.at(0), lower_scaled(context.graph, inputs.at(1), options_.scale)});
  }
  [[nodiscard]] Json own_config() const override { return write_options(kCustomScaleFields, options_); }

 private:
  CustomScaleOptions options_;
};

}  // namespace

Layer CustomScaleLayer(double scale, const std::string& name) {
  return Layer(std::make_shared<CustomScale>(CustomScaleOptions{.scale = scale, .name = name}));
}

constinit const LayerClass kCustomScaleLayerClass =
    layer_class<kCustomScaleFields, [](CustomScaleOptions options) {
      return Layer(std::make_shared<CustomScale>(std::move(options)));
    }>("CustomScaleLayer");

}  // namespace graft::layers
