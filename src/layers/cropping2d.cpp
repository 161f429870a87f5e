// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class Cropping2DLayer final : public LayerBase {
 public:
  explicit Cropping2DLayer(Cropping2DOptions options)
      : LayerBase("Cropping2D", options.name), options_(std::move(options)) {
    for (const std::int64_t side : {options_.top, options_.bottom, options_.left, options_.right}) {
      if (side >= 0) continue;
      fail(ErrorKind::invalid_argument, "Cropping2D '", name(), "': expected no negative cropping, received ",
           side);
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    Shape shape = only_input(inputs, 4);
    const std::int64_t rows = options_.top + options_.bottom;
    const std::int64_t columns = options_.left + options_.right;
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
    return context.graph.add(ops::Crop{options_.top, options_.bottom, options_.left, options_.right}, inputs,
                             output);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"cropping", sides_json({options_.top, options_.bottom, options_.left, options_.right})},
            {"data_format", "channels_last"}};
  }

 private:
  Cropping2DOptions options_;
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

Layer cropping2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  const Sides sides = reader.sides("cropping", {});
  return Cropping2D({.top = sides.top,
                     .bottom = sides.bottom,
                     .left = sides.left,
                     .right = sides.right,
                     .name = reader.name()});
}

}  // namespace graft::layers
