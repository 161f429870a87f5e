// SPDX-License-Identifier: Apache-2.0
// TensorFlow.js's layers format.
#include <cstring>
#include <fstream>

#include "graft/base/json.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using test::expect_error;

/// Every kind of layer whose weights have names of their own, some of them nested.
Model small_network() {
  const SymbolicTensor input = Input({8, 8, 3}, "photo");
  SymbolicTensor x =
      layers::Conv2D({.filters = 4, .kernel_size = 3, .use_bias = false, .name = "conv"})(input);
  x = layers::BatchNormalization({.name = "bn"})(x);
  x = layers::DepthwiseConv2D({.kernel_size = 3, .name = "depthwise"})(x);
  x = layers::SeparableConv2D({.filters = 5, .kernel_size = 3, .name = "separable"})(x);
  const Model base(input, layers::GlobalAveragePooling2D({.name = "pool"})(x), "base");
  const SymbolicTensor outer = Input({8, 8, 3}, "outer");
  const Model model(outer, layers::Dense({.units = 2, .activation = "softmax", .name = "head"})(base(outer)),
                    "whole");
  test::set_golden_weights(model);
  return model;
}

Json manifest_of(const fs::path& path) {
  std::ifstream in(path);
  return Json::parse(in)["weightsManifest"][0];
}

void write_json(const fs::path& path, const Json& json) { std::ofstream(path) << json.dump(); }

/// A model of one Dense layer, "d", with this manifest.
Json dense_with(const Json& manifest) {
  const Json input{{"class_name", "InputLayer"},
                   {"config", {{"batch_input_shape", {nullptr, 2}}, {"dtype", "float32"}, {"name", "in"}}},
                   {"name", "in"},
                   {"inbound_nodes", Json::array()}};
  const Json dense{
      {"class_name", "Dense"},
      {"config", {{"name", "d"}, {"units", 2}, {"activation", "linear"}, {"use_bias", true}}},
      {"name", "d"},
      {"inbound_nodes", Json::array({Json::array({Json::array({"in", 0, 0, Json::object()})})})}};
  const Json config{{"name", "m"},
                    {"layers", Json::array({input, dense})},
                    {"input_layers", Json::array({Json::array({"in", 0, 0})})},
                    {"output_layers", Json::array({Json::array({"d", 0, 0})})}};
  return {{"format", "layers-model"},
          {"modelTopology",
           {{"keras_version", "2.2.4"}, {"model_config", {{"class_name", "Model"}, {"config", config}}}}},
          {"weightsManifest", manifest}};
}

Json weight(const char* name, const Json& shape) {
  return {{"name", name}, {"shape", shape}, {"dtype", "float32"}};
}

TEST(TfjsModel, ComesBackBitForBit) {
  const test::TemporaryFolder folder;
  const Model model = small_network();
  saving::save_model(model, folder.path() / "model.json", {.extra = {{"graft.json", "{\"a\": 1}"}}});
  const saving::LoadedModel loaded = saving::load_model(folder.path() / "model.json");
  EXPECT_TRUE(loaded.has_weights);
  EXPECT_EQ(loaded.extra.at("graft.json"), "{\"a\": 1}");
  const std::vector<VariablePtr> before = model.weights();
  const std::vector<VariablePtr> after = loaded.model.weights();
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    ASSERT_EQ(before[i]->shape(), after[i]->shape()) << before[i]->path();
    EXPECT_EQ(0,
              std::memcmp(before[i]->value().raw(), after[i]->value().raw(), before[i]->value().size_bytes()))
        << before[i]->path();
  }
}

TEST(TfjsModel, HasTensorFlowJsNames) {
  const test::TemporaryFolder folder;
  small_network().save(folder.path() / "model.json");
  std::vector<std::string> names;
  const Json manifest = manifest_of(folder.path() / "model.json");
  for (const Json& one : manifest["weights"]) names.push_back(one["name"]);
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"bn/beta", "bn/gamma", "bn/moving_mean", "bn/moving_variance",
                                             "conv/kernel", "depthwise/bias", "depthwise/depthwise_kernel",
                                             "head/bias", "head/kernel", "separable/bias",
                                             "separable/depthwise_kernel", "separable/pointwise_kernel"}));
}

TEST(TfjsModel, IsCutIntoShards) {
  const test::TemporaryFolder folder;
  const SymbolicTensor input = Input({1000}, "in");
  const Model model(input, layers::Dense({.units = 1100, .name = "wide"})(input), "m");
  test::set_golden_weights(model);
  model.save(folder.path() / "model.json");
  EXPECT_EQ(manifest_of(folder.path() / "model.json")["paths"],
            (Json{"group1-shard1of2.bin", "group1-shard2of2.bin"}));
  EXPECT_EQ(fs::file_size(folder.path() / "group1-shard1of2.bin"), std::uintmax_t{4} << 20U);
  const Model loaded = saving::load_model(folder.path() / "model.json").model;
  EXPECT_EQ(test::max_difference(loaded.weights()[0]->value().data(), model.weights()[0]->value().data()), 0);
}

TEST(TfjsModel, QuantisedWeightsAreScaled) {
  const test::TemporaryFolder folder;
  Json kernel = weight("d/kernel", {2, 2});
  kernel["quantization"] = {{"dtype", "uint8"}, {"scale", 0.5}, {"min", -1.0}};
  Json bias = weight("d/bias", {2});
  bias["quantization"] = {{"dtype", "uint16"}, {"scale", 0.25}, {"min", 2.0}};
  write_json(folder.path() / "model.json",
             dense_with(Json::array({Json{{"paths", {"a.bin", "b.bin"}}, {"weights", {kernel, bias}}}})));
  std::ofstream(folder.path() / "a.bin", std::ios::binary) << std::string("\x00\x01\x02", 3);  // cut anywhere
  std::ofstream(folder.path() / "b.bin", std::ios::binary) << std::string("\xff\x04\x00\xff\xff", 5);
  const Model model = saving::load_model(folder.path() / "model.json").model;
  EXPECT_EQ(test::max_difference(model.weights()[0]->value().data(), std::vector<float>{-1, -0.5, 0, 126.5}),
            0);
  EXPECT_EQ(test::max_difference(model.weights()[1]->value().data(), std::vector<float>{3, 16385.75}), 0);
}

TEST(TfjsModel, BrokenFilesAreRefused) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "model.json";
  const Json kernel = weight("d/kernel", {2, 2});
  const Json bias = weight("d/bias", {2});
  const auto refused = [&](const Json& manifest, ErrorKind kind, const char* part) {
    write_json(path, dense_with(manifest));
    expect_error([&] { static_cast<void>(saving::load_model(path)); }, kind, {part});
  };
  const auto group = [&](const Json& paths, const Json& weights) {
    return Json::array({Json{{"paths", paths}, {"weights", weights}}});
  };
  std::ofstream(folder.path() / "w.bin", std::ios::binary) << std::string(24, '\0');
  refused(group({"none.bin"}, {kernel, bias}), ErrorKind::not_found, "none.bin");
  refused(group({"../w.bin"}, {kernel, bias}), ErrorKind::bad_file, "outside its folder");
  refused(group({"/etc/passwd"}, {kernel, bias}), ErrorKind::bad_file, "outside its folder");
  refused(group({"https://a.example/w.bin"}, {kernel, bias}), ErrorKind::bad_file, "outside its folder");
  refused(group({"w.bin"}, Json::array({kernel})), ErrorKind::bad_file, "24 bytes, the weights need 16");
  refused(group({"w.bin"}, {kernel, kernel, bias}), ErrorKind::bad_file, "end before 'd/kernel'");
  refused(group({"w.bin"}, {kernel, weight("d/other", {2})}), ErrorKind::bad_file, "no weight 'bias'");
  refused(group({"w.bin"}, {kernel, weight("e/bias", {2})}), ErrorKind::bad_file, "no weight 'bias'");
  refused(group({"w.bin"}, {weight("d/kernel", {4, 1}), bias}), ErrorKind::shape_mismatch, "d/kernel");
  refused(group({"w.bin"}, Json::array({weight("d/kernel", {4611686018427387904, 4})})), ErrorKind::bad_file,
          "cannot be");
  refused(group({"w.bin"}, Json::array({weight("d/kernel", {-1, 4})})), ErrorKind::bad_file, "cannot be");
  refused(Json("none"), ErrorKind::bad_file, "weightsManifest");
  write_json(path, {{"format", "graph-model"}, {"modelTopology", {{"node", Json::array()}}}});
  expect_error([&] { static_cast<void>(saving::load_model(path)); }, ErrorKind::unsupported, {"graph model"});
  write_json(path, dense_with(group({"w.bin"}, {kernel, bias})));
  EXPECT_EQ(saving::load_model(path).model.weights().size(), 2U);  // so each refusal had its reason
}

}  // namespace
}  // namespace graft
