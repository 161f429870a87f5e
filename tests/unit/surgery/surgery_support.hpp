// SPDX-License-Identifier: Apache-2.0
// Small trained-looking models, and what every edit is asked.
#pragma once

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/plan/plan.hpp"
#include "graft/surgery.hpp"

#include "support.hpp"

namespace graft::test {

inline void give_weights(const Model& model) {
  for (const models::FoundLayer& one : models::all_layers(model)) {
    if (models::as_model(one.layer).base() != nullptr) continue;
    for (const VariablePtr& weight : one.layer.weights())
      weight->assign(golden_weight(weight->path(), weight->name(), weight->shape()));
  }
}

/// The weight at a path such as "base/conv/kernel".
inline VariablePtr weight_at(const Model& model, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  for (const VariablePtr& weight : models::find_layer(model, path.substr(0, slash)).layer.weights()) {
    if (weight->name() == path.substr(slash + 1)) return weight;
  }
  fail(ErrorKind::not_found, "no weight ", path);
}

inline bool bit_equal(const Variable& a, const Variable& b) {
  const auto x = a.value().data();
  const auto y = b.value().data();
  return a.shape() == b.shape() && std::equal(x.begin(), x.end(), y.begin());
}

/// What the report calls kept is bit for bit the original's, and every weight is in the report once.
inline void expect_honest(const Model& original, const models::Edited& edited) {
  const models::EditReport& report = edited.report;
  for (const std::string& path : report.kept)
    EXPECT_TRUE(bit_equal(*weight_at(original, path), *weight_at(edited.model, path))) << path;
  for (const VariablePtr& weight : edited.model.weights()) {
    for (const VariablePtr& old : original.weights()) EXPECT_NE(weight, old) << "shared " << weight->path();
  }
  EXPECT_EQ(report.kept.size() + report.adapted.size() + report.created.size(),
            edited.model.weights().size());
  EXPECT_EQ(report.params_before, original.count_params());
  EXPECT_EQ(report.params_after, edited.model.count_params());
}

inline Tensor run(const Model& model, const Tensor& input) {
  plan::Plan plan = plan::Plan::lower(
      model, {.batch_size = input.shape()[0], .input_shape = input.shape().without_batch()});
  plan.forward(input);
  return plan.output().clone();
}

/// (1, size, size, channels), all channels equal.
inline Tensor grey_photo(std::int64_t size, std::int64_t channels) {
  const Tensor one = golden_image(size, size, 1);
  Tensor photo({1, size, size, channels});
  for (std::size_t i = 0; i < photo.data().size(); ++i)
    photo.data()[i] = one.data()[i / static_cast<std::size_t>(channels)];
  return photo;
}

inline double difference(const Tensor& a, const Tensor& b) { return max_difference(a.data(), b.data()); }

/// conv and batch normalisation with a branch, as a base: (None, size, size, 3) to 8 channels.
inline Model small_base(std::int64_t size = 16) {
  const SymbolicTensor input = Input({size, size, 3}, "base_input");
  SymbolicTensor x = layers::Conv2D({.filters = 8,
                                     .kernel_size = 3,
                                     .strides = 2,
                                     .padding = Padding::same,
                                     .use_bias = false,
                                     .name = "conv"})(input);
  x = layers::BatchNormalization({.name = "bn"})(x);
  const SymbolicTensor y =
      layers::DepthwiseConv2D({.kernel_size = 3, .padding = Padding::same, .name = "dw"})(x);
  x = layers::Add("add")(std::vector{x, y});
  return {input, layers::ReLU({.name = "relu"})(x), "base"};
}

/// A frozen base between preprocessing and a head with `units` units.
inline Model classifier(std::int64_t units = 2, const std::string& activation = "softmax") {
  const Model base = small_base();
  Layer(base).set_trainable(false);
  const SymbolicTensor input = Input({16, 16, 3}, "image");
  SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}, .name = "rescale"})(input);
  x = base(x, {.training = false});
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  x = layers::Dropout({.rate = 0.2, .name = "drop"})(x);
  x = layers::Dense({.units = units, .activation = activation, .name = "head"})(x);
  Model model(input, x, "classifier");
  give_weights(model);
  return model;
}

template <typename Action>
void expect_error(const Action& action, ErrorKind kind, const std::vector<std::string>& texts) {
  try {
    (void)action();
    ADD_FAILURE() << "expected an Error{" << to_string(kind) << "}";
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.kind()), to_string(kind)) << error.what();
    for (const std::string& text : texts)
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos)
          << error.what() << "\nwants " << text;
  }
}

}  // namespace graft::test
