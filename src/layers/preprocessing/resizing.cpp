// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

void check_resizing(const ConfigReader& reader) {
  for (const char* key : {"crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"})
    if (reader.boolean(key, false)) refuse(reader, "Resizing", cat(key, " is not supported"));
}

constexpr auto kResizingFields = fields<ResizingOptions>(
    field<&ResizingOptions::height>("height"), field<&ResizingOptions::width>("width"),
    field<&ResizingOptions::interpolation>("interpolation"),
    fixed_field<ResizingOptions>("crop_to_aspect_ratio", [](const void*) -> Json { return false; }),
    data_format_field<ResizingOptions>());

class ResizingLayer final : public OptionsLayer<kResizingFields> {
 public:
  explicit ResizingLayer(ResizingOptions given) : OptionsLayer("Resizing", std::move(given)) {
    if (options().height < 1 || options().width < 1) {
      fail(ErrorKind::invalid_argument, "Resizing '", name(), "': height and width must be at least 1");
    }
    if (options().interpolation != "bilinear" && options().interpolation != "nearest") {
      fail(ErrorKind::unsupported, "Resizing '", name(), "': interpolation '", options().interpolation,
           "' is not supported; use bilinear or nearest");
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 4);
    return {input[0], options().height, options().width, input[3]};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const Shape output = output_shape({input});
    if (input == output) return inputs[0];
    const auto interpolation =
        options().interpolation == "nearest" ? ops::Interpolation::nearest : ops::Interpolation::bilinear;
    return context.graph.add(ops::Resize{interpolation}, inputs, output);
  }
};

}  // namespace

Layer Resizing(ResizingOptions options) { return Layer(std::make_shared<ResizingLayer>(std::move(options))); }

constinit const LayerClass kResizingClass =
    layer_class<kResizingFields, Resizing, check_resizing>("Resizing");

}  // namespace graft::layers
