// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

/// What both layers share: the output's size and the ways to it.
class CropLayer : public LayerBase {
 public:
  CropLayer(const char* class_name, const std::string& name, Size2D size)
      : LayerBase(class_name, name), size_(size) {
    if (size.height >= 1 && size.width >= 1) return;
    fail(ErrorKind::invalid_argument, class_name, " '", this->name(),
         "': height and width must be at least 1");
  }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 4);
    return {input[0], size_.height, size_.width, input[3]};
  }

 protected:
  [[nodiscard]] Size2D size() const { return size_; }

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
    const Size2D part{fitted(input[1], input[2], size_.height, size_.width),
                      fitted(input[2], input[1], size_.width, size_.height)};
    const ops::ValueId cropped = middle(graph, x, part);
    const Shape output = output_shape({input});
    return graph.shape(cropped) == output ? cropped : graph.add(ops::Resize{}, {cropped}, output);
  }

 private:
  Size2D size_;
};

class CenterCropLayer final : public CropLayer {
 public:
  explicit CenterCropLayer(const CenterCropOptions& options)
      : CropLayer("CenterCrop", options.name, {options.height, options.width}) {}

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const bool fits = input[1] >= size().height && input[2] >= size().width;
    return fits ? middle(context.graph, inputs[0], size()) : smart_resize(context.graph, inputs[0]);
  }
  [[nodiscard]] Json own_config() const override {
    return {{"height", size().height}, {"width", size().width}, {"data_format", "channels_last"}};
  }
};

class RandomCropLayer final : public CropLayer {
 public:
  explicit RandomCropLayer(const RandomCropOptions& options)
      : CropLayer("RandomCrop", options.name, {options.height, options.width}), seed_(options.seed) {}

  [[nodiscard]] bool has_random_state() const override { return true; }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const bool larger = input[1] > size().height && input[2] > size().width;
    if (!context.training || !larger) return smart_resize(context.graph, inputs[0]);
    return context.graph.add(ops::RandomCrop{seed_or_default(seed_)}, inputs, output_shape({input}));
  }
  [[nodiscard]] Json own_config() const override {
    return {{"height", size().height},
            {"width", size().width},
            {"seed", seed_json(seed_)},
            {"data_format", "channels_last"}};
  }

 private:
  std::optional<std::uint64_t> seed_;
};

}  // namespace

Layer CenterCrop(CenterCropOptions options) { return Layer(std::make_shared<CenterCropLayer>(options)); }

Layer center_crop_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return CenterCrop(
      {.height = reader.integer("height", 0), .width = reader.integer("width", 0), .name = reader.name()});
}

Layer RandomCrop(RandomCropOptions options) { return Layer(std::make_shared<RandomCropLayer>(options)); }

Layer random_crop_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return RandomCrop({.height = reader.integer("height", 0),
                     .width = reader.integer("width", 0),
                     .seed = reader.optional_seed(),
                     .name = reader.name()});
}

}  // namespace graft::layers
