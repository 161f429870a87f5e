// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/applications.hpp"
#include "graft/model.hpp"

namespace graft::applications {

/// PyTorch's order of a weight's axes, compared with Keras's.
enum class TorchLayout {
  as_is,        ///< (C): biases and the weights of BatchNormalization
  convolution,  ///< (out, in, kh, kw), Keras (kh, kw, in, out)
  depthwise,    ///< (C m, 1, kh, kw), Keras (kh, kw, C, m)
  linear,       ///< (out, in), Keras (in, out)
};

/// A weight of the model and its counterpart in a PyTorch state_dict.
struct TorchWeight {
  VariablePtr variable;
  std::string torch_name;  ///< "_blocks.0._depthwise_conv.weight"
  TorchLayout layout = TorchLayout::as_is;
  /// For linear after a Flatten: the (H, W, C) that it flattened, where PyTorch has (C, H, W). Empty
  /// otherwise.
  Shape flattened;
};

/// The weights of an application, in its own order, under their names in PyTorch's definitions of the same
/// network. Where several definitions of one network are known, the one that shares most names with
/// `available` (those of a file) is used; the first when available is empty. Weights without a name there,
/// such as those of a new head, are left out. Throws Error{unsupported} when no definition has a name for any
/// weight of the model.
[[nodiscard]] std::vector<TorchWeight> torch_names(const Model& model,
                                                   std::span<const std::string> available = {});

/// The names of a state_dict's tensors as torchvision has them, where transformers (ResNet, ConvNeXt) or
/// fastai (ResNet) named them; those of transformers' MobileNet, MobileNetV2 and EfficientNet without the
/// network's name in front. fc.N is fc where one number N has weights.
/// Other names stay. The order is kept.
[[nodiscard]] std::vector<std::string> torchvision_names(std::vector<std::string> names);

/// The definition whose arithmetic a state_dict's weights were trained with.
///   names   of its tensors
///   origin  where it comes from: the path of its file, or the name of timm's model. timm uses the same
///   tensor names for tf_efficientnet_b0, which follows TensorFlow, and for efficientnet_b0; a word that
///           begins with "tf_" distinguishes them
[[nodiscard]] Definition torch_definition(std::span<const std::string> names, std::string_view origin);

/// What a state_dict lacks since PyTorch's networks get standardised pixels: the mean and variance of the
/// Normalization that EfficientNet begins with, ImageNet's.
struct PixelStatistic {
  VariablePtr variable;
  Tensor value;
};
[[nodiscard]] std::vector<PixelStatistic> torch_pixel_statistics(const Model& model);

/// The names a state_dict may hold that no weight is loaded from: counters such as "bn.num_batches_tracked".
[[nodiscard]] bool is_torch_bookkeeping(std::string_view torch_name);

/// A PyTorch tensor in Keras's axis order, float32 like all of our weights.
/// depthwise_channels: C of TorchLayout::depthwise; 0: m is 1.
/// Throws Error{shape_mismatch} when the tensor has not the number of axes that the layout has.
[[nodiscard]] Tensor from_torch(const Tensor& tensor, TorchLayout layout,
                                std::int64_t depthwise_channels = 0);
/// The same for a weight of a model, in whichever of PyTorch's forms it comes: rows of a linear layer after a
/// Flatten are put in Keras's order, a linear layer may be a 1 x 1 convolution here and a convolution over
/// the whole image a Dense. The result's shape is the tensor's, not necessarily the variable's: compare them.
/// Throws Error{shape_mismatch} naming the weight.
[[nodiscard]] Tensor from_torch(const Tensor& tensor, const TorchWeight& weight);

}  // namespace graft::applications
