// SPDX-License-Identifier: Apache-2.0
// Single layers, read from Keras's config, against Keras's output (goldens/layers.json).
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers.hpp"
#include "graft/layers/registry.hpp"
#include "graft/model.hpp"
#include "graft/plan/plan.hpp"

#include "support.hpp"

namespace graft::plan {
namespace {

/// The formula of the goldens' inputs: 4 u - 2.
Tensor case_input(std::size_t index, std::size_t input, const Shape& shape) {
  Tensor result(shape);
  const std::vector<double> u = test::u01(cat(index, "/", input), result.data().size());
  for (std::size_t i = 0; i < u.size(); ++i) result.data()[i] = static_cast<float>(4 * u[i] - 2);
  return result;
}

void expect_case(std::size_t index, const Json& golden) {
  const Layer layer = layers::from_config(golden.at("class_name").get<std::string>(), golden.at("config"));
  std::vector<SymbolicTensor> symbols;
  std::vector<Tensor> inputs;
  for (const Json& sizes : golden.at("inputs")) {
    const Shape shape(sizes.get<std::vector<std::int64_t>>());
    symbols.push_back(Input(shape.without_batch()));
    inputs.push_back(case_input(index, inputs.size(), shape));
  }
  const SymbolicTensor output = symbols.size() == 1 ? layer(symbols.front()) : layer(symbols);
  const Shape expected_shape(golden.at("shape").get<std::vector<std::int64_t>>());
  EXPECT_EQ(output.shape.without_batch(), expected_shape.without_batch());
  for (const VariablePtr& weight : layer.weights())
    weight->assign(test::golden_weight("layer/" + weight->name(), weight->name(), weight->shape()));
  const Model model(symbols, {output});
  Plan plan = Plan::lower(model, {.batch_size = inputs.front().shape()[0]});
  plan.forward(inputs);
  const Tensor got = plan.output();
  const auto expected = golden.at("output").get<std::vector<float>>();
  double largest = 1;
  for (const float value : expected) largest = std::max(largest, std::abs(static_cast<double>(value)));
  EXPECT_LE(test::max_difference(got.data(), expected), 1e-5 * largest);
}

TEST(SingleLayers, EqualKeras) {
  const Json cases = test::read_json(test::goldens() / "layers.json");
  ASSERT_GE(cases.size(), 1U);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cat("case ", i, ": ", cases[i].at("class_name").get<std::string>(), " ",
                     cases[i].at("config").dump().substr(0, 300)));
    try {
      expect_case(i, cases[i]);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

}  // namespace
}  // namespace graft::plan
