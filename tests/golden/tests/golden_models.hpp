// SPDX-License-Identifier: Apache-2.0
// What the golden tests share: models built as the goldens say, weights by formula.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/model.hpp"
#include "graft/models/functional_model.hpp"

#include "support.hpp"

namespace graft::test {

/// The spec names a size between its first colons: "MobileNetV2:160:notop". Without one the golden's model
/// was built with Keras's default shape, which is open without the top, and run on 224 x 224.
inline bool names_a_size(const Json& golden) {
  const auto spec = golden.value("spec", std::string());
  const std::size_t colon = spec.find(':');
  return colon != std::string::npos && colon + 1 < spec.size() && spec[colon + 1] != ':';
}

/// The arguments that the golden's model was built with.
inline applications::ApplicationOptions options_of(const Json& golden) {
  applications::ApplicationOptions options{.include_top = golden.at("include_top").get<bool>(),
                                           .weights = "none",
                                           .classifier_activation = "linear"};
  if (names_a_size(golden)) options.input_shape = Shape(golden.at("input").get<std::vector<std::int64_t>>());
  for (const auto& [key, value] : golden.at("kwargs").items()) {
    if (key == "alpha") {
      options.alpha = value.get<double>();
    } else if (key == "depth_multiplier") {
      options.depth_multiplier = value.get<std::int64_t>();
    } else if (key == "dropout" || key == "dropout_rate") {
      options.dropout_rate = value.get<double>();
    } else if (key == "minimalistic") {
      options.minimalistic = value.get<bool>();
    } else if (key == "pooling") {
      options.pooling = value.get<std::string>();
    } else if (key == "classes") {
      options.classes = value.get<std::int64_t>();
    } else if (key == "include_preprocessing") {
      options.include_preprocessing = value.get<bool>();
    } else if (key == "classifier_activation") {
      options.classifier_activation = value.is_null() ? "" : value.get<std::string>();
    } else {
      ADD_FAILURE() << "the golden has an argument that this test does not pass on: " << key << " = "
                    << value;
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

/// The same for goldens/keras, which names the weights of a nested model by that model alone. They were made
/// by assigning weights, which Keras's Normalization does not see until it adapts or loads: it kept mean 0
/// and variance 1.
inline void set_golden_weights_by_listed_layer(const Model& model) {
  for (const Layer& layer : model.layers()) {
    if (layer.class_name() == "Normalization") continue;
    for (const VariablePtr& weight : layer.weights())
      weight->assign(golden_weight(layer.name() + "/" + weight->name(), weight->name(), weight->shape()));
  }
}

/// Images as networks of the goldens get them: x / 127.5 - 1.
inline Tensor scaled(const Tensor& raw) {
  Tensor result = raw.clone();
  for (float& x : result.data()) x = x / 127.5F - 1;
  return result;
}

}  // namespace graft::test
