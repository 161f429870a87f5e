// SPDX-License-Identifier: Apache-2.0
// Every layer and the architectures of phones, in LiteRT.
#include "graft/tflite/export.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "graft/applications.hpp"
#include "graft/layers.hpp"
#include "graft/training.hpp"

#include "layer_cases.hpp"
#include "lite_support.hpp"
#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

using test::lite_answer;

/// What TensorFlow Lite has no operator for that works for every batch.
bool is_refused(const std::string& name) {
  return name.find("transpose") != std::string::npos || name == "attention";
}

TEST(TfliteExport, LayersAnswerAsInLiteRt) {
  GRAFT_REQUIRE_LITERT();
  for (const test::LayerCase& one : test::all_layers()) {
    if (is_refused(one.name)) continue;
    SCOPED_TRACE(one.name);
    Model model = test::model_of(one);
    test::randomize(model);
    const Tensor batch = test::random_pixels(3, model.input_shape());
    const Tensor expected = model.predict(batch);
    const Tensor answer = lite_answer(model, {}, batch);
    EXPECT_EQ(answer.shape(), expected.shape());
    EXPECT_LT(test::part_of_largest(answer, expected), 1e-5);
    EXPECT_LT(test::part_of_largest(lite_answer(model, {.float16 = true}, batch), expected), 4e-3);
  }
}

TEST(TfliteExport, EveryLayerHasOperatorsOrIsRefusedByName) {
  for (const test::LayerCase& one : test::all_layers()) {
    const Model model = test::model_of(one);
    if (!is_refused(one.name)) {
      EXPECT_FALSE(to_tflite(model, {}).operators.empty()) << one.name;
      continue;
    }
    const std::string message =
        test::message_of([&] { static_cast<void>(to_tflite(model, {})); }, ErrorKind::unsupported);
    EXPECT_NE(message.find("cannot be exported to TensorFlow Lite"), std::string::npos) << message;
  }
}

TEST(TfliteExport, NormalizationIsPartOfTheConvolution) {
  const SymbolicTensor x = Input({8, 8, 3});
  const SymbolicTensor y =
      layers::ReLU()(layers::BatchNormalization()(layers::Conv2D({.filters = 4, .kernel_size = 3})(x)));
  const formats::TfliteModel file = to_tflite(Model(x, y), {});
  ASSERT_EQ(file.operators.size(), 1U);
  EXPECT_EQ(file.operators[0].op, formats::TfliteOp::conv_2d);
  EXPECT_EQ(file.operators[0].settings.activation, static_cast<int>(formats::TfliteActivation::relu));
}

class ZooInLite : public testing::TestWithParam<const char*> {};

TEST_P(ZooInLite, AnswersAsInLiteRt) {
  GRAFT_REQUIRE_LITERT();
  const auto& all = applications::catalogue();
  const auto found = std::ranges::find(all, std::string_view(GetParam()), &applications::Application::name);
  ASSERT_NE(found, all.end());
  const applications::Application& application = *found;
  clear_session();
  Model model = application.build(
      {.input_shape = {96, 96, 3}, .include_top = false, .weights = "none", .pooling = "avg"});
  test::randomize(model);
  Tensor batch = test::random_pixels(2, model.input_shape());
  applications::preprocess_in_place(batch, application.preprocessing);
  const Tensor expected = model.predict(batch);
  const double difference = test::part_of_largest(lite_answer(model, {}, batch), expected);
  std::printf("%s: %.1e\n", GetParam(), difference);
  EXPECT_LT(difference, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(All, ZooInLite,
                         testing::Values("mobilenet_v2", "mobilenet_v3_small", "efficientnet_lite0",
                                         "efficientnet_b0", "resnet50", "vgg16", "inception_v3",
                                         "densenet121", "squeezenet1_1", "googlenet", "shufflenet_v2_x0_5",
                                         "convnext_tiny", "nasnet_mobile"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace graft
