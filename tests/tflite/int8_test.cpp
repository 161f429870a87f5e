// SPDX-License-Identifier: Apache-2.0
// Files with 8-bit numbers: by TensorFlow Lite's quantization specification, in LiteRT, and read again.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "graft/applications.hpp"
#include "graft/catalogue.hpp"
#include "graft/layers.hpp"
#include "graft/plan/int8_values.hpp"
#include "graft/plan/runner.hpp"
#include "graft/tflite/export.hpp"
#include "graft/tflite/import.hpp"
#include "graft/training.hpp"

#include "layer_cases.hpp"
#include "lite_support.hpp"
#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

using formats::TfliteModel;
using formats::TfliteOp;
using formats::TfliteOperator;
using formats::TfliteTensor;

using RangesPtr = std::shared_ptr<const plan::ValueRanges>;

RangesPtr ranges_on(const Model& model, const Tensor& batch) {
  plan::RangeRecorder recorder(model, batch.shape().without_batch());
  recorder.record(batch);
  return std::make_shared<plan::ValueRanges>(recorder.ranges());
}

Int8Values values_on(const Model& model, const Tensor& batch) {
  return plan::int8_values(model, batch.shape().without_batch(), ranges_on(model, batch));
}

/// A model of the zoo with random weights, and pixels of noise as its programs scale them.
struct LowZooModel {
  Model model;
  Tensor batch;
  RangesPtr ranges;
  Int8Values values;

  explicit LowZooModel(const char* name) {
    constexpr std::int64_t kSize = 64;
    clear_session();
    const applications::Application& application = applications::find_application(name);
    model = application.build(
        {.input_shape = {kSize, kSize, 3}, .include_top = false, .weights = "none", .pooling = "avg"});
    test::randomize(model);
    batch = test::random_pixels(4, model.input_shape());
    applications::preprocess_in_place(batch, application.preprocessing);
    ranges = ranges_on(model, batch);
    values = plan::int8_values(model, batch.shape().without_batch(), ranges);
  }
};

/// What the specification says of tensors and operators in 8 bits.
class Specification {
 public:
  explicit Specification(const TfliteModel& file) : file_(file) {}

  void check() const {
    std::set<std::int32_t> known(file_.inputs.begin(), file_.inputs.end());
    for (std::size_t i = 0; i < file_.tensors.size(); ++i) {
      if (file_.tensors[i].value) known.insert(static_cast<std::int32_t>(i));
      if (file_.tensors[i].dtype == DType::int8 && !file_.tensors[i].value) check_values(file_.tensors[i]);
    }
    for (const TfliteOperator& op : file_.operators) {
      SCOPED_TRACE(formats::to_string(op.op) + " " + at(op.outputs.front()).name);
      for (const std::int32_t input : op.inputs) EXPECT_TRUE(known.contains(input));
      known.insert(op.outputs.front());
      check(op);
    }
    for (const std::int32_t place : file_.inputs) EXPECT_EQ(at(place).dtype, DType::float32);
    for (const std::int32_t place : file_.outputs) {
      EXPECT_TRUE(known.contains(place));
      EXPECT_EQ(at(place).dtype, DType::float32);
    }
  }

 private:
  [[nodiscard]] const TfliteTensor& at(std::int32_t place) const {
    return file_.tensors[static_cast<std::size_t>(place)];
  }

  static void check_values(const TfliteTensor& tensor) {
    ASSERT_EQ(tensor.quantization.scale.size(), 1U) << tensor.name;
    ASSERT_EQ(tensor.quantization.zero_point.size(), 1U) << tensor.name;
    EXPECT_GT(tensor.quantization.scale[0], 0) << tensor.name;
    EXPECT_GE(tensor.quantization.zero_point[0], -128) << tensor.name;
    EXPECT_LE(tensor.quantization.zero_point[0], 127) << tensor.name;
  }

  void check(const TfliteOperator& op) const {
    const TfliteTensor& x = at(op.inputs[0]);
    const TfliteTensor& y = at(op.outputs[0]);
    if (op.op == TfliteOp::quantize || op.op == TfliteOp::dequantize) {
      const bool rounds = op.op == TfliteOp::quantize;
      EXPECT_EQ(y.dtype, rounds ? DType::int8 : DType::float32);
      if (!rounds) {
        EXPECT_EQ(x.dtype, DType::int8);
      }
      return;
    }
    // Both in 8 bits, or neither.
    ASSERT_EQ(x.dtype == DType::int8, y.dtype == DType::int8);
    if (y.dtype != DType::int8) return;
    switch (op.op) {
      case TfliteOp::conv_2d:
        return check_product(op, 0);
      case TfliteOp::depthwise_conv_2d:
        return check_product(op, 3);
      case TfliteOp::fully_connected:
        return check_product(op, -1);
      case TfliteOp::logistic:
      case TfliteOp::softmax:
        return check_grid(y, 1.0F / 256, -128);
      case TfliteOp::tanh:
        return check_grid(y, 1.0F / 128, 0);
      case TfliteOp::add:
      case TfliteOp::sub:
      case TfliteOp::mul:
      case TfliteOp::mean:
      case TfliteOp::relu:
      case TfliteOp::relu6:
      case TfliteOp::leaky_relu:
      case TfliteOp::hard_swish:
        return;
      default:
        return check_moved(op);
    }
  }

  static void check_grid(const TfliteTensor& tensor, float scale, std::int64_t zero) {
    EXPECT_EQ(tensor.quantization.scale[0], scale);
    EXPECT_EQ(tensor.quantization.zero_point[0], zero);
  }

  /// axis: -1 for one scale.
  void check_product(const TfliteOperator& op, int axis) const {
    const TfliteTensor& x = at(op.inputs[0]);
    const TfliteTensor& kernel = at(op.inputs[1]);
    const TfliteTensor& bias = at(op.inputs[2]);
    const auto outputs = static_cast<std::size_t>(at(op.outputs[0]).shape[-1]);
    ASSERT_EQ(kernel.dtype, DType::int8);
    ASSERT_EQ(bias.dtype, DType::int32);
    ASSERT_EQ(kernel.quantization.scale.size(), axis < 0 ? 1 : outputs);
    ASSERT_EQ(bias.quantization.scale.size(), kernel.quantization.scale.size());
    EXPECT_EQ(bias.value->count(), static_cast<std::int64_t>(outputs));
    EXPECT_EQ(kernel.quantization.axis, std::max(axis, 0));
    EXPECT_EQ(bias.quantization.axis, 0);
    for (std::size_t c = 0; c < kernel.quantization.scale.size(); ++c) {
      EXPECT_EQ(kernel.quantization.zero_point[c], 0);
      EXPECT_EQ(bias.quantization.zero_point[c], 0);
      EXPECT_EQ(bias.quantization.scale[c], kernel.quantization.scale[c] * x.quantization.scale[0]);
    }
    for (const std::int8_t weight : kernel.value->data<std::int8_t>()) EXPECT_GE(weight, -127);
  }

  void check_moved(const TfliteOperator& op) const {
    const formats::TfliteQuantization& y = at(op.outputs[0]).quantization;
    for (const std::int32_t input : op.inputs) {
      if (at(input).dtype == DType::int32) continue;  // sizes
      ASSERT_EQ(at(input).dtype, DType::int8);
      EXPECT_EQ(at(input).quantization.scale, y.scale);
      EXPECT_EQ(at(input).quantization.zero_point, y.zero_point);
    }
  }

  const TfliteModel& file_;
};

std::ptrdiff_t count_in(const TfliteModel& file, TfliteOp op) {
  return std::ranges::count(file.operators, op, &TfliteOperator::op);
}

class LowZoo : public testing::TestWithParam<const char*> {};

TEST_P(LowZoo, EverythingBetweenInputAndOutputHas8Bits) {
  const LowZooModel low(GetParam());
  const TfliteModel file = to_tflite(low.model, {.int8 = low.values});
  Specification(file).check();
  EXPECT_EQ(float32_operators(file), (std::map<std::string, std::size_t>{}));
  ASSERT_FALSE(file.operators.empty());
  EXPECT_EQ(file.operators.front().op, TfliteOp::quantize);
  EXPECT_EQ(file.operators.front().inputs, file.inputs);
  EXPECT_EQ(file.operators.back().op, TfliteOp::dequantize);
  EXPECT_EQ(file.operators.back().outputs, file.outputs);
  EXPECT_EQ(count_in(file, TfliteOp::dequantize), 1);
  // Input and output have the names that they have in float32.
  const TfliteModel exact = to_tflite(low.model, {});
  const auto name = [](const TfliteModel& of, const std::vector<std::int32_t>& places) {
    return of.tensors[static_cast<std::size_t>(places.front())].name;
  };
  EXPECT_EQ(name(file, file.inputs), name(exact, exact.inputs));
  EXPECT_EQ(name(file, file.outputs), name(exact, exact.outputs));
  EXPECT_EQ(count_in(exact, TfliteOp::quantize), 0);
}

TEST_P(LowZoo, ComesBackAsTheNumbersThatWholeOnesStandFor) {
  LowZooModel low(GetParam());
  Model read = from_tflite(to_tflite(low.model, {.int8 = low.values}), "int8.tflite");
  const double difference = test::part_of_largest(read.predict(low.batch), low.model.predict(low.batch));
  std::printf("%s: kernels of 8 bits %.1e\n", GetParam(), difference);
  EXPECT_LT(difference, 0.1);
  EXPECT_GT(difference, 1e-5);  // the kernels are rounded
}

TEST_P(LowZoo, AnswersInLiteRtAsRoundingAllows) {
  GRAFT_REQUIRE_LITERT();
  LowZooModel low(GetParam());
  plan::Runner runner(low.model, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = low.ranges});
  const Tensor own = runner.run_first(low.batch);
  const Tensor exact = low.model.predict(low.batch);
  const Tensor answer = test::lite_answer(low.model, {.int8 = low.values}, low.batch);
  const double loss = test::part_of_largest(own, exact);
  const double difference = test::part_of_largest(answer, exact);
  std::printf("%s: from float32 LiteRT %.1e, graft's int8 %.1e\n", GetParam(), difference, loss);
  // More is rounded than in graft: what is summed, and the output.
  EXPECT_LT(difference, 2 * loss + 0.02);
}

INSTANTIATE_TEST_SUITE_P(Some, LowZoo,
                         testing::Values("mobilenet_v2", "mobilenet_v3_small", "resnet18", "squeezenet1_1",
                                         "densenet121", "efficientnet_lite0"),
                         [](const auto& instance) { return std::string(instance.param); });

/// Small layers of all kinds: what has no 8 bits stays float32 between conversions.
TEST(LowLayers, FollowTheSpecification) {
  for (const test::LayerCase& one : test::all_layers()) {
    if (one.name.find("transpose") != std::string::npos || one.name == "attention") continue;
    SCOPED_TRACE(one.name);
    Model model = test::model_of(one);
    test::randomize(model);
    const Tensor batch = test::random_pixels(3, model.input_shape());
    const TfliteModel file = to_tflite(model, {.int8 = values_on(model, batch)});
    Specification(file).check();
    for (const auto& [name, count] : float32_operators(file))
      std::printf("%s: %zu %s in float32\n", one.name.c_str(), count, name.c_str());
  }
}

TEST(LowLayers, RunInLiteRt) {
  GRAFT_REQUIRE_LITERT();
  for (const test::LayerCase& one : test::all_layers()) {
    if (one.name.find("transpose") != std::string::npos || one.name == "attention") continue;
    SCOPED_TRACE(one.name);
    Model model = test::model_of(one);
    test::randomize(model);
    const Tensor batch = test::random_pixels(3, model.input_shape());
    const Tensor expected = model.predict(batch);
    const Tensor answer = test::lite_answer(model, {.int8 = values_on(model, batch)}, batch);
    EXPECT_EQ(answer.shape(), expected.shape());
    const double difference = test::part_of_largest(answer, expected);
    std::printf("%s: %.1e\n", one.name.c_str(), difference);
    EXPECT_LT(difference, 0.1);
  }
}

TEST(LowLayers, WhatHasNo8BitsStandsBetweenConversions) {
  const SymbolicTensor image = Input({8, 8, 3});
  const SymbolicTensor x = layers::Conv2D({.filters = 4, .kernel_size = 3, .name = "c1"})(image);
  const SymbolicTensor y = layers::LayerNormalization({.name = "norm"})(x);
  const Model model(image, layers::Conv2D({.filters = 2, .kernel_size = 3, .name = "c2"})(y));
  const Tensor batch = test::random_pixels(2, model.input_shape());
  Int8Values values = values_on(model, batch);
  const TfliteModel file = to_tflite(model, {.int8 = values});
  Specification(file).check();
  const auto exact = float32_operators(file);
  EXPECT_EQ(exact.at("DIV"), 1U);
  EXPECT_EQ(exact.at("SQRT"), 1U);
  EXPECT_FALSE(exact.contains("CONV_2D"));
  // Layers that lose too much, and layers without ranges.
  values.float32_layers = {"c1"};
  const TfliteModel less = to_tflite(model, {.int8 = values});
  Specification(less).check();
  EXPECT_EQ(float32_operators(less).at("CONV_2D"), 1U);
  std::erase_if(values.ranges, [](const auto& entry) { return entry.first == "c2:0"; });
  EXPECT_EQ(float32_operators(to_tflite(model, {.int8 = values})).at("CONV_2D"), 2U);
}

/// A concatenation has one scale; what the specification states for a sigmoid is rounded again for it.
TEST(LowLayers, SigmoidsAreRoundedAgainForConcatenations) {
  const SymbolicTensor image = Input({8, 8, 3});
  const SymbolicTensor a = layers::Conv2D({.filters = 4, .kernel_size = 3, .activation = "sigmoid"})(image);
  const SymbolicTensor b = layers::Conv2D({.filters = 4, .kernel_size = 3, .activation = "relu"})(image);
  const SymbolicTensor both = layers::Concatenate()(std::vector{a, b});
  const Model model(image, layers::Conv2D({.filters = 2, .kernel_size = 1})(both));
  const TfliteModel file =
      to_tflite(model, {.int8 = values_on(model, test::random_pixels(2, model.input_shape()))});
  Specification(file).check();
  EXPECT_TRUE(float32_operators(file).empty());
  EXPECT_EQ(count_in(file, TfliteOp::quantize), 2);  // of the image, and of the sigmoid
}

TEST(LowLayers, PixelsKeepTheirNumbers) {
  const SymbolicTensor image = Input({8, 8, 3});
  const SymbolicTensor x = layers::Rescaling({.scale = 1 / 127.5, .offset = -1})(image);
  const Model model(image, layers::Conv2D({.filters = 2, .kernel_size = 3})(x));
  Tensor batch = test::random_pixels(2, model.input_shape());
  for (float& pixel : batch.data()) pixel = std::min(pixel, 201.0F);  // no white
  const TfliteModel file = to_tflite(model, {.int8 = values_on(model, batch)});
  Specification(file).check();
  const TfliteTensor& pixels = file.tensors[static_cast<std::size_t>(file.operators.front().outputs.front())];
  EXPECT_EQ(pixels.quantization.scale, std::vector<float>{1.0F});
  EXPECT_EQ(pixels.quantization.zero_point, std::vector<std::int64_t>{-128});
  // Scaling pixels is a convolution of 8 bits.
  EXPECT_EQ(file.operators[1].op, TfliteOp::depthwise_conv_2d);
}

/// A channel that training has switched off: its kernel is next to nothing, its bias is not.
TEST(LowLayers, ABiasOfADeadChannelIsKept) {
  const SymbolicTensor image = Input({8, 8, 3});
  const Layer layer = layers::Conv2D({.filters = 2, .kernel_size = 3});
  const Model model(image, layer(image));
  Tensor kernel = layer.weights()[0]->value().clone();
  for (std::size_t i = 0; i < kernel.data().size(); i += 2) kernel.data()[i] = 1e-22F;
  layer.weights()[0]->assign(kernel);
  layer.weights()[1]->assign(Tensor::from({2}, std::span<const float>(std::vector<float>{37.5F, -2.25F})));
  const TfliteModel file =
      to_tflite(model, {.int8 = values_on(model, test::random_pixels(2, model.input_shape()))});
  Specification(file).check();
  const auto product = std::ranges::find(file.operators, TfliteOp::conv_2d, &TfliteOperator::op);
  ASSERT_NE(product, file.operators.end());
  const TfliteTensor& bias = file.tensors[static_cast<std::size_t>(product->inputs[2])];
  const auto real = [&](std::size_t c) {
    return static_cast<double>(bias.value->data<std::int32_t>()[c]) * bias.quantization.scale[c];
  };
  EXPECT_NEAR(real(0), 37.5, 1e-3);
  EXPECT_NEAR(real(1), -2.25, 0.05);
}

TEST(LowLayers, NeedRangesAndNoFloat16) {
  const SymbolicTensor image = Input({8, 8, 3});
  const Model model(image, layers::Conv2D({.filters = 2, .kernel_size = 3})(image));
  const Int8Values values = values_on(model, test::random_pixels(2, model.input_shape()));
  const auto refused = [&](const TfliteOptions& options) {
    return test::message_of([&] { static_cast<void>(to_tflite(model, options)); },
                            ErrorKind::invalid_argument);
  };
  EXPECT_NE(refused({.float16 = true, .int8 = values}).find("float16"), std::string::npos);
  EXPECT_NE(refused({.int8 = Int8Values{}}).find("ranges"), std::string::npos);
}

}  // namespace
}  // namespace graft
