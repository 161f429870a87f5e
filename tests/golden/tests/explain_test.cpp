// SPDX-License-Identifier: Apache-2.0
// Grad-CAM, Grad-CAM++ and occlusion against the same computed with Keras, on three photos each.
#include "graft/explain.hpp"

#include <gtest/gtest.h>

#include "graft/layers.hpp"
#include "graft/saving.hpp"

#include "golden_models.hpp"

namespace graft {
namespace {

constexpr double kTolerance = 1e-3;

Classifier flat() {
  const SymbolicTensor input = Input({96, 96, 3}, "image");
  SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}, .name = "rescaling"})(input);
  const std::vector<std::pair<std::int64_t, std::int64_t>> blocks{{8, 2}, {16, 2}, {24, 1}};
  for (std::size_t n = 0; n < blocks.size(); ++n) {
    const std::string number = std::to_string(n);
    x = layers::Conv2D({.filters = blocks[n].first,
                        .kernel_size = 3,
                        .strides = blocks[n].second,
                        .padding = Padding::same,
                        .name = "conv" + number})(x);
    x = layers::BatchNormalization({.name = "bn" + number})(x);
    x = layers::ReLU({.name = "relu" + number})(x);
    if (n == 1) x = layers::MaxPooling2D({.name = "pool"})(x);
  }
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  x = layers::Dense({.units = 12, .activation = "relu", .name = "hidden"})(x);
  Model model(input, layers::Dense({.units = 4, .activation = "softmax", .name = "predictions"})(x));
  test::set_golden_weights(model);
  return Classifier(model, {});
}

Classifier nested(const std::filesystem::path& data) {
  Model base =
      applications::MobileNetV2({.input_shape = {224, 224, 3}, .include_top = false, .weights = "none"});
  static_cast<void>(saving::load_weights(base, data / "weights/mobilenet_v2_1.0_224_no_top_keras_layout.h5"));
  const SymbolicTensor input = Input({224, 224, 3}, "image");
  SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}})(input);
  x = layers::GlobalAveragePooling2D()(base(x, {.training = false}));
  Layer dense = layers::Dense({.units = 5, .activation = "softmax", .name = "predictions"});
  Model model(input, dense(x));
  for (const VariablePtr& weight : dense.weights())
    weight->assign(test::golden_weight("predictions/" + weight->name(), weight->name(), weight->shape()));
  return Classifier(model, {});
}

void expect_near(const Tensor& values, const Json& expected, const std::string& what) {
  ASSERT_EQ(static_cast<std::size_t>(values.count()), expected.size()) << what;
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    largest = std::max(largest, std::abs(values.data()[i] - expected[i].get<double>()));
  EXPECT_LE(largest, kTolerance) << what;
}

Tensor every(const Tensor& map, std::int64_t step) {
  const std::int64_t rows = (map.shape()[0] + step - 1) / step;
  const std::int64_t columns = (map.shape()[1] + step - 1) / step;
  Tensor result(Shape{rows, columns});
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) result.at(y, x) = map.at(y * step, x * step);
  }
  return result;
}

/// After relu, divided by the largest.
Tensor normalised(const Tensor& values) {
  Tensor result = values.clone();
  float largest = 0;
  for (const float value : values.data()) largest = std::max(largest, value);
  for (float& value : result.data()) value = largest > 0 ? std::max(value, 0.0F) / largest : 0.0F;
  return result;
}

void expect_case(const Classifier& classifier, const std::filesystem::path& photo, const Json& expected) {
  const auto explained = [&](ExplainMethod method) {
    return explain(classifier, photo,
                   {.method = method, .class_index = expected.at("class_index").get<std::int64_t>()});
  };
  const Explanation plain = explained(ExplainMethod::automatic);
  EXPECT_EQ(plain.method, ExplainMethod::grad_cam);
  EXPECT_EQ(plain.values.shape()[0], expected.at("rows").get<std::int64_t>());
  expect_near(normalised(plain.values), expected.at("grad_cam"), "Grad-CAM");
  const auto step = expected.at("heat_step").get<std::int64_t>();
  expect_near(every(plain.heat_map, step), expected.at("heat"), "heat map of Grad-CAM");
  const Explanation plus = explained(ExplainMethod::grad_cam_plus_plus);
  expect_near(normalised(plus.values), expected.at("grad_cam_plus_plus"), "Grad-CAM++");
  const Explanation covered = explained(ExplainMethod::occlusion);
  expect_near(every(covered.values, step), expected.at("occlusion"), "occlusion");
  EXPECT_NEAR(plain.explained.probability,
              expected.at("probabilities")[expected.at("class_index").get<std::size_t>()].get<double>(),
              kTolerance);
}

void expect_network(const Classifier& classifier, const std::filesystem::path& data,
                    const std::string& network) {
  const Json golden = test::read_json(test::goldens() / "explain.json.gz");
  std::size_t cases = 0;
  for (const Json& expected : golden.at("cases")) {
    if (expected.at("network") != network) continue;
    SCOPED_TRACE(network + " " + expected.at("photo").get<std::string>());
    expect_case(classifier, data / "photos/imagenet_samples" / expected.at("photo").get<std::string>(),
                expected);
    ++cases;
  }
  EXPECT_GE(cases, 3U);
}

TEST(ExplainGolden, AFlatNetworkIsExplainedAsByKeras) {
  GRAFT_REQUIRE_DATA(data);
  expect_network(flat(), data, "flat");
}

TEST(ExplainGolden, ANestedNetworkIsExplainedAsByKeras) {
  GRAFT_REQUIRE_DATA(data);
  expect_network(nested(data), data, "nested");
}

}  // namespace
}  // namespace graft
