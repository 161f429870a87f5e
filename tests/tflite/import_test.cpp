// SPDX-License-Identifier: Apache-2.0
// TensorFlow Lite files come back as models.
#include "graft/tflite/import.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "graft/base/read_file.hpp"
#include "graft/layers.hpp"
#include "graft/saving.hpp"
#include "graft/tflite/export.hpp"
#include "graft/training.hpp"

#include "layer_cases.hpp"
#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

Model written_and_read(const Model& model, const TfliteOptions& options = {}) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "m.tflite";
  save_tflite(model, file, options);
  return saving::load_model(file).model;
}

/// Operators that graft writes and does not read.
bool is_only_written(const std::string& name) {
  constexpr std::array<std::string_view, 5> kWritten{"resize", "upsample", "transpose", "padded_max",
                                                     "attention"};
  return std::ranges::any_of(kWritten,
                             [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

TEST(TfliteImport, LayersComeBackWithTheSameAnswers) {
  int read = 0;
  for (const test::LayerCase& one : test::all_layers()) {
    if (is_only_written(one.name)) continue;
    SCOPED_TRACE(one.name);
    Model model = test::model_of(one);
    test::randomize(model);
    const Tensor batch = test::random_pixels(3, model.input_shape());
    try {
      EXPECT_LT(test::part_of_largest(written_and_read(model).predict(batch), model.predict(batch)), 1e-5);
      ++read;
    } catch (const Error& error) {
      // Refused by name, never another answer.
      EXPECT_EQ(error.kind(), ErrorKind::unsupported) << error.what();
      std::printf("%s: %s\n", one.name.c_str(), error.what());
    }
  }
  EXPECT_GE(read, 30);
}

/// A file of TensorFlow's converter (of tf_keras 2.15's model), and LiteRT 2.3.0's answer for these pixels.
TEST(TfliteImport, AFileOfTensorFlowAnswersAsInLiteRt) {
  const fs::path file = test::goldens() / "cases/unclear_messages/k2_model.tflite";
  Model model = saving::load_model(file).model;
  Tensor image({1, 64, 64, 3});
  for (std::size_t i = 0; i < image.data().size(); ++i) image.data()[i] = static_cast<float>(i * 7 % 256);
  const std::vector<float> expected{0.1444245F, 0.0731218F, 0.0971355F, 0.0853795F, 0.0949761F,
                                    0.1374472F, 0.1100222F, 0.0502995F, 0.0831258F, 0.1240679F};
  const Tensor answer = model.predict(image);
  ASSERT_EQ(answer.data().size(), expected.size());
  EXPECT_LT(test::max_difference(answer.data(), expected), 1e-5);
}

TEST(TfliteImport, NamesOfClassesAndFactsStayInTheFile) {
  const test::TemporaryFolder folder;
  const SymbolicTensor x = Input({8, 8, 3});
  const Model model(x, layers::Dense({.units = 2, .activation = "softmax"})(layers::Flatten()(x)));
  save_tflite(model, folder.path() / "named.tflite", {.class_names = {"ant", "bee"}});
  EXPECT_EQ(saving::load_model(folder.path() / "named.tflite").extra.at("graft.json"),
            R"({"class_names":["ant","bee"]})");
  save_tflite(model, folder.path() / "facts.tflite",
              {.class_names = {"ant", "bee"}, .metadata = {{"graft.json", "{}"}}});
  EXPECT_EQ(saving::load_model(folder.path() / "facts.tflite").extra.at("graft.json"), "{}");
}

/// A graph of one product of an input of bytes.
formats::TfliteModel quantised(DType dtype, std::int64_t zero_point) {
  formats::TfliteModel graph;
  Tensor seven({1}, DType::int8);
  seven.data<std::int8_t>()[0] = 7;
  const Shape image{-1, 2, 2, 1};
  graph.tensors.push_back(
      {.name = "image", .shape = image, .dtype = dtype, .value = {}, .quantization = {{0.5F}, {zero_point}}});
  graph.tensors.push_back({.name = "factor",
                           .shape = {1},
                           .dtype = DType::int8,
                           .value = seven,
                           .quantization = {{0.25F}, {-1}}});
  graph.tensors.push_back(
      {.name = "y", .shape = image, .dtype = dtype, .value = {}, .quantization = {{1.0F}, {0}}});
  graph.operators = {{.op = formats::TfliteOp::mul, .inputs = {0, 1}, .outputs = {2}, .settings = {}}};
  graph.inputs = {0};
  graph.outputs = {2};
  return graph;
}

TEST(TfliteImport, IntegersBecomeTheNumbersBehindThem) {
  const Tensor pixels =
      Tensor::from({1, 2, 2, 1}, std::span<const float>(std::vector<float>{0, 100, 128, 255}));
  // (pixel - 128) 0.5, times (7 + 1) 0.25
  const std::vector<float> expected{-128, -28, 0, 127};
  for (const auto& [dtype, zero] : {std::pair(DType::uint8, 128), std::pair(DType::int8, 0)}) {
    Model model = from_tflite(quantised(dtype, zero), "m.tflite");
    EXPECT_LT(test::max_difference(model.predict(pixels).data(), expected), 1e-5);
  }
}

TEST(TfliteImport, UnknownOperatorsAreNamed) {
  formats::TfliteModel graph = quantised(DType::uint8, 0);
  graph.operators[0].op = formats::TfliteOp::resize_bilinear;
  const std::string message =
      test::message_of([&] { static_cast<void>(from_tflite(graph, "m.tflite")); }, ErrorKind::unsupported);
  EXPECT_NE(message.find("RESIZE_BILINEAR"), std::string::npos) << message;
}

/// Every file cut at some place, and every byte of the first kilobytes changed: an error with a type, or a
/// model.
TEST(TfliteImport, BrokenFilesAreRefused) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "m.tflite";
  const SymbolicTensor x = Input({8, 8, 3});
  save_tflite(Model(x, layers::Conv2D({.filters = 2, .kernel_size = 3})(x)), file,
              {.class_names = {"a", "b"}});
  const std::string whole = read_file(file, 1 << 20);
  const auto try_bytes = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
    try {
      static_cast<void>(saving::load_model(file));
    } catch (const Error& error) {
      EXPECT_NE(error.kind(), ErrorKind::internal) << error.what();
    }
  };
  for (std::size_t size = 0; size < whole.size(); size += 61) try_bytes(whole.substr(0, size));
  for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 3000); at += 3) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    try_bytes(changed);
  }
}

}  // namespace
}  // namespace graft
