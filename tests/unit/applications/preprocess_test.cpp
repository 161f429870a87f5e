// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/layers/core.hpp"
#include "graft/model.hpp"

#include "support.hpp"

namespace graft::applications {
namespace {

Tensor pixels(const Json& rows) {
  Tensor tensor(Shape{1, static_cast<std::int64_t>(rows.size()), 1, 3});
  std::size_t i = 0;
  for (const Json& row : rows) {
    for (const Json& value : row) tensor.data<float>()[i++] = value.get<float>();
  }
  return tensor;
}

TEST(Preprocess, EveryFamilyEqualsKeras) {
  const Json golden = test::read_json(test::goldens() / "preprocess.json");
  const Tensor input = pixels(golden.at("input_rgb"));
  ASSERT_GE(golden.at("preprocess_input").size(), 15U);
  for (const auto& [family, rows] : golden.at("preprocess_input").items()) {
    const Tensor expected = pixels(rows);
    const Tensor output = preprocess_input(input, family);
    EXPECT_LE(test::max_difference(output.data<float>(), expected.data<float>()), 1e-5) << family;
  }
  EXPECT_EQ(input.data<float>()[3], 255.0F) << "the input was changed";
}

TEST(Preprocess, EfficientNetLite) {
  const std::vector<float> values{0, 127, 255};
  const Tensor output = preprocess_input(Tensor::from({1, 1, 1, 3}, values), "efficientnet_lite0");
  EXPECT_EQ(output.data<float>()[0], -127.0F / 128);
  EXPECT_EQ(output.data<float>()[1], 0.0F);
  EXPECT_EQ(output.data<float>()[2], 1.0F);
}

TEST(Preprocess, FamiliesThatOneNameBeginsOfAnother) {
  EXPECT_EQ(preprocessing_of("ResNet50"), Preprocessing::caffe);
  EXPECT_EQ(preprocessing_of("ResNet50V2"), Preprocessing::tf);
  EXPECT_EQ(preprocessing_of("MobileNetV3Small"), Preprocessing::none);
  EXPECT_EQ(preprocessing_of("MobileNet"), Preprocessing::tf);
  EXPECT_EQ(preprocessing_of("EfficientNetB0"), Preprocessing::none);
  EXPECT_EQ(preprocessing_of("efficientnet_lite4"), Preprocessing::lite);
  EXPECT_THROW((void)preprocessing_of("lenet"), Error);
}

TEST(Preprocess, OtherElementTypesAndShapes) {
  Tensor bytes(Shape{2, 1, 3}, DType::uint8);
  bytes.data<std::uint8_t>()[0] = 255;
  const Tensor output = preprocess_input(bytes, Preprocessing::tf);
  EXPECT_EQ(output.dtype(), DType::float32);
  EXPECT_EQ(output.data<float>()[0], 1.0F);
  EXPECT_EQ(output.data<float>()[1], -1.0F);
  EXPECT_THROW((void)preprocess_input(Tensor(Shape{2, 2, 1}), Preprocessing::tf), Error);
  EXPECT_THROW((void)preprocess_input(Tensor(), Preprocessing::none), Error);
  EXPECT_THROW(preprocess_in_place(bytes, Preprocessing::tf), Error);
}

/// What the layer that stands last in the model does with one pixel, from its config and weights only.
std::vector<double> by_layer(const Layer& layer, const std::vector<double>& rgb) {
  std::vector<double> result(3);
  const Json config = layer.config();
  for (std::size_t c = 0; c < 3; ++c) {
    if (layer.class_name() == "Rescaling") {
      result[c] = rgb[c] * config.at("scale").get<double>() + config.at("offset").get<double>();
    } else if (layer.class_name() == "Normalization") {
      result[c] =
          (rgb[c] - config.at("mean")[c].get<double>()) / std::sqrt(config.at("variance")[c].get<double>());
    } else {
      const Tensor& kernel = layer.weights()[0]->value();
      result[c] = layer.weights()[1]->value().data<float>()[c];
      for (std::size_t in = 0; in < 3; ++in)
        result[c] += rgb[in] * static_cast<double>(kernel.data<float>()[in * 3 + c]);
    }
  }
  return result;
}

TEST(Preprocess, LayersGiveTheSame) {
  for (const Preprocessing mode :
       {Preprocessing::tf, Preprocessing::torch, Preprocessing::caffe, Preprocessing::lite}) {
    const SymbolicTensor input = Input({8, 8, 3});
    const Model model(input, add_preprocessing(input, mode));
    const Layer layer = model.layers().back();
    EXPECT_TRUE(layer.trainable_weights().empty());
    const std::vector<float> rgb{12, 130, 251};
    const Tensor expected = preprocess_input(Tensor::from({1, 3}, rgb), mode);
    const std::vector<double> output = by_layer(layer, {12, 130, 251});
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_NEAR(output[c], expected.data<float>()[c], 1e-5) << layer.class_name() << " channel " << c;
  }
  const SymbolicTensor input = Input({8, 8, 3});
  EXPECT_EQ(add_preprocessing(input, "efficientnetb0"), input);
  EXPECT_THROW((void)add_preprocessing(Input({8, 8, 1}), "vgg16"), Error);
}

TEST(Preprocess, NamesThatOnlyBeginLikeANetworksAreNotFound) {
  for (const char* name : {"vgg17", "resnetx", "efficientnet_b9", "mobilenet_v5", ""}) {
    try {
      static_cast<void>(preprocessing_of(name));
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::not_found) << name;
    }
  }
  EXPECT_EQ(preprocessing_of("resnet"), Preprocessing::caffe);
  EXPECT_EQ(preprocessing_of("resnet_v2"), Preprocessing::tf);
  EXPECT_EQ(preprocessing_of("vgg19"), Preprocessing::caffe);
}

}  // namespace
}  // namespace graft::applications
