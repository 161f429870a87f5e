// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kCropping2DFields =
    fields<Cropping2DOptions>(whole_field<Cropping2DOptions, SidesCodec<Cropping2DOptions>>("cropping"),
                              data_format_field<Cropping2DOptions>());

class Cropping2DLayer final : public OptionsLayer<kCropping2DFields> {
 public:
  explicit Cropping2DLayer(Cropping2DOptions given) : OptionsLayer("Cropping2D", std::move(given)) {
    for (const std::int64_t side : {options().top, options().bottom, options().left, options().right}) {
      if (side >= 0) continue;
      fail(ErrorKind::invalid_argument, "Cropping2D '", name(), "': expected no negative cropping, received ",
           side);
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    Shape shape = only_input(inputs, 4);
    const std::int64_t rows = options().top + options().bottom;
    const std::int64_t columns = options().left + options().right;
    if ((shape[1] >= 0 && shape[1] <= rows) || (shape[2] >= 0 && shape[2] <= columns)) {
      bad_input(cat("more than the ", rows, " rows and ", columns, " columns that are cut off"), shape);
    }
    if (shape[1] >= 0) shape.set(1, shape[1] - rows);
    if (shape[2] >= 0) shape.set(2, shape[2] - columns);
    return shape;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape output = output_shape({context.graph.shape(inputs[0])});
    return context.graph.add(ops::Crop{options().top, options().bottom, options().left, options().right},
                             inputs, output);
  }
};

}  // namespace

Layer Cropping2D(Cropping2DOptions options) {
  return Layer(std::make_shared<Cropping2DLayer>(std::move(options)));
}

Layer Cropping2D(Size2D cropping, const std::string& name) {
  return Cropping2D({.top = cropping.height,
                     .bottom = cropping.height,
                     .left = cropping.width,
                     .right = cropping.width,
                     .name = name});
}

constinit const LayerClass kCropping2DClass =
    layer_class<kCropping2DFields, static_cast<Layer (*)(Cropping2DOptions)>(Cropping2D)>("Cropping2D");

}  // namespace graft::layers
