// SPDX-License-Identifier: Apache-2.0
// Every layer and the architectures of the zoo as files of TensorFlow.js, read by graft and in Node.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string_view>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/tfjs_runtime.hpp"
#include "graft/layers.hpp"
#include "graft/saving.hpp"
#include "graft/tfjs.hpp"
#include "graft/training.hpp"

#include "layer_cases.hpp"
#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

#define GRAFT_REQUIRE_TFJS()                       \
  if (std::getenv("GRAFT_TFJS_FOLDER") == nullptr) \
  GTEST_SKIP() << "set GRAFT_TFJS_FOLDER to a folder for npm's @tensorflow/tfjs"

Json json_of(const fs::path& file) {
  std::ifstream in(file);
  return Json::parse(in);
}

/// TensorFlow.js's answer for a file.
Tensor node_answer(const fs::path& file, const Tensor& batch, const char* version = "4.22.0") {
  const fs::path packages = fs::path(std::getenv("GRAFT_TFJS_FOLDER")) / version;
  formats::install_tfjs(packages, version);
  const test::TemporaryFolder folder;
  try {
    const formats::EngineAnswer answer = formats::run_tfjs(file, batch, packages, folder.path());
    EXPECT_EQ(answer.version, version);
    return answer.output;
  } catch (const Error& error) {
    ADD_FAILURE() << error.what();
    return {};
  }
}

Tensor as_teachable_machine(const Tensor& pixels) {
  Tensor scaled = pixels.clone();
  for (float& pixel : scaled.data()) pixel = (pixel / 127) - 1;
  return scaled;
}

/// What cannot be expressed by its layers.
bool is_refused_everywhere(const std::string& name) {
  static const std::set<std::string> kNames{
      "upsample_bilinear", "resize",      "resize_nearest", "group",  "threshold",
      "exponential",       "hard_shrink", "squareplus",     "divide", "attention"};
  return kNames.contains(name);
}
bool is_refused_by_old(const std::string& name) {
  return name.find("gelu") != std::string::npos || name == "dense_on_pixels";
}

TEST(TfjsExport, LayersAnswerAsBefore) {
  for (const test::LayerCase& one : test::all_layers()) {
    if (is_refused_everywhere(one.name)) continue;
    SCOPED_TRACE(one.name);
    Model model = test::model_of(one);
    test::randomize(model);
    const Tensor batch = test::random_pixels(2, model.input_shape());
    const test::TemporaryFolder folder;
    const fs::path file = folder.path() / "model.json";
    save_tfjs(model, file);
    Model read = saving::load_model(file).model;
    EXPECT_LT(test::part_of_largest(read.predict(batch), model.predict(batch)), 1e-5);
  }
}

TEST(TfjsExport, LayersAnswerAsInNode) {
  GRAFT_REQUIRE_TFJS();
  for (const test::LayerCase& one : test::all_layers()) {
    if (is_refused_everywhere(one.name)) continue;
    SCOPED_TRACE(one.name);
    Model model = test::model_of(one);
    test::randomize(model);
    const Tensor batch = test::random_pixels(2, model.input_shape());
    const test::TemporaryFolder folder;
    const fs::path file = folder.path() / "model.json";
    save_tfjs(model, file);
    const Tensor answer = node_answer(file, batch);
    EXPECT_EQ(answer.shape(), model.predict(batch).shape());
    EXPECT_LT(test::part_of_largest(answer, model.predict(batch)), 1e-5);
  }
}

TEST(TfjsExport, WhatCannotBeExpressedIsRefusedByName) {
  for (const test::LayerCase& one : test::all_layers()) {
    const Model model = test::model_of(one);
    const test::TemporaryFolder folder;
    const auto save = [&] { save_tfjs(model, folder.path() / "model.json"); };
    if (!is_refused_everywhere(one.name)) {
      EXPECT_NO_THROW(save()) << one.name;
      continue;
    }
    const std::string message = test::message_of(save, ErrorKind::unsupported);
    EXPECT_NE(message.find("cannot be exported to TensorFlow.js"), std::string::npos) << one.name << message;
    EXPECT_FALSE(fs::exists(folder.path() / "model.json"));
    EXPECT_FALSE(fs::exists(folder.path() / "metadata.json"));
  }
}

TEST(TfjsExport, TeachableMachinesFilesAnswerInItsVersion) {
  GRAFT_REQUIRE_TFJS();
  for (const test::LayerCase& one : test::all_layers()) {
    if (is_refused_everywhere(one.name) || is_refused_by_old(one.name)) continue;
    SCOPED_TRACE(one.name);
    const SymbolicTensor input = Input({12, 12, 3});
    Model model(input, one.build(layers::Rescaling({.scale = 1 / 64.0, .offset = -2})(input)));
    test::randomize(model);
    const Tensor batch = test::random_pixels(2, model.input_shape());
    const test::TemporaryFolder folder;
    const fs::path file = folder.path() / "model.json";
    save_tfjs(model, file, {.class_names = {"a", "b"}, .teachable_machine = true});
    EXPECT_LT(
        test::part_of_largest(node_answer(file, as_teachable_machine(batch), "1.3.1"), model.predict(batch)),
        3e-5);
  }
}

TEST(TfjsExport, TeachableMachinesFilesHaveItsNames) {
  const test::TemporaryFolder folder;
  const SymbolicTensor input = Input({8, 8, 3});
  const SymbolicTensor rows = layers::GlobalAveragePooling2D()(input);
  const Model model(input, layers::Dense({.units = 2, .activation = "softmax"})(rows));
  save_tfjs(model, folder.path() / "model.json", {.class_names = {"cat", "dog"}, .teachable_machine = true});
  const Json json = json_of(folder.path() / "model.json");
  EXPECT_EQ(json["modelTopology"]["model_config"]["class_name"], "Model");
  EXPECT_EQ(json["weightsManifest"][0]["paths"], (Json{"weights.bin"}));
  const Json metadata = json_of(folder.path() / "metadata.json");
  EXPECT_EQ(metadata["labels"], (Json{"cat", "dog"}));
  EXPECT_EQ(metadata["imageSize"], 8);
  const SymbolicTensor wide = Input({8, 9, 3});
  const Model other(wide, layers::GlobalAveragePooling2D()(wide));
  const std::string message =
      test::message_of([&] { save_tfjs(other, folder.path() / "wide.json", {.teachable_machine = true}); },
                       ErrorKind::unsupported);
  EXPECT_NE(message.find("square"), std::string::npos) << message;
}

/// A model within a model within a model, each called once, and one of them twice.
Model nested_model() {
  const SymbolicTensor photo = Input({8, 8, 3}, "photo");
  const Model inner(
      photo, layers::Conv2D({.filters = 3, .kernel_size = 3, .padding = Padding::same, .name = "c"})(photo),
      "inner");
  const SymbolicTensor middle_input = Input({8, 8, 3}, "middle_input");
  const Model middle(middle_input, layers::ReLU()(inner(inner(middle_input))), "middle");
  const SymbolicTensor outer = Input({8, 8, 3}, "outer");
  const SymbolicTensor rows = layers::GlobalAveragePooling2D()(middle(outer));
  Model model(outer,
              layers::Dense({.units = 2, .name = "head"})(layers::BatchNormalization({.axis = 1})(rows)),
              "whole");
  test::randomize(model);
  return model;
}

TEST(TfjsExport, NestedModelsAreJoined) {
  const test::TemporaryFolder folder;
  Model model = nested_model();
  const Tensor batch = test::random_pixels(2, model.input_shape());
  save_tfjs(model, folder.path() / "model.json");
  Model read = saving::load_model(folder.path() / "model.json").model;
  EXPECT_LT(test::part_of_largest(read.predict(batch), model.predict(batch)), 1e-5);
  for (const Layer& layer : read.layers()) EXPECT_NE(layer.class_name(), "Functional");
}

TEST(TfjsExport, SavedNestedModelsCountCallsFromOne) {
  const test::TemporaryFolder folder;
  Model model = nested_model();
  const Tensor batch = test::random_pixels(2, model.input_shape());
  const fs::path file = folder.path() / "model.json";
  model.save(file);
  const Json layers = json_of(file)["modelTopology"]["model_config"]["config"]["layers"];
  const auto pool = std::ranges::find_if(
      layers, [](const Json& layer) { return layer["class_name"] == "GlobalAveragePooling2D"; });
  ASSERT_NE(pool, layers.end());
  EXPECT_EQ((*pool)["inbound_nodes"][0][0][0], "middle");
  EXPECT_EQ((*pool)["inbound_nodes"][0][0][1], 1);
  Model read = saving::load_model(file).model;
  EXPECT_EQ(test::part_of_largest(read.predict(batch), model.predict(batch)), 0);
  if (std::getenv("GRAFT_TFJS_FOLDER") == nullptr) return;
  EXPECT_LT(test::part_of_largest(node_answer(file, batch), model.predict(batch)), 1e-5);
}

TEST(TfjsExport, ASavedLeakyReluKeepsItsSlope) {
  const test::TemporaryFolder folder;
  const SymbolicTensor input = Input({4}, "in");
  const Model model(input, layers::LeakyReLU({.negative_slope = 0.1, .name = "leaky"})(input));
  model.save(folder.path() / "model.json");
  const Json layers =
      json_of(folder.path() / "model.json")["modelTopology"]["model_config"]["config"]["layers"];
  EXPECT_NEAR(layers[1]["config"]["alpha"].get<double>(), 0.1, 1e-9);
}

TEST(TfjsExport, WeightsOfALongerFileDoNotStay) {
  const test::TemporaryFolder folder;
  const auto model_of_width = [](std::int64_t width) {
    const SymbolicTensor input = Input({1000}, "in");
    return Model(input, layers::Dense({.units = width, .name = "wide"})(input));
  };
  const fs::path file = folder.path() / "model.json";
  std::ofstream(folder.path() / "other.bin") << "of somebody else";
  save_tfjs(model_of_width(1100), file);
  EXPECT_TRUE(fs::exists(folder.path() / "group1-shard2of2.bin"));
  save_tfjs(model_of_width(10), file);
  EXPECT_TRUE(fs::exists(folder.path() / "group1-shard1of1.bin"));
  EXPECT_FALSE(fs::exists(folder.path() / "group1-shard1of2.bin"));
  EXPECT_FALSE(fs::exists(folder.path() / "group1-shard2of2.bin"));
  EXPECT_TRUE(fs::exists(folder.path() / "other.bin"));
}

class ZooInNode : public testing::TestWithParam<const char*> {};

TEST_P(ZooInNode, AnswersAsInNode) {
  GRAFT_REQUIRE_TFJS();
  const auto& all = applications::catalogue();
  const auto found = std::ranges::find(all, std::string_view(GetParam()), &applications::Application::name);
  ASSERT_NE(found, all.end());
  clear_session();
  Model model =
      found->build({.input_shape = {64, 64, 3}, .include_top = false, .weights = "none", .pooling = "avg"});
  test::randomize(model);
  Tensor batch = test::random_pixels(1, model.input_shape());
  applications::preprocess_in_place(batch, found->preprocessing);
  const test::TemporaryFolder folder;
  save_tfjs(model, folder.path() / "model.json");
  const double difference =
      test::part_of_largest(node_answer(folder.path() / "model.json", batch), model.predict(batch));
  std::printf("%s: %.1e\n", GetParam(), difference);
  EXPECT_LT(difference, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(All, ZooInNode,
                         testing::Values("mobilenet", "mobilenet_v2", "mobilenet_v3_small",
                                         "efficientnet_lite0", "efficientnet_b0", "efficientnet_v2_b0",
                                         "squeezenet1_1", "googlenet", "shufflenet_v2_x0_5", "densenet121",
                                         "resnet50", "convnext_tiny"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace graft
