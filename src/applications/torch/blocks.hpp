// SPDX-License-Identifier: Apache-2.0
// Layers as torchvision's networks place them, for the architectures that Keras lacks.
//
// Names: a layer has the name of the torchvision module with the same output, with '_' for '.':
// layer1_0_conv1 is layer1.0.conv1, and layer1_0 the layer that the whole block layer1.0 ends with. So names
// from PyTorch code and papers find their layer, and the way back to the state_dict's names needs no table.
// The dots themselves, though legal in Keras, would read as attributes in PyTorch, as file endings where a
// layer names a file, and as any character in patterns of names. A layer that torchvision has no module for
// has its neighbour's name and what it does: maxpool_pad before maxpool.
#pragma once

#include <string>
#include <string_view>

#include "graft/applications.hpp"

#include "applications/building.hpp"

namespace graft::applications {

/// torch.nn.Conv2d: the same padding at all sides.
struct TorchConvolution {
  std::int64_t filters = 0;
  std::int64_t kernel_size = 1;
  std::int64_t strides = 1;
  std::int64_t padding = 0;
  std::int64_t groups = 1;  ///< as many as there are channels: a DepthwiseConv2D, with filters = channels
  bool use_bias = false;
};
/// With strides above 1 a ZeroPadding2D NAME_pad before it does the padding, as "same" pads an even size at
/// one side only.
[[nodiscard]] SymbolicTensor torch_convolution(const SymbolicTensor& x, const TorchConvolution& options,
                                               const std::string& name);

/// torch.nn.MaxPool2d of an input without negative elements, as after ReLU: there padding with zeros equals
/// PyTorch's padding with minus infinity. ceil_mode: windows may reach over the lower and right edge; it is
/// zero padding of strides - 1 there for any size, which adds just the window that rounding down leaves out.
struct TorchMaxPooling {
  std::int64_t pool_size = 3;
  std::int64_t strides = 2;
  std::int64_t padding = 0;
  bool ceil_mode = false;
};
[[nodiscard]] SymbolicTensor torch_max_pooling(const SymbolicTensor& x, const TorchMaxPooling& options,
                                               const std::string& name);

/// torch.nn.MaxPool2d(3, 2, 1) of any input (N, H, W, C) with known H and W. Where both are odd, that is
/// "same". Else the first row is put before the others once more, which is in the first window anyway, and so
/// for the other ends that a window reaches over.
[[nodiscard]] SymbolicTensor torch_halving_max_pooling(const SymbolicTensor& x, const std::string& name);

/// torch.nn.BatchNorm2d; its momentum 0.1 is the new share, Keras's 0.9 the old one.
[[nodiscard]] SymbolicTensor torch_normalization(const SymbolicTensor& x, const std::string& name,
                                                 double epsilon = 1e-5);

[[nodiscard]] SymbolicTensor torch_relu(const SymbolicTensor& x, const std::string& name);

/// torch.nn.AdaptiveAvgPool2d((size, size)) before a Flatten, where height and width are multiples of size;
/// other sizes stay as they are, and the Dense after it gets as many inputs as there are, as in Keras's
/// VGG16.
[[nodiscard]] SymbolicTensor torch_adaptive_pooling(const SymbolicTensor& x, std::int64_t size,
                                                    const std::string& name);

/// The two hidden layers of 4096 units and the classifier of AlexNet and VGG, and where in the Sequential
/// "classifier" they are.
struct HiddenTop {
  int first_dropout, first_dense, second_dropout, second_dense, last_dense;
};
[[nodiscard]] SymbolicTensor hidden_top(const SymbolicTensor& x, const HiddenTop& places,
                                        const ApplicationOptions& options);

/// The last Dense, with options.classifier_activation.
[[nodiscard]] SymbolicTensor torch_classifier(const SymbolicTensor& x, const ApplicationOptions& options,
                                              const std::string& name);

}  // namespace graft::applications
