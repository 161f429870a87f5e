// SPDX-License-Identifier: Apache-2.0
// ONNX graphs as models of graft's layers.
#include "graft/onnx/import.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "graft/applications.hpp"
#include "graft/formats/npy.hpp"
#include "graft/layers.hpp"
#include "graft/onnx/export.hpp"
#include "graft/onnx/runtime.hpp"
#include "graft/saving.hpp"
#include "graft/surgery.hpp"
#include "graft/training.hpp"

#include "layer_cases.hpp"
#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

using formats::OnnxAttribute;
using formats::OnnxModel;
using formats::OnnxNode;

std::size_t count_layers(const Model& model, const std::string& class_name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      model.layers(), [&](const Layer& layer) { return layer.class_name() == class_name; }));
}

TEST(OnnxImport, LayersComeBack) {
  std::set<std::string> refused;
  for (const test::LayerCase& one : test::all_layers()) {
    SCOPED_TRACE(one.name);
    Model model = test::model_of(one);
    test::randomize(model);
    const Tensor batch = test::random_pixels(3, model.input_shape());
    for (const OnnxInput input : {OnnxInput::nhwc, OnnxInput::nchw}) {
      try {
        Model read = from_onnx(to_onnx(model, {.input = input}), "file");
        EXPECT_EQ(read.input_shape(), model.input_shape());
        EXPECT_LT(test::part_of_largest(read.predict(batch), model.predict(batch)), 2e-6);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unsupported) << error.what();
        refused.insert(one.name);
      }
    }
  }
  EXPECT_EQ(refused, (std::set<std::string>{"resize_nearest", "group", "threshold", "soft_shrink",
                                            "hard_shrink", "squareplus"}));
}

class ZooFromOnnx : public testing::TestWithParam<const char*> {};

TEST_P(ZooFromOnnx, ComesBack) {
  clear_session();
  const applications::Application& application = applications::find_application(GetParam());
  const std::int64_t size = application.default_size > 250 ? 96 : 64;
  Model model = application.build(
      {.input_shape = {size, size, 3}, .weights = "none", .classes = 7, .classifier_activation = ""});
  test::randomize(model);
  Tensor batch = test::random_pixels(2, model.input_shape());
  applications::preprocess_in_place(batch, application.preprocessing);
  Model read = from_onnx(to_onnx(model, {}), "file");
  EXPECT_LT(test::part_of_largest(read.predict(batch), model.predict(batch)), 1e-4);
  EXPECT_EQ(count_layers(read, "Permute"), 0U);
  EXPECT_EQ(count_params(read.trainable_weights()), count_params(model.trainable_weights()));
}

INSTANTIATE_TEST_SUITE_P(Some, ZooFromOnnx,
                         testing::Values("densenet121", "efficientnet_b0", "googlenet", "mobilenet_v2",
                                         "mobilenet_v3_small", "resnet18", "squeezenet1_1"),
                         [](const auto& one) { return std::string(one.param); });

TEST(OnnxImport, ANewHeadTrainsAndIsSaved) {
  clear_session();
  Model model =
      applications::MobileNetV2({.input_shape = {64, 64, 3}, .weights = "none", .classes = 5, .alpha = 0.35});
  Model read = from_onnx(to_onnx(model, {}), "file");
  Model edited = models::replace_head(read, {.classes = 2}).model;
  const Tensor batch = test::random_pixels(4, edited.input_shape());
  const Tensor labels = Tensor::from({4}, std::array<std::int32_t, 4>{0, 1, 0, 1});
  edited.compile({.optimizer = SGD({.learning_rate = 0.01}), .loss = SparseCategoricalCrossentropy()});
  static_cast<void>(edited.train_on_batch(batch, labels));
  std::size_t trained = 0;
  for (const VariablePtr& weight : edited.trainable_weights()) trained += weight->can_train() ? 1 : 0;
  EXPECT_GT(trained, 100U);
  const test::TemporaryFolder folder;
  edited.save(folder.path() / "m.keras");
  Model again = saving::load_model(folder.path() / "m.keras").model;
  EXPECT_EQ(test::max_difference(again.predict(batch).data(), edited.predict(batch).data()), 0);
}

TEST(OnnxImport, FilesAreModels) {
  Model model = test::model_of(test::convolutions().front());
  const test::TemporaryFolder folder;
  save_onnx(model, folder.path() / "m.onnx", {.metadata = {{"graft.json", "{}"}}});
  saving::LoadedModel loaded = saving::load_model(folder.path() / "m.onnx");
  EXPECT_EQ(loaded.extra.at("graft.json"), "{}");
  const Tensor batch = test::random_pixels(2, model.input_shape());
  EXPECT_LT(test::max_difference(loaded.model.predict(batch).data(), model.predict(batch).data()), 1e-5);
}

/// Files that PyTorch 1.13 exported, with ONNX Runtime's answers: tests/onnx/data/README.md.
class FilesOfPyTorch : public testing::TestWithParam<const char*> {};

TEST_P(FilesOfPyTorch, AnswerAsInOnnxRuntime) {
  const std::filesystem::path folder = GRAFT_ONNX_TEST_DATA;
  const std::string name = GetParam();
  Model model = saving::load_model(folder / (name + ".onnx")).model;
  const Tensor answer = model.predict(formats::read_npy(folder / "input.npy"));
  EXPECT_LT(test::max_difference(answer.data(), formats::read_npy(folder / (name + ".npy")).data()), 2e-6);
}

INSTANTIATE_TEST_SUITE_P(All, FilesOfPyTorch,
                         testing::Values("cnn_9", "cnn_11", "cnn_13", "cnn_16", "sizes_9", "sizes_11",
                                         "sizes_13", "sizes_16"),
                         [](const auto& one) { return std::string(one.param); });

/// Every file of a folder that the environment names: networks that are too large for this project.
TEST(OnnxImport, FilesOfAFolder) {
  GRAFT_REQUIRE_ONNX_RUNTIME();
  if (std::getenv("GRAFT_ONNX_FILES") == nullptr)
    GTEST_SKIP() << "set GRAFT_ONNX_FILES to a folder of .onnx files with inputs (N, C, H, W)";
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::getenv("GRAFT_ONNX_FILES")))
    if (entry.path().extension() == ".onnx") files.insert(entry.path());
  for (const std::filesystem::path& file : files) {
    try {
      clear_session();
      Model model = saving::load_model(file).model;
      Tensor batch = test::random_pixels(2, model.input_shape());
      for (float& pixel : batch.data()) pixel = pixel / 64 - 2;
      const test::TemporaryFolder folder;
      const Tensor expected = formats::run_engine(onnx_runtime(), file, test::channels_first(batch),
                                                  std::getenv("GRAFT_ONNX_PYTHON"), folder.path())
                                  .output;
      const double difference = test::part_of_largest(model.predict(batch), expected);
      std::printf("%s: %.1e, %zu Permute\n", file.filename().c_str(), difference,
                  count_layers(model, "Permute"));
      EXPECT_LT(difference, 1e-4) << file;
    } catch (const Error& error) {
      std::printf("%s: %s\n", file.filename().c_str(), error.what());
      ADD_FAILURE() << error.what();
    }
  }
}

/// x (N, 3, 8, 8), then the nodes, then y.
OnnxModel graph_of(std::vector<OnnxNode> nodes, std::int64_t opset = 13) {
  OnnxModel graph;
  graph.opset = opset;
  graph.inputs = {{.name = "x", .shape = {-1, 3, 8, 8}}};
  graph.outputs = {{.name = "y", .shape = {}}};
  graph.nodes = std::move(nodes);
  graph.initializers = {{"scalar", Tensor::full(Shape(), 2)}, {"weights", Tensor::full({2, 3, 3, 3}, 0.1F)}};
  return graph;
}

OnnxNode node_of(std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs,
                 std::vector<OnnxAttribute> attributes = {}) {
  return {.op = std::move(op),
          .name = "node",
          .domain = {},
          .inputs = std::move(inputs),
          .outputs = std::move(outputs),
          .attributes = std::move(attributes)};
}

std::string refusal(const OnnxModel& graph, ErrorKind kind) {
  return test::message_of([&] { static_cast<void>(from_onnx(graph, "file")); }, kind);
}

TEST(OnnxImport, RefusesByName) {
  const std::string unknown = refusal(graph_of({node_of("Einsum", {"x"}, {"y"})}), ErrorKind::unsupported);
  for (const char* part : {"file", "'node'", "Einsum", "opset 13"})
    EXPECT_NE(unknown.find(part), std::string::npos) << unknown;
  OnnxModel foreign = graph_of({node_of("Gelu", {"x"}, {"y"})});
  foreign.nodes[0].domain = "com.microsoft";
  EXPECT_NE(refusal(foreign, ErrorKind::unsupported).find("com.microsoft"), std::string::npos);
  EXPECT_NE(refusal(graph_of({node_of("Relu", {"x"}, {"y"})}, 23), ErrorKind::unsupported).find("opset 23"),
            std::string::npos);
  EXPECT_NE(refusal(graph_of({node_of("Pow", {"scalar", "x"}, {"y"})}), ErrorKind::unsupported)
                .find("fixed numbers"),
            std::string::npos);
}

TEST(OnnxImport, BrokenGraphsAreErrors) {
  EXPECT_NE(
      refusal(graph_of({node_of("Relu", {"z"}, {"y"}), node_of("Relu", {"y"}, {"z"})}), ErrorKind::bad_file)
          .find("cycle"),
      std::string::npos);
  EXPECT_NE(refusal(graph_of({node_of("Relu", {"none"}, {"y"})}), ErrorKind::bad_file).find("'none'"),
            std::string::npos);
  EXPECT_NE(
      refusal(graph_of({node_of("Relu", {"x"}, {"y"}), node_of("Relu", {"x"}, {"y"})}), ErrorKind::bad_file)
          .find("two nodes"),
      std::string::npos);
  refusal(graph_of({node_of("Relu", {}, {"y"})}), ErrorKind::bad_file);
  refusal(graph_of({node_of("Conv", {"x", "weights"}, {"y"}, {OnnxAttribute::of("group", std::int64_t{2})})}),
          ErrorKind::bad_file);
  refusal(graph_of({node_of("Conv", {"x", "weights"}, {"y"},
                            {OnnxAttribute::of("pads", std::vector<std::int64_t>{1LL << 40, 0, 0, 0})})}),
          ErrorKind::bad_file);
  refusal(graph_of({node_of("Transpose", {"x"}, {"y"},
                            {OnnxAttribute::of("perm", std::vector<std::int64_t>{0, 1, 1, 2})})}),
          ErrorKind::bad_file);
}

TEST(OnnxImport, ConstantsStaySmall) {
  OnnxModel graph =
      graph_of({node_of("ConstantOfShape", {"sizes"}, {"c"}), node_of("Mul", {"x", "c"}, {"y"})});
  graph.initializers.push_back({"sizes", Tensor::from({2}, std::array<std::int64_t, 2>{1 << 20, 1 << 20})});
  refusal(graph, ErrorKind::resource_limit);
}

TEST(OnnxImport, SizesThatExportersCompute) {
  // y = reshape(x, [shape(x)[0], 3, 64])
  OnnxModel graph =
      graph_of({node_of("Shape", {"x"}, {"s"}), node_of("Gather", {"s", "zero"}, {"n"}),
                node_of("Unsqueeze", {"n", "axis"}, {"n1"}),
                node_of("Concat", {"n1", "rest"}, {"target"}, {OnnxAttribute::of("axis", std::int64_t{0})}),
                node_of("Reshape", {"x", "target"}, {"y"})});
  graph.initializers.push_back({"zero", Tensor::from(Shape(), std::array<std::int64_t, 1>{0})});
  graph.initializers.push_back({"axis", Tensor::from({1}, std::array<std::int64_t, 1>{0})});
  graph.initializers.push_back({"rest", Tensor::from({2}, std::array<std::int64_t, 2>{3, -1})});
  Model model = from_onnx(graph, "file");
  EXPECT_EQ(model.output_shape(), Shape({-1, 3, 64}));
  const Tensor batch = test::random_pixels(2, model.input_shape());
  const Tensor out = model.predict(batch);
  EXPECT_EQ(out.at(1, 2, 10), batch.at(1, 1, 2, 2));
}

std::vector<OnnxAttribute> window_of(std::int64_t size) {
  return {OnnxAttribute::of("kernel_shape", std::vector<std::int64_t>{size, size}),
          OnnxAttribute::of("strides", std::vector<std::int64_t>{2, 2}),
          OnnxAttribute::of("pads", std::vector<std::int64_t>{1, 1, 1, 1})};
}

TEST(OnnxImport, PaddingIsNoMaximum) {
  Model model = from_onnx(graph_of({node_of("MaxPool", {"x"}, {"y"}, window_of(3))}), "file");
  EXPECT_EQ(model.output_shape(), Shape({-1, 3, 4, 4}));
  Tensor batch = test::random_pixels(2, model.input_shape());
  for (float& pixel : batch.data()) pixel -= 300;
  const Tensor answer = model.predict(batch);
  for (std::int64_t h = 0; h < 4; ++h) {
    float most = -1000;  // rows 2h - 1 to 2h + 1, columns 0 and 1
    for (std::int64_t row = std::max<std::int64_t>(0, 2 * h - 1); row <= 2 * h + 1; ++row)
      most = std::max({most, batch.at(1, row, 0, 2), batch.at(1, row, 1, 2)});
    EXPECT_EQ(answer.at(1, 2, h, 0), most);
  }
  EXPECT_NE(refusal(graph_of({node_of("MaxPool", {"x"}, {"y"}, window_of(2))}), ErrorKind::unsupported)
                .find("negative"),
            std::string::npos);
  const Model padded = from_onnx(
      graph_of({node_of("Relu", {"x"}, {"r"}), node_of("MaxPool", {"r"}, {"y"}, window_of(2))}), "file");
  EXPECT_EQ(padded.output_shape(), Shape({-1, 3, 5, 5}));
}

}  // namespace
}  // namespace graft
