// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

/// Shared by both layers: the output's size, cropping and resizing.
template <const auto& kFields>
class CropLayer : public OptionsLayer<kFields> {
 public:
  CropLayer(const char* class_name, OptionsOf<kFields> given)
      : OptionsLayer<kFields>(class_name, std::move(given)) {
    if (size().height >= 1 && size().width >= 1) return;
    fail(ErrorKind::invalid_argument, class_name, " '", this->name(),
         "': height and width must be at least 1");
  }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = this->only_input(inputs, 4);
    return {input[0], size().height, size().width, input[3]};
  }

 protected:
  [[nodiscard]] Size2D size() const { return {this->options().height, this->options().width}; }

  /// The middle part of this size; odd pixels are cut off at the bottom and the right.
  [[nodiscard]] static ops::ValueId middle(ops::Graph& graph, ops::ValueId x, Size2D part) {
    const Shape input = graph.shape(x);
    const std::int64_t rows = input[1] - part.height;
    const std::int64_t columns = input[2] - part.width;
    if (rows == 0 && columns == 0) return x;
    return graph.add(ops::Crop{rows / 2, rows - rows / 2, columns / 2, columns - columns / 2}, {x},
                     {input[0], part.height, part.width, input[3]});
  }
  /// The largest middle part of the output's proportions, resized.
  [[nodiscard]] ops::ValueId smart_resize(ops::Graph& graph, ops::ValueId x) const {
    const Shape input = graph.shape(x);
    const auto fitted = [](std::int64_t most, std::int64_t across, std::int64_t own, std::int64_t other) {
      const double exact =
          static_cast<double>(across) * static_cast<double>(own) / static_cast<double>(other);
      return exact >= static_cast<double>(most) ? most
                                                : std::max<std::int64_t>(1, static_cast<std::int64_t>(exact));
    };
    const Size2D part{fitted(input[1], input[2], size().height, size().width),
                      fitted(input[2], input[1], size().width, size().height)};
    const ops::ValueId cropped = middle(graph, x, part);
    const Shape output = output_shape({input});
    return graph.shape(cropped) == output ? cropped : graph.add(ops::Resize{}, {cropped}, output);
  }
};

constexpr auto kCenterCropFields = fields<CenterCropOptions>(field<&CenterCropOptions::height>("height"),
                                                             field<&CenterCropOptions::width>("width"),
                                                             data_format_field<CenterCropOptions>());

class CenterCropLayer final : public CropLayer<kCenterCropFields> {
 public:
  explicit CenterCropLayer(CenterCropOptions given) : CropLayer("CenterCrop", std::move(given)) {}

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const bool fits = input[1] >= size().height && input[2] >= size().width;
    return fits ? middle(context.graph, inputs[0], size()) : smart_resize(context.graph, inputs[0]);
  }
};

constexpr auto kRandomCropFields = fields<RandomCropOptions>(
    field<&RandomCropOptions::height>("height"), field<&RandomCropOptions::width>("width"),
    field<&RandomCropOptions::seed, SeedCodec>("seed"), data_format_field<RandomCropOptions>());

class RandomCropLayer final : public CropLayer<kRandomCropFields> {
 public:
  explicit RandomCropLayer(RandomCropOptions given) : CropLayer("RandomCrop", std::move(given)) {}

  [[nodiscard]] bool has_random_state() const override { return true; }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const bool larger = input[1] > size().height && input[2] > size().width;
    if (!context.training || !larger) return smart_resize(context.graph, inputs[0]);
    return context.graph.add(ops::RandomCrop{seed_or_default(options().seed)}, inputs, output_shape({input}));
  }
};

}  // namespace

Layer CenterCrop(CenterCropOptions options) {
  return Layer(std::make_shared<CenterCropLayer>(std::move(options)));
}

Layer RandomCrop(RandomCropOptions options) {
  return Layer(std::make_shared<RandomCropLayer>(std::move(options)));
}

constinit const LayerClass kCenterCropClass = layer_class<kCenterCropFields, CenterCrop>("CenterCrop");
constinit const LayerClass kRandomCropClass = layer_class<kRandomCropFields, RandomCrop>("RandomCrop");

}  // namespace graft::layers
