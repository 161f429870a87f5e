// SPDX-License-Identifier: Apache-2.0
#include "graft/models/inference_graph.hpp"

#include <memory>

#include <gtest/gtest.h>

#include "graft/tensor.hpp"

namespace graft {
namespace {

TEST(FixedValues, AreWeightsConstantsAndWhatIsComputedFromThem) {
  ops::Graph graph;
  auto variable = std::make_shared<Variable>("kernel", Shape{2});
  variable->assign(Tensor::from({2}, std::vector<float>{3, 4}));
  const ops::ValueId input = graph.add_input({1, 2});
  const ops::ValueId weight = graph.add_weight(variable, true);
  const ops::ValueId constant = graph.add_constant(Tensor::full({2}, 7));
  const ops::ValueId sum = graph.add(ops::Binary{}, {weight, constant}, {2});
  FixedValues fixed;
  EXPECT_EQ(fixed.of(graph, weight).value().data()[1], 4);
  EXPECT_EQ(fixed.of(graph, constant).value().data()[1], 7);
  EXPECT_FALSE(fixed.of(graph, input));
  EXPECT_FALSE(fixed.of(graph, ops::kAbsent));
  EXPECT_FALSE(fixed.of(graph, sum));
  fixed.set(sum, Tensor::full({2}, 11));
  EXPECT_EQ(fixed.of(graph, sum).value().data()[0], 11);
}

}  // namespace
}  // namespace graft
