// SPDX-License-Identifier: Apache-2.0
// What the golden tests share: the goldens' files, models built as they say, weights by formula.
#pragma once

#include <algorithm>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "graft/applications/applications.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/models/model.hpp"

#include "support.hpp"

namespace graft::test {

/// The files of goldens()/keras, in alphabetical order.
inline std::vector<std::filesystem::path> keras_golden_files() {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder = goldens() / "keras";
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(".json.gz")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// The arguments that the golden's model was built with.
inline applications::ApplicationOptions options_of(const Json& golden) {
  applications::ApplicationOptions options{
      .input_shape = Shape(golden.at("input").get<std::vector<std::int64_t>>()),
      .include_top = golden.at("include_top").get<bool>(),
      .classifier_activation = "linear"};
  for (const auto& [key, value] : golden.at("kwargs").items()) {
    if (key == "alpha") {
      options.alpha = value.get<double>();
    } else if (key == "pooling") {
      options.pooling = value.get<std::string>();
    } else if (key == "classes") {
      options.classes = value.get<std::int64_t>();
    } else if (key != "classifier_activation") {
      ADD_FAILURE() << "the golden has an argument that this test does not pass on: " << key;
    }
  }
  return options;
}

/// Every weight becomes the goldens' formula for "layer/weight", in nested models too.
inline void set_golden_weights(const Model& model) {
  for (const Layer& layer : model.layers()) {
    if (const auto nested = std::dynamic_pointer_cast<models::FunctionalModel>(layer.base())) {
      set_golden_weights(Model(nested));
      continue;
    }
    for (const VariablePtr& weight : layer.weights()) {
      const std::string key = layer.name() + "/" + weight->name();
      weight->assign(golden_weight(key, weight->name(), weight->shape()));
    }
  }
}

/// Images as networks of the goldens get them: x / 127.5 - 1.
inline Tensor scaled(const Tensor& raw) {
  Tensor result = raw.clone();
  for (float& x : result.data()) x = x / 127.5F - 1;
  return result;
}

}  // namespace graft::test
