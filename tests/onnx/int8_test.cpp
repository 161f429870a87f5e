// SPDX-License-Identifier: Apache-2.0
// Files with 8-bit numbers: graft's own int8 plans, as QuantizeLinear and DequantizeLinear.
#include <algorithm>
#include <cstdio>
#include <set>

#include "graft/applications.hpp"
#include "graft/catalogue.hpp"
#include "graft/layers.hpp"
#include "graft/onnx/export.hpp"
#include "graft/onnx/import.hpp"
#include "graft/plan/int8_values.hpp"
#include "graft/plan/runner.hpp"
#include "graft/training.hpp"

#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

/// A model of the zoo with random weights, what it keeps in 8 bits, and photos of noise.
struct Int8Model {
  Model model;
  std::shared_ptr<const plan::ValueRanges> ranges;
  Int8Values values;
  Tensor batch;

  Int8Model(const char* name, std::int64_t size) {
    clear_session();
    const applications::Application& application = applications::find_application(name);
    model = application.build(
        {.input_shape = {size, size, 3}, .include_top = false, .weights = "none", .pooling = "avg"});
    test::randomize(model);
    batch = test::random_pixels(4, model.input_shape());
    applications::preprocess_in_place(batch, application.preprocessing);
    const Shape sample{size, size, 3};
    plan::RangeRecorder recorder(model, sample);
    recorder.record(batch);
    ranges = std::make_shared<plan::ValueRanges>(recorder.ranges());
    values = plan::int8_values(model, sample, ranges);
  }
  [[nodiscard]] Tensor answer() const {
    plan::Runner runner(model, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges});
    return runner.run_first(batch);
  }
};

std::ptrdiff_t count_of(const formats::OnnxModel& file, const char* op) {
  return std::ranges::count(file.nodes, op, &formats::OnnxNode::op);
}

class Int8Zoo : public testing::TestWithParam<const char*> {};

TEST_P(Int8Zoo, ProductsReadWholeNumbers) {
  const Int8Model low(GetParam(), 64);
  const formats::OnnxModel file = to_onnx(low.model, {.int8 = low.values});
  std::map<std::string, std::string> makers;
  for (const formats::OnnxNode& node : file.nodes) makers[node.outputs.at(0)] = node.op;
  std::ptrdiff_t products = 0;
  std::set<std::string> sums;
  for (const formats::OnnxNode& node : file.nodes) {
    if (node.op == "BatchNormalization") {
      EXPECT_FALSE(sums.contains(node.inputs.at(0))) << node.name;
    }
    if (node.op != "Conv" || makers[node.inputs.at(1)] != "DequantizeLinear") continue;
    ++products;
    sums.insert(node.outputs.at(0));
    EXPECT_EQ(makers[node.inputs.at(0)], "DequantizeLinear") << node.name;
    if (node.inputs.size() > 2) {
      EXPECT_EQ(makers[node.inputs.at(2)], "DequantizeLinear") << node.name;
    }
  }
  EXPECT_GT(products, 10);
  // Nothing of 8 bits without the ranges.
  EXPECT_EQ(count_of(to_onnx(low.model, {}), "QuantizeLinear"), 0);
  EXPECT_GT(count_of(file, "QuantizeLinear"), 10);
}

TEST_P(Int8Zoo, IsReadAsTheNumbersThatWholeOnesStandFor) {
  Int8Model low(GetParam(), 64);
  Model read = from_onnx(to_onnx(low.model, {.int8 = low.values}), "int8.onnx");
  const Tensor expected = low.model.predict(low.batch);
  const double difference = test::part_of_largest(read.predict(low.batch), expected);
  std::printf("%s: kernels of 8 bits %.1e\n", GetParam(), difference);
  EXPECT_LT(difference, 0.1);
  EXPECT_GT(difference, 1e-5);  // the kernels are rounded
}

TEST_P(Int8Zoo, AnswersAsGraftDoesInInt8) {
  GRAFT_REQUIRE_ONNX_RUNTIME();
  const Int8Model low(GetParam(), 64);
  const Tensor expected = low.answer();
  const Tensor answer = test::runtime_answer(low.model, {.int8 = low.values}, low.batch);
  Model exact = low.model;
  const double loss = test::part_of_largest(expected, exact.predict(low.batch));
  const double difference = test::part_of_largest(answer, expected);
  std::printf("%s: ONNX Runtime from graft's int8 %.1e, int8 from float32 %.1e\n", GetParam(), difference,
              loss);
  // Both round to the same numbers. The last digits of a sum decide which of two follows, and what comes
  // after differs from there on: by about as much as rounding itself does.
  EXPECT_LT(difference, 1.5 * loss);
}

INSTANTIATE_TEST_SUITE_P(Some, Int8Zoo,
                         testing::Values("mobilenet_v2", "resnet18", "squeezenet1_1", "densenet121"),
                         [](const auto& instance) { return std::string(instance.param); });

/// A channel that training has switched off: its kernel is next to nothing, its bias is not.
TEST(Int8Export, ABiasOfADeadChannelIsKept) {
  const SymbolicTensor image = Input({32, 32, 3});
  const Layer scaled = layers::Rescaling({.scale = 1 / 127.5, .offset = -1});
  const Layer layer = layers::Conv2D({.filters = 16, .kernel_size = 3});
  Model model(image, layer(scaled(image)));
  Tensor kernel = layer.weights()[0]->value().clone();
  for (std::size_t i = 0; i < kernel.data().size(); i += 16) kernel.data()[i] = 1e-22F;
  layer.weights()[0]->assign(kernel);
  layer.weights()[1]->assign(Tensor::full({16}, 2.5F));
  const Tensor batch = test::random_pixels(2, model.input_shape());
  plan::RangeRecorder recorder(model, {32, 32, 3});
  recorder.record(batch);
  const Int8Values values =
      plan::int8_values(model, {32, 32, 3}, std::make_shared<plan::ValueRanges>(recorder.ranges()));
  const formats::OnnxModel file = to_onnx(model, {.int8 = values});
  ASSERT_GT(count_of(file, "QuantizeLinear"), 0);
  const Tensor answer = from_onnx(file, "int8.onnx").predict(batch);
  EXPECT_NEAR(answer.at(0, 0, 0, 0), 2.5, 1e-3);
}

TEST(Int8Export, NotTogetherWithFloat16) {
  const Int8Model low("squeezenet1_1", 64);
  try {
    static_cast<void>(to_onnx(low.model, {.float16 = true, .int8 = low.values}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_EQ(error.option(), "int8");
  }
}

}  // namespace
}  // namespace graft
