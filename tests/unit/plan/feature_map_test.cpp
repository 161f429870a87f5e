// SPDX-License-Identifier: Apache-2.0
// The gradient of an output by a feature map against differences, through nested models.
#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/layers.hpp"

#include "small_models.hpp"

namespace graft::plan {
namespace {

using test::random_tensor;

struct Nested {
  Model whole, tail;
};

/// tail: what follows the feature map "base/last" of whole, with the same layers.
Nested nested_model() {
  const SymbolicTensor inner = Input({8, 8, 3});
  SymbolicTensor x = layers::Conv2D({.filters = 4, .kernel_size = 3, .padding = Padding::same})(inner);
  x = layers::BatchNormalization()(x);
  x = layers::ReLU({.name = "last"})(x);
  const Model base(inner, x, "base");
  const SymbolicTensor input = Input({8, 8, 3});
  const Layer pool = layers::GlobalAveragePooling2D();
  const Layer dropout = layers::Dropout({.rate = 0.5});
  const Layer dense = layers::Dense({.units = 3, .activation = "softmax"});
  const Model whole(input, dense(dropout(pool(base(input)))));
  const SymbolicTensor features = Input({8, 8, 4});
  return {whole, Model(features, dense(dropout(pool(features))))};
}

TEST(FeatureMap, ItsGradientAgreesWithDifferencesAndNoWeightHasOne) {
  const Nested models = nested_model();
  Plan plan = Plan::lower(models.whole, {.logits = true, .feature_map = ""});
  plan.forward(random_tensor({1, 8, 8, 3}, "photo"));
  const Tensor coefficients = random_tensor({1, 3}, "coefficients");
  plan.backward(coefficients);
  const FeatureMap map = plan.feature_map();
  EXPECT_EQ(map.layer, "base/last");
  EXPECT_TRUE(plan.gradients().empty());
  Plan tail = Plan::lower(models.tail, {.logits = true});
  const auto score = [&](const Tensor& features) {
    tail.forward(features);
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i)
      sum += static_cast<double>(tail.output().data()[i]) * static_cast<double>(coefficients.data()[i]);
    return sum;
  };
  for (const std::size_t at : {0U, 17U, 100U, 255U}) {
    Tensor above = map.values.clone(), below = map.values.clone();
    above.data()[at] += 0.5F;
    below.data()[at] -= 0.5F;
    EXPECT_NEAR(map.gradient.data()[at], score(above) - score(below), 1e-5) << at;
  }
}

TEST(FeatureMap, ALayerIsFoundByNameOrPath) {
  const Nested models = nested_model();
  EXPECT_EQ(Plan::lower(models.whole, {.feature_map = "last"}).feature_map().layer, "base/last");
  EXPECT_EQ(Plan::lower(models.whole, {.feature_map = "base/last"}).feature_map().layer, "base/last");
  EXPECT_THROW(static_cast<void>(Plan::lower(models.whole, {.feature_map = "nothing"})), Error);
  EXPECT_THROW(static_cast<void>(Plan::lower(models.whole, {}).feature_map()), Error);
}

}  // namespace
}  // namespace graft::plan
