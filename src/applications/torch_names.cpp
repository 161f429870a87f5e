// SPDX-License-Identifier: Apache-2.0
#include "graft/applications/torch_names.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "graft/base/error.hpp"
#include "graft/extend/layer.hpp"
#include "graft/models/find_layer.hpp"

#include "applications/torch_definitions.hpp"

namespace graft::applications {
namespace {

// A separable convolution is two modules there.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kWeightNames{
    {{"kernel", "weight"},
     {"depthwise_kernel", "conv1.weight"},
     {"pointwise_kernel", "pointwise.weight"},
     {"bias", "bias"},
     {"gamma", "weight"},
     {"beta", "bias"},
     {"moving_mean", "running_mean"},
     {"moving_variance", "running_var"}}};

/// PyTorch's name of a weight within its module; nothing for weights that PyTorch's modules lack.
std::optional<std::string_view> weight_name(std::string_view ours) {
  const auto found =
      std::ranges::find(kWeightNames, ours, &std::pair<std::string_view, std::string_view>::first);
  if (found == kWeightNames.end()) return std::nullopt;
  return found->second;
}

TorchLayout layout_of(const Layer& layer, const Variable& variable) {
  if (variable.name() == "depthwise_kernel") return TorchLayout::depthwise;
  if (!variable.name().ends_with("kernel")) return TorchLayout::as_is;
  if (layer.class_name() == "DepthwiseConv2D") return TorchLayout::depthwise;
  return variable.shape().rank() == 4 ? TorchLayout::convolution : TorchLayout::linear;
}

/// (H, W, C) where the layer's input is a Flatten's output, with nothing but Dropout between; else empty.
Shape flattened_before(const Layer& layer) {
  const layers::LayerBase* from = layer.base().get();
  do {
    if (from->nodes().empty() || from->nodes().front().inputs.empty()) return {};
    from = from->nodes().front().inputs.front().layer.get();
  } while (from->class_name() == "Dropout");
  if (from->class_name() != "Flatten") return {};
  const Shape image = from->nodes().front().inputs.front().shape.without_batch();
  return image.rank() == 3 && image[0] * image[1] > 1 ? image : Shape{};
}

TorchWeight torch_weight(const Layer& layer, const VariablePtr& variable, std::string name) {
  const TorchLayout layout = layout_of(layer, *variable);
  return {.variable = variable,
          .torch_name = std::move(name),
          .layout = layout,
          .flattened = layout == TorchLayout::linear ? flattened_before(layer) : Shape{}};
}

std::vector<TorchWeight> names_by(const TorchDefinition& definition, const Model& model) {
  const TorchModules modules = definition.modules(model);
  std::vector<TorchWeight> weights;
  for (const models::FoundLayer& found : models::all_layers(model)) {
    const Layer& layer = found.layer;
    const auto module = modules.find(layer.name());
    if (module == modules.end()) continue;
    for (const VariablePtr& variable : layer.weights()) {
      if (layer.class_name() == "LayerScale") {  // no module there, but a tensor of the block
        weights.push_back(torch_weight(layer, variable, module->second));
        continue;
      }
      const auto name = weight_name(variable->name());
      if (!name) continue;
      weights.push_back(torch_weight(layer, variable, cat(module->second, ".", *name)));
    }
  }
  return weights;
}

/// Networks that PyTorch has under the same name, or nearly, but with another arithmetic.
struct Otherwise {
  std::string_view layer;  ///< that they have here
  std::string_view reason;
};
constexpr std::array<Otherwise, 2> kOtherwise{
    {{"conv2_block1_preact_bn",
      "timm's resnetv2_50 and its like are other networks than Keras's ResNet50V2: they halve the image in a "
      "stage's first block, Keras in its last, and their convolutions have no biases. Use Keras's files"},
     {"reduction_conv_1_stem_1",
      "timm's nasnetalarge orders and names its cells in another way, which graft does not know. Use Keras's "
      "files"}}};

/// Why no definition of PyTorch's fits, where that is known; else empty.
std::string why_not(const Model& model) {
  for (const models::FoundLayer& found : models::all_layers(model)) {
    const auto known = std::ranges::find(kOtherwise, found.layer.name(), &Otherwise::layer);
    if (known != kOtherwise.end()) return std::string(known->reason);
  }
  return "";
}

/// Where the elements of each of our axes are in the tensor: its steps in our order of axes.
Tensor permuted(const Tensor& source, const Shape& target, const std::vector<std::int64_t>& steps) {
  Tensor result(target);
  const auto in = source.data<float>();
  auto out = result.data<float>();
  std::vector<std::int64_t> place(target.rank(), 0);
  std::int64_t from = 0;
  for (float& value : out) {
    value = in[static_cast<std::size_t>(from)];
    for (std::size_t axis = target.rank(); axis-- > 0;) {
      from += steps[axis];
      if (++place[axis] < target.sizes()[axis]) break;
      from -= steps[axis] * target.sizes()[axis];
      place[axis] = 0;
    }
  }
  return result;
}

void check_rank(const Tensor& tensor, std::size_t rank, const char* meaning) {
  if (tensor.shape().rank() == rank) return;
  fail(ErrorKind::shape_mismatch, "PyTorch weight: expected ", meaning, ", received ", tensor.shape());
}

/// The tensor with as many axes as the weight has: (O, I) and (O, I, 1, 1) are the same elements, as are
/// (O, C, H, W) and (O, C H W), and (C, 1, 1) and (C).
Tensor with_rank_of(const Tensor& tensor, const TorchWeight& weight) {
  const Shape& shape = tensor.shape();
  if (weight.layout == TorchLayout::as_is && shape.rank() == 3 && shape[1] * shape[2] == 1)
    return tensor.reshape({shape[0]});
  if (weight.layout == TorchLayout::convolution && shape.rank() == 2)
    return tensor.reshape({shape[0], shape[1], 1, 1});
  if (weight.layout == TorchLayout::linear && shape.rank() == 4)
    return tensor.reshape({shape[0], shape[1] * shape[2] * shape[3]});
  return tensor;
}

}  // namespace

std::vector<TorchWeight> torch_names(const Model& model, std::span<const std::string> available) {
  const std::set<std::string_view> present(available.begin(), available.end());
  std::vector<TorchWeight> best;
  std::ptrdiff_t best_score = 0;
  for (const TorchDefinition& definition : torch_definitions()) {
    std::vector<TorchWeight> weights = names_by(definition, model);
    const auto found = [&](const TorchWeight& weight) {
      return present.empty() || present.contains(weight.torch_name);
    };
    // Where a file has none of the names, the caller's report should still say which ones were missing.
    const std::ptrdiff_t score = std::ranges::count_if(weights, found) + (weights.empty() ? 0 : 1);
    if (score <= best_score) continue;
    best = std::move(weights);
    best_score = score;
  }
  if (best.empty()) {
    std::string known = why_not(model);
    if (!known.empty()) fail(ErrorKind::unsupported, "model '", model.name(), "': ", known);
    for (const TorchDefinition& definition : torch_definitions())
      known += cat(known.empty() ? "" : ", ", definition.name);
    fail(ErrorKind::unsupported, "model '", model.name(),
         "': no PyTorch definition of this network is known to graft; known are ", known);
  }
  return best;
}

bool is_torch_bookkeeping(std::string_view torch_name) { return torch_name.ends_with("num_batches_tracked"); }

Tensor from_torch(const Tensor& tensor, TorchLayout layout, std::int64_t depthwise_channels) {
  const Tensor source = tensor.to(DType::float32);
  const Shape& shape = source.shape();
  switch (layout) {
    case TorchLayout::as_is:
      return source.clone();
    case TorchLayout::linear:
      check_rank(source, 2, "a linear layer's (out, in)");
      return permuted(source, {shape[1], shape[0]}, {1, shape[1]});
    case TorchLayout::convolution: {
      check_rank(source, 4, "a convolution's (out, in, kh, kw)");
      const std::int64_t area = shape[2] * shape[3];
      return permuted(source, {shape[2], shape[3], shape[1], shape[0]}, {shape[3], 1, area, shape[1] * area});
    }
    case TorchLayout::depthwise: {
      check_rank(source, 4, "a depthwise convolution's (channels, 1, kh, kw)");
      const std::int64_t channels = depthwise_channels > 0 ? depthwise_channels : shape[0];
      if (shape[1] != 1 || channels < 1 || shape[0] % channels != 0) {
        fail(ErrorKind::shape_mismatch, "PyTorch weight: expected a depthwise convolution of ", channels,
             " channels, received ", shape);
      }
      const std::int64_t multiplier = shape[0] / channels;
      const std::int64_t area = shape[2] * shape[3];
      return permuted(source, {shape[2], shape[3], channels, multiplier},
                      {shape[3], 1, multiplier * area, area});
    }
  }
  fail(ErrorKind::internal, "from_torch: unknown layout ", static_cast<int>(layout));
}

Tensor from_torch(const Tensor& tensor, const TorchWeight& weight) {
  const Tensor source = with_rank_of(tensor, weight);
  const Shape& image = weight.flattened;
  const std::int64_t channels =
      weight.layout == TorchLayout::depthwise && weight.variable ? weight.variable->shape()[2] : 0;
  if (image.rank() != 3) return from_torch(source, weight.layout, channels);
  const std::int64_t area = image[0] * image[1];
  if (source.shape().rank() != 2 || source.shape()[1] != area * image[2]) {
    fail(ErrorKind::shape_mismatch, "PyTorch weight ", weight.torch_name, ": expected (out, ",
         area * image[2], ") for ", image, " flattened, received ", source.shape());
  }
  const std::int64_t outputs = source.shape()[0];
  return permuted(source.to(DType::float32), {image[0], image[1], image[2], outputs},
                  {image[1], 1, area, area * image[2]})
      .reshape({area * image[2], outputs});
}

}  // namespace graft::applications
