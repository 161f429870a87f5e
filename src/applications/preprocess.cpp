// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <utility>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/preprocessing.hpp"
#include "graft/models/preprocessing_layer.hpp"

#include "applications/imagenet_statistics.hpp"
#include "applications/plain_name.hpp"

namespace graft::applications {
namespace {

// ImageNet's, R G B of 0..1 and B G R of 0..255, as the networks' authors used them.
constexpr std::array<double, 3> kCaffeMean{103.939, 116.779, 123.68};

/// By the plain names of Keras's modules that are no application's name, and of the families.
constexpr std::array<std::pair<std::string_view, Preprocessing>, 13> kFamilyPreprocessing{{
    {"convnext", Preprocessing::none},
    {"densenet", Preprocessing::torch},
    {"efficientnet", Preprocessing::none},
    {"efficientnetlite", Preprocessing::lite},
    {"efficientnetv2", Preprocessing::none},
    {"inceptionresnetv2", Preprocessing::tf},
    {"inceptionv3", Preprocessing::tf},
    {"mobilenetv3", Preprocessing::none},
    {"nasnet", Preprocessing::tf},
    {"resnet", Preprocessing::caffe},
    {"resnetv2", Preprocessing::tf},
    {"vgg", Preprocessing::caffe},
    {"xception", Preprocessing::tf},
}};

void check_images(const Shape& shape) {
  if (shape.rank() < 1 || shape[-1] != 3) {
    fail(ErrorKind::shape_mismatch, "preprocess_input: expected RGB images (N, H, W, 3), received ", shape);
  }
}

/// Calls f on the three channels of every pixel.
template <typename F>
void for_each_pixel(Tensor& images, const F& f) {
  const auto values = images.data<float>();
  for (std::size_t i = 0; i + 2 < values.size(); i += 3) f(values.subspan(i, 3));
}

void subtract_caffe_mean(std::span<float> pixel) {
  std::swap(pixel[0], pixel[2]);
  for (std::size_t c = 0; c < 3; ++c) pixel[c] -= static_cast<float>(kCaffeMean[c]);
}

void standardise(std::span<float> pixel) {
  for (std::size_t c = 0; c < 3; ++c) {
    pixel[c] = (pixel[c] / 255.0F - static_cast<float>(kImagenetMean[c])) /
               static_cast<float>(kImagenetDeviation[c]);
  }
}

SymbolicTensor add_torch(const SymbolicTensor& images) {
  std::vector<double> mean;
  std::vector<double> variance;
  for (std::size_t c = 0; c < 3; ++c) {
    mean.push_back(255 * kImagenetMean[c]);
    const double deviation = 255 * kImagenetDeviation[c];
    variance.push_back(deviation * deviation);
  }
  return layers::Normalization({.mean = mean, .variance = variance, .name = "preprocess"})(images);
}

SymbolicTensor add_caffe(const SymbolicTensor& images) {
  const Layer layer = layers::Conv2D({.filters = 3, .kernel_size = 1, .name = models::kReversesChannels});
  SymbolicTensor output = layer(images);
  const std::vector<VariablePtr> weights = layer.weights();  // kernel (1, 1, 3, 3), bias (3)
  Tensor kernel(weights[0]->shape());
  Tensor bias(weights[1]->shape());
  for (std::size_t c = 0; c < 3; ++c) {
    kernel.data<float>()[(2 - c) * 3 + c] = 1;
    bias.data<float>()[c] = static_cast<float>(-kCaffeMean[c]);
  }
  weights[0]->assign(kernel);
  weights[1]->assign(bias);
  Layer(layer).set_trainable(false);
  return output;
}

SymbolicTensor add_rescaling(const SymbolicTensor& images, double scale, double offset) {
  return layers::Rescaling({.scale = {scale}, .offset = {offset}, .name = "preprocess"})(images);
}

}  // namespace

Preprocessing preprocessing_of(std::string_view application) {
  if (const Application* found = look_up_application(application)) return found->preprocessing;
  const std::string plain = plain_name(application);
  std::string known;
  for (const auto& [family, mode] : kFamilyPreprocessing) {
    if (plain == family) return mode;
    known += cat(known.empty() ? "" : ", ", family);
  }
  fail(ErrorKind::not_found, "no preprocessing is known for '", application, "'; known families are ", known);
}

void preprocess_in_place(Tensor& images, Preprocessing mode) {
  check_images(images.shape());
  switch (mode) {
    case Preprocessing::none:
      return;
    case Preprocessing::tf:
      for (float& x : images.data<float>()) x = x / 127.5F - 1.0F;
      return;
    case Preprocessing::lite:
      for (float& x : images.data<float>()) x = (x - 127.0F) / 128.0F;
      return;
    case Preprocessing::unit:
      for (float& x : images.data<float>()) x /= 255.0F;
      return;
    case Preprocessing::torch:
      return for_each_pixel(images, standardise);
    case Preprocessing::caffe:
      return for_each_pixel(images, subtract_caffe_mean);
  }
  fail(ErrorKind::internal, "preprocess_input: unknown mode ", static_cast<int>(mode));
}

Tensor preprocess_input(const Tensor& images, Preprocessing mode) {
  check_images(images.shape());
  Tensor copy = images.dtype() == DType::float32 ? images.clone() : images.to(DType::float32);
  preprocess_in_place(copy, mode);
  return copy;
}

Tensor preprocess_input(const Tensor& images, std::string_view application) {
  return preprocess_input(images, preprocessing_of(application));
}

SymbolicTensor add_preprocessing(const SymbolicTensor& images, const PixelScaling& scaling) {
  if (!scaling.affine) return add_preprocessing(images, scaling.mode);
  const auto& [scale, offset] = *scaling.affine;
  if (images.shape.rank() == 4 && images.shape[3] == 1) return add_rescaling(images, scale[0], offset[0]);
  check_images(images.shape);
  return layers::Rescaling({.scale = {scale.begin(), scale.end()},
                            .offset = {offset.begin(), offset.end()},
                            .name = "preprocess"})(images);
}

SymbolicTensor add_preprocessing(const SymbolicTensor& images, Preprocessing mode) {
  check_images(images.shape);
  switch (mode) {
    case Preprocessing::none:
      return images;
    case Preprocessing::tf:
      return add_rescaling(images, 1 / 127.5, -1);
    case Preprocessing::lite:
      return add_rescaling(images, 1.0 / 128, -127.0 / 128);
    case Preprocessing::unit:
      return add_rescaling(images, 1.0 / 255, 0);
    case Preprocessing::torch:
      return add_torch(images);
    case Preprocessing::caffe:
      return add_caffe(images);
  }
  fail(ErrorKind::internal, "add_preprocessing: unknown mode ", static_cast<int>(mode));
}

SymbolicTensor add_preprocessing(const SymbolicTensor& images, std::string_view application) {
  return add_preprocessing(images, preprocessing_of(application));
}

}  // namespace graft::applications
