// SPDX-License-Identifier: Apache-2.0
// Every layer and every architecture, in ONNX Runtime.
#include "graft/onnx/export.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "graft/applications.hpp"
#include "graft/layers.hpp"
#include "graft/training.hpp"

#include "layer_cases.hpp"
#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

/// Of the largest value. Where a bilinear pixel lies is computed in float by both, each up to 1.5e-6 from the
/// exact answer (ONNX Runtime 1.32 against double precision, 9 x 9 to 12 x 12 pixels resized to 7 x 19).
double bound(const test::LayerCase& one) { return one.name == "resize" ? 3e-6 : 2e-6; }

TEST(OnnxExport, LayersAnswerAsInOnnxRuntime) {
  GRAFT_REQUIRE_ONNX_RUNTIME();
  for (const test::LayerCase& one : test::all_layers()) {
    SCOPED_TRACE(one.name);
    Model model = test::model_of(one);
    test::randomize(model);
    const Tensor batch = test::random_pixels(3, model.input_shape());
    const Tensor expected = model.predict(batch);
    // Only hard_silu has another operator in a later opset.
    for (const std::int64_t opset : {std::int64_t{13}, std::int64_t{17}}) {
      if (opset == 17 && one.name != "hard_silu") continue;
      const Tensor answer = test::runtime_answer(model, {.opset = opset}, batch);
      EXPECT_EQ(answer.shape(), expected.shape());
      EXPECT_LT(test::part_of_largest(answer, expected), bound(one)) << "opset " << opset;
    }
    EXPECT_LT(test::part_of_largest(test::runtime_answer(model, {.float16 = true}, batch), expected), 4e-3);
  }
}

/// Without ONNX Runtime at least this: every layer has operators.
TEST(OnnxExport, EveryLayerHasOperators) {
  for (const test::LayerCase& one : test::all_layers())
    EXPECT_FALSE(to_onnx(test::model_of(one), {}).nodes.empty()) << one.name;
}

class ZooInOnnx : public testing::TestWithParam<const applications::Application*> {};

TEST_P(ZooInOnnx, AnswersAsInOnnxRuntime) {
  GRAFT_REQUIRE_ONNX_RUNTIME();
  const applications::Application& application = *GetParam();
  const std::int64_t least = application.default_size > 250 ? 96 : 64;
  for (const std::int64_t size : {least, application.default_size}) {
    clear_session();
    Model model = application.build(
        {.input_shape = {size, size, 3}, .include_top = false, .weights = "none", .pooling = "avg"});
    test::randomize(model);
    Tensor batch = test::random_pixels(2, model.input_shape());
    applications::preprocess_in_place(batch, application.preprocessing);
    const Tensor expected = model.predict(batch);
    const Tensor answer = test::runtime_answer(model, {}, batch);
    const double difference = test::part_of_largest(answer, expected);
    std::printf("%s %d: %.1e\n", std::string(application.name).c_str(), static_cast<int>(size), difference);
    EXPECT_LT(difference, 1e-4) << size;
  }
}

std::vector<const applications::Application*> applications_to_check() {
  std::vector<const applications::Application*> result;
  const char* all = std::getenv("GRAFT_ONNX_ZOO");
  for (const applications::Application& application : applications::catalogue()) {
    // One of a family, unless all are asked for: they differ in numbers of blocks only.
    constexpr std::array<std::string_view, 12> kSome{
        "convnext_tiny", "densenet121",  "efficientnet_b0",    "efficientnet_v2_b0",
        "googlenet",     "inception_v3", "mobilenet_v2",       "mobilenet_v3_small",
        "nasnet_mobile", "resnet18",     "shufflenet_v2_x0_5", "squeezenet1_1"};
    if (all != nullptr || std::ranges::find(kSome, application.name) != kSome.end())
      result.push_back(&application);
  }
  return result;
}

INSTANTIATE_TEST_SUITE_P(All, ZooInOnnx, testing::ValuesIn(applications_to_check()),
                         [](const auto& one) { return std::string(one.param->name); });

TEST(OnnxExport, ChannelsFirstIsTheSame) {
  GRAFT_REQUIRE_ONNX_RUNTIME();
  Model model = test::model_of(test::convolutions().front());
  const Tensor batch = test::random_pixels(2, model.input_shape());
  EXPECT_LT(test::part_of_largest(
                test::runtime_answer(model, {.input = OnnxInput::nchw}, test::channels_first(batch)),
                model.predict(batch)),
            2e-6);
}

TEST(OnnxExport, StatesWhatTheFileIs) {
  const Model model = test::model_of(test::convolutions().front());
  const formats::OnnxModel file = to_onnx(model, {.opset = 15, .metadata = {{"key", "value"}}});
  EXPECT_EQ(file.opset, 15);
  EXPECT_EQ(file.ir_version, 8);
  EXPECT_EQ(file.inputs.at(0).name, "image");
  EXPECT_EQ(file.inputs.at(0).shape, Shape({-1, 12, 11, 3}));
  EXPECT_EQ(file.outputs.at(0).name, model.layers().back().name());
  EXPECT_EQ(file.metadata.at("key"), "value");
  EXPECT_EQ(file.metadata.at("input_layout"), "NHWC");
  EXPECT_EQ(to_onnx(model, {.input = OnnxInput::nchw}).inputs.at(0).shape, Shape({-1, 3, 12, 11}));
  test::message_of([&] { static_cast<void>(to_onnx(model, {.opset = 12})); }, ErrorKind::invalid_argument);
}

TEST(OnnxExport, OpenSizesAreAskedFor) {
  const SymbolicTensor input = Input({-1, -1, 3});
  const Model model(input, layers::Conv2D({.filters = 2, .kernel_size = 3})(input));
  const std::string message =
      test::message_of([&] { static_cast<void>(to_onnx(model, {})); }, ErrorKind::shape_mismatch);
  EXPECT_NE(message.find("image size"), std::string::npos) << message;
  EXPECT_EQ(to_onnx(model, {.image_size = Size2D(20, 30)}).inputs.at(0).shape, Shape({-1, 20, 30, 3}));
}

TEST(OnnxExport, PadsAreTheConvolutions) {
  const formats::OnnxModel file = to_onnx(test::model_of(test::convolutions()[7]), {});
  for (const formats::OnnxNode& node : file.nodes) {
    EXPECT_NE(node.op, "Pad");
    if (node.op == "Conv") {
      EXPECT_EQ(node.find("pads")->integers, (std::vector<std::int64_t>{0, 2, 1, 3}));
    }
  }
}

}  // namespace
}  // namespace graft
