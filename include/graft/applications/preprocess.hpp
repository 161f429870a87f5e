// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::applications {

/// Preprocessing of a pixel x of raw RGB, 0..255, that a network was trained with.
enum class Preprocessing {
  none,   ///< x: the network scales by itself
  tf,     ///< x / 127.5 - 1
  torch,  ///< (x / 255 - mean) / standard deviation of ImageNet, per channel
  caffe,  ///< channels in the order B, G, R, each less its mean over ImageNet
  lite,   ///< (x - 127) / 128: EfficientNet-Lite
  unit,   ///< x / 255
};

/// The preprocessing of an application or a family of them, named as Keras's modules are ("vgg16",
/// "resnet_v2", "efficientnet") or as the application itself ("ResNet50V2").
/// Throws Error{not_found} listing the known ones.
[[nodiscard]] Preprocessing preprocessing_of(std::string_view application);

/// Images (N, H, W, 3) or (H, W, 3), any element type, raw RGB 0..255, preprocessed for the application:
/// float32, a new tensor. The numbers are those of Keras's preprocess_input. Throws Error{shape_mismatch}.
[[nodiscard]] Tensor preprocess_input(const Tensor& images, Preprocessing mode);
[[nodiscard]] Tensor preprocess_input(const Tensor& images, std::string_view application);
/// The same within a float32 tensor.
void preprocess_in_place(Tensor& images, Preprocessing mode);

/// Pixels of raw RGB times scale plus offset, per channel.
struct PixelAffine {
  std::array<double, 3> scale{1, 1, 1};   ///< R G B
  std::array<double, 3> offset{0, 0, 0};  ///< R G B
};

/// The preprocessing that a network's weights need: a mode, or where the weights' own config states another
/// one the numbers.
struct PixelScaling {
  Preprocessing mode = Preprocessing::none;  ///< where there are no numbers
  std::optional<PixelAffine> affine{};       ///< the numbers; they replace the mode

  PixelScaling() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a mode is the usual case
  PixelScaling(Preprocessing known) : mode(known) {}
  explicit PixelScaling(const PixelAffine& numbers) : affine(numbers) {}
};

/// That preprocessing as a layer "preprocess" (see below), called on images (N, H, W, 3).
[[nodiscard]] SymbolicTensor add_preprocessing(const SymbolicTensor& images, const PixelScaling& scaling);

/// The same as layers, for a model whose input is raw RGB 0..255: calls them on images (N, H, W, 3) and
/// returns the last one's output. Keras can load these layers: Rescaling, Normalization, and for caffe a 1 x
/// 1 Conv2D "preprocess_bgr" that does not train and whose kernel turns the channels round. No layer for
/// none.
[[nodiscard]] SymbolicTensor add_preprocessing(const SymbolicTensor& images, Preprocessing mode);
[[nodiscard]] SymbolicTensor add_preprocessing(const SymbolicTensor& images, std::string_view application);

}  // namespace graft::applications

#pragma GCC visibility pop
