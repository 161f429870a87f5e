// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class ResizingLayer final : public LayerBase {
 public:
  explicit ResizingLayer(ResizingOptions options)
      : LayerBase("Resizing", options.name), options_(std::move(options)) {
    if (options_.height < 1 || options_.width < 1) {
      fail(ErrorKind::invalid_argument, "Resizing '", name(), "': height and width must be at least 1");
    }
    if (options_.interpolation != "bilinear" && options_.interpolation != "nearest") {
      fail(ErrorKind::unsupported, "Resizing '", name(), "': interpolation '", options_.interpolation,
           "' is not supported; use bilinear or nearest");
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 4);
    return {input[0], options_.height, options_.width, input[3]};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const Shape output = output_shape({input});
    if (input == output) return inputs[0];
    const auto interpolation =
        options_.interpolation == "nearest" ? ops::Interpolation::nearest : ops::Interpolation::bilinear;
    return context.graph.add(ops::Resize{interpolation}, inputs, output);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"height", options_.height},
            {"width", options_.width},
            {"interpolation", options_.interpolation},
            {"crop_to_aspect_ratio", false},
            {"data_format", "channels_last"}};
  }

 private:
  ResizingOptions options_;
};

}  // namespace

Layer Resizing(ResizingOptions options) { return Layer(std::make_shared<ResizingLayer>(std::move(options))); }

Layer resizing_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  for (const char* key : {"crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"}) {
    if (reader.boolean(key, false)) {
      fail(ErrorKind::unsupported, "Resizing '", reader.name(), "': ", key, " is not supported");
    }
  }
  return Resizing({.height = reader.integer("height", 0),
                   .width = reader.integer("width", 0),
                   .interpolation = reader.text("interpolation", "bilinear"),
                   .name = reader.name()});
}

}  // namespace graft::layers
