// SPDX-License-Identifier: Apache-2.0
// Every layer of every golden whose application graft has: name, class, shape, parameters, inputs, weights.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <vector>

#include <gtest/gtest.h>

#include "graft/applications/catalogue.hpp"
#include "graft/base/error.hpp"
#include "graft/layers/layer_base.hpp"

#include "support.hpp"

namespace graft::applications {
namespace {

std::vector<std::filesystem::path> golden_files() {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder = test::goldens() / "keras";
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(".json.gz")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

ApplicationOptions options_of(const Json& golden) {
  const auto input = golden.at("input").get<std::vector<std::int64_t>>();
  ApplicationOptions options{.input_shape = Shape(input),
                             .include_top = golden.at("include_top").get<bool>()};
  for (const auto& [key, value] : golden.at("kwargs").items()) {
    if (key == "alpha") {
      options.alpha = value.get<double>();
    } else if (key == "pooling") {
      options.pooling = value.get<std::string>();
    } else if (key == "classes") {
      options.classes = value.get<std::int64_t>();
    } else if (key == "classifier_activation") {
      options.classifier_activation = value.is_null() ? "" : value.get<std::string>();
    } else {
      ADD_FAILURE() << "the golden has an argument that this test does not pass on: " << key;
    }
  }
  return options;
}

void expect_layer(const Layer& layer, const Json& expected) {
  SCOPED_TRACE(expected.at("name").get<std::string>());
  EXPECT_EQ(layer.name(), expected.at("name").get<std::string>());
  EXPECT_EQ(layer.class_name(), expected.at("cls").get<std::string>());
  EXPECT_EQ(layer.output_shape().without_batch().sizes(),
            expected.at("out").get<std::vector<std::int64_t>>());
  EXPECT_EQ(layer.count_params(), expected.at("params").get<std::int64_t>());
  std::vector<std::string> inbound;
  for (const SymbolicTensor& input : layer.base()->nodes().front().inputs)
    inbound.push_back(input.layer->name());
  EXPECT_EQ(inbound, expected.at("inbound").get<std::vector<std::string>>());
  Json weights = Json::array();
  for (const VariablePtr& weight : layer.weights())
    weights.push_back({weight->name(), weight->shape().sizes()});
  EXPECT_EQ(weights, expected.at("weights"));
}

TEST(ApplicationGoldens, EveryLayerIsAsInKeras) {
  std::vector<std::string> skipped;
  std::size_t compared = 0;
  for (const auto& file : golden_files()) {
    SCOPED_TRACE(file.filename().string());
    const Json golden = test::read_json(file);
    const Application* application = look_up_application(golden.at("model").get<std::string>());
    if (application == nullptr) {
      skipped.push_back(file.filename().string());
      continue;
    }
    clear_session();
    const Model model = application->build(options_of(golden));
    const Json& layers = golden.at("layers");
    ASSERT_EQ(model.layers().size(), layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) expect_layer(model.layers()[i], layers[i]);
    EXPECT_EQ(model.count_params(), golden.at("total_params").get<std::int64_t>());
    EXPECT_EQ(count_params(model.trainable_weights()), golden.at("trainable_params").get<std::int64_t>());
    ++compared;
  }
  for (const std::string& name : skipped)
    std::cout << "[  SKIPPED ] " << name << ": not an application of graft yet\n";
  EXPECT_GE(compared, 1U) << "no golden of a known application in " << test::goldens();
}

}  // namespace
}  // namespace graft::applications
