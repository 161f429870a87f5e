// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"

namespace graft::applications {
namespace nasnet {
namespace {

struct Variant {
  Traits traits;
  std::int64_t filters = 0;  ///< of each branch of the first cells that do not halve the image
  int cells = 0;             ///< between two cells that halve it
  std::int64_t stem_filters = 0;
  bool skips_reduction = false;  ///< the cell after a halving one looks at what came before both
};

// Accuracy: https://keras.io/api/applications/
constexpr Variant kMobile{.traits = {.name = "nasnet_mobile",
                                     .keras_name = "NASNetMobile",
                                     .preprocessing = Preprocessing::tf,
                                     .accuracy = {.top1 = 0.744, .top5 = 0.919}},
                          .filters = 1056 / 24,
                          .cells = 4,
                          .stem_filters = 32,
                          .skips_reduction = false};
constexpr Variant kLarge{.traits = {.name = "nasnet_large",
                                    .keras_name = "NASNetLarge",
                                    .default_size = 331,
                                    .preprocessing = Preprocessing::tf,
                                    .accuracy = {.top1 = 0.825, .top5 = 0.960}},
                         .filters = 4032 / 24,
                         .cells = 6,
                         .stem_filters = 96,
                         .skips_reduction = true};

/// What a cell is made of: the output of the cell before and of the one before that, which is absent at
/// first.
struct Cells {
  SymbolicTensor last;
  std::optional<SymbolicTensor> before;
};

/// A cell's layers carry its name at their ends: "normal_conv_1_7".
class Cell {
 public:
  Cell(std::int64_t filters, std::string name) : filters_(filters), suffix_("_" + std::move(name)) {}

  [[nodiscard]] Cells normal(const Cells& inputs) const;
  [[nodiscard]] Cells reduction(const Cells& inputs) const;

 private:
  [[nodiscard]] std::string named(const std::string& name) const { return name + suffix_; }
  [[nodiscard]] static SymbolicTensor relu(const SymbolicTensor& x, const std::string& name = "") {
    return layers::Activation("relu", name)(x);
  }
  [[nodiscard]] SymbolicTensor normalised(const SymbolicTensor& x, const std::string& name) const {
    return layers::BatchNormalization({.momentum = 0.9997, .epsilon = 1e-3, .name = named(name)})(x);
  }
  [[nodiscard]] SymbolicTensor pointwise(const SymbolicTensor& x, std::int64_t filters,
                                         const std::string& name) const {
    return layers::Conv2D({.filters = filters,
                           .kernel_size = 1,
                           .padding = Padding::same,
                           .use_bias = false,
                           .kernel_initializer = "he_normal",
                           .name = named(name)})(x);
  }
  [[nodiscard]] SymbolicTensor add(const SymbolicTensor& a, const SymbolicTensor& b,
                                   const std::string& name) const {
    return layers::Add(named(name))({a, b});
  }
  /// The mean of 3 x 3 pixels around each.
  [[nodiscard]] SymbolicTensor smoothed(const SymbolicTensor& x, const std::string& name) const {
    return layers::AveragePooling2D(
        {.pool_size = 3, .strides = 1, .padding = Padding::same, .name = named(name)})(x);
  }

  /// Two separable convolutions, the first with this stride; name: "normal_left1".
  struct Separable {
    std::string name;
    std::int64_t kernel_size = 3, stride = 1;
  };
  [[nodiscard]] SymbolicTensor separable(const SymbolicTensor& input, const Separable& block) const;
  [[nodiscard]] SymbolicTensor every_second_pixel(const SymbolicTensor& x, const std::string& number) const;
  [[nodiscard]] SymbolicTensor adjusted(const Cells& inputs) const;
  /// The last cell's output with this cell's filters; kind: "normal".
  [[nodiscard]] SymbolicTensor squeezed(const SymbolicTensor& last, const std::string& kind) const {
    return normalised(pointwise(relu(last), filters_, kind + "_conv_1"), kind + "_bn_1");
  }

  std::int64_t filters_;
  std::string suffix_;
};

SymbolicTensor Cell::separable(const SymbolicTensor& input, const Separable& block) const {
  const auto convolved = [&](const SymbolicTensor& x, const std::string& number, std::int64_t stride) {
    const SymbolicTensor y =
        layers::SeparableConv2D({.filters = filters_,
                                 .kernel_size = block.kernel_size,
                                 .strides = stride,
                                 .padding = stride == 1 ? Padding::same : Padding::valid,
                                 .use_bias = false,
                                 .name = named(cat("separable_conv_", number, "_", block.name))})(x);
    return normalised(y, cat("separable_conv_", number, "_bn_", block.name));
  };
  SymbolicTensor x = relu(input);
  if (block.stride == 2)
    x = pad_for_stride2(x, block.kernel_size, named("separable_conv_1_pad_" + block.name));
  x = convolved(x, "1", block.stride);
  return convolved(relu(x), "2", 1);
}

/// Half of the filters from every second pixel of every second row.
SymbolicTensor Cell::every_second_pixel(const SymbolicTensor& x, const std::string& number) const {
  const SymbolicTensor y =
      layers::AveragePooling2D({.pool_size = 1, .strides = 2, .name = named("adjust_avg_pool_" + number)})(x);
  return pointwise(y, filters_ / 2, "adjust_conv_" + number);
}

/// What came before the last cell, in the last cell's size and with this cell's filters.
SymbolicTensor Cell::adjusted(const Cells& inputs) const {
  if (!inputs.before) return inputs.last;
  const SymbolicTensor& before = *inputs.before;
  if (before.shape[2] != inputs.last.shape[2]) {
    const SymbolicTensor x = relu(before, named("adjust_relu_1"));
    const SymbolicTensor even = every_second_pixel(x, "1");
    SymbolicTensor odd = layers::ZeroPadding2D({.top = 0, .left = 0})(x);
    odd = layers::Cropping2D({.top = 1, .bottom = 0, .left = 1, .right = 0})(odd);
    odd = every_second_pixel(odd, "2");
    return normalised(layers::Concatenate()({even, odd}), "adjust_bn");
  }
  if (before.shape[3] == filters_) return before;
  return normalised(pointwise(relu(before), filters_, "adjust_conv_projection"), "adjust_bn");
}

Cells Cell::normal(const Cells& inputs) const {
  const SymbolicTensor p = adjusted(inputs);
  const SymbolicTensor h = squeezed(inputs.last, "normal");
  const SymbolicTensor left1 = separable(h, {.name = "normal_left1", .kernel_size = 5});
  const SymbolicTensor x1 = add(left1, separable(p, {.name = "normal_right1"}), "normal_add_1");
  const SymbolicTensor left2 = separable(p, {.name = "normal_left2", .kernel_size = 5});
  const SymbolicTensor x2 = add(left2, separable(p, {.name = "normal_right2"}), "normal_add_2");
  const SymbolicTensor x3 = add(smoothed(h, "normal_left3"), p, "normal_add_3");
  const SymbolicTensor left4 = smoothed(p, "normal_left4");
  const SymbolicTensor x4 = add(left4, smoothed(p, "normal_right4"), "normal_add_4");
  const SymbolicTensor x5 = add(separable(h, {.name = "normal_left5"}), h, "normal_add_5");
  return {layers::Concatenate({.name = named("normal_concat")})({p, x1, x2, x3, x4, x5}), inputs.last};
}

Cells Cell::reduction(const Cells& inputs) const {
  const SymbolicTensor p = adjusted(inputs);
  const SymbolicTensor h = squeezed(inputs.last, "reduction");
  const SymbolicTensor padded = pad_for_stride2(h, 3, named("reduction_pad_1"));
  const auto halved = [&](const SymbolicTensor& x, const std::string& name, std::int64_t kernel_size) {
    return separable(x, {.name = name, .kernel_size = kernel_size, .stride = 2});
  };
  const auto largest = [&](const std::string& name) {
    return layers::MaxPooling2D({.pool_size = 3, .strides = 2, .name = named(name)})(padded);
  };
  const SymbolicTensor left1 = halved(h, "reduction_left1", 5);
  const SymbolicTensor x1 = add(left1, halved(p, "reduction_right1", 7), "reduction_add_1");
  const SymbolicTensor left2 = largest("reduction_left2");
  const SymbolicTensor x2 = add(left2, halved(p, "reduction_right2", 7), "reduction_add_2");
  const SymbolicTensor left3 =
      layers::AveragePooling2D({.pool_size = 3, .strides = 2, .name = named("reduction_left3")})(padded);
  const SymbolicTensor x3 = add(left3, halved(p, "reduction_right3", 5), "reduction_add3");
  const SymbolicTensor x4 = layers::Add()({x2, smoothed(x1, "reduction_left4")});
  const SymbolicTensor left5 = separable(x1, {.name = "reduction_left4"});
  const SymbolicTensor x5 = add(left5, largest("reduction_right5"), "reduction_add4");
  return {layers::Concatenate({.name = named("reduction_concat")})({x2, x3, x4, x5}), inputs.last};
}

SymbolicTensor body(const Variant& variant, const SymbolicTensor& input) {
  SymbolicTensor x = layers::Conv2D({.filters = variant.stem_filters,
                                     .kernel_size = 3,
                                     .strides = 2,
                                     .use_bias = false,
                                     .kernel_initializer = "he_normal",
                                     .name = "stem_conv1"})(input);
  x = layers::BatchNormalization({.momentum = 0.9997, .epsilon = 1e-3, .name = "stem_bn1"})(x);
  const std::int64_t filters = variant.filters;
  Cells cells{.last = x, .before = std::nullopt};
  cells = Cell(filters / 4, "stem_1").reduction(cells);
  cells = Cell(filters / 2, "stem_2").reduction(cells);
  for (int stage = 0; stage < 3; ++stage) {
    const std::int64_t width = filters << stage;
    if (stage > 0) {
      const Cells halved = Cell(width, cat("reduce_", stage * variant.cells)).reduction(cells);
      cells = {halved.last, variant.skips_reduction ? cells.before : halved.before};
    }
    const int first = stage * variant.cells + (stage > 0 ? 1 : 0);
    for (int i = 0; i < variant.cells; ++i) cells = Cell(width, cat(first + i)).normal(cells);
  }
  return layers::Activation("relu")(cells.last);
}

PublishedWeights published(const Variant& variant, const ApplicationOptions& options) {
  return published_file(cat(variant.traits.name, options.include_top ? "" : "_no_top", ".h5"));
}

Model build(const Variant& variant, const ApplicationOptions& given) {
  ApplicationOptions options = given;
  const bool mobile = variant.traits.default_size == 224;
  if (mobile && !options.include_top && !options.input_tensor && options.input_shape.rank() == 0)
    options.input_shape = {224, 224, 3};
  const Shape shape = given_shape(options);
  if (options.weights == "imagenet" && shape.rank() == 3 && (shape[0] < 0 || shape[1] < 0)) {
    fail(ErrorKind::invalid_argument, variant.traits.keras_name,
         ": with weights imagenet the input's height and width must be known, received ", shape);
  }
  const Start begun = start(variant.traits, options);
  SymbolicTensor x = body(variant, begun.x);
  x = options.include_top ? classifier(layers::GlobalAveragePooling2D()(x), options) : pooled(x, options);
  return finish(variant.traits, options, begun, x,
                {.default_name = std::string(variant.traits.name),
                 .published = published(variant, options),
                 .published_top = options.include_top});
}

constexpr std::array kMembers{entry<kLarge, build, published>(), entry<kMobile, build, published>()};

}  // namespace
}  // namespace nasnet

std::span<const Application> nasnet_family() { return nasnet::kMembers; }

Model NASNetMobile(const ApplicationOptions& options) { return nasnet::build(nasnet::kMobile, options); }
Model NASNetLarge(const ApplicationOptions& options) { return nasnet::build(nasnet::kLarge, options); }

}  // namespace graft::applications
