// SPDX-License-Identifier: Apache-2.0
#include "graft/ops/op_info.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "graft/ops/op_table.hpp"

namespace graft::ops {
namespace {

/// An op of each type, with default parameters.
template <typename... Ops>
std::vector<Params> one_of_each(const std::variant<Ops...>*) {
  return {Params(Ops{})...};
}
std::vector<Params> one_of_each() { return one_of_each(static_cast<const Params*>(nullptr)); }

TEST(OpInfo, RowsAreFoundByType) {
  EXPECT_EQ(info(Convolution{}).name, "Convolution");
  EXPECT_EQ(info(RandomCrop{}).name, "RandomCrop");
  EXPECT_EQ(name_of(Params{Softmax{}}), "Softmax");
}

TEST(OpInfo, BinaryHasTheNameOfItsKind) {
  std::set<std::string> names;
  for (const BinaryKind kind :
       {BinaryKind::add, BinaryKind::subtract, BinaryKind::multiply, BinaryKind::divide, BinaryKind::maximum,
        BinaryKind::minimum, BinaryKind::prelu})
    names.emplace(name_of(Params{Binary{kind}}));
  EXPECT_EQ(names,
            (std::set<std::string>{"Add", "Divide", "Maximum", "Minimum", "Multiply", "PReLU", "Subtract"}));
}

TEST(OpInfo, NamesAreDistinct) {
  std::set<std::string> names;
  for (const Params& params : one_of_each()) names.emplace(info(params).name);
  EXPECT_EQ(names.size(), std::variant_size_v<Params>);
}

TEST(OpInfo, ArgumentsAreCounted) {
  const OpInfo& convolution = info(Convolution{});
  EXPECT_EQ(convolution.inputs.fewest(), 2U);
  EXPECT_EQ(convolution.inputs.most(), 4U);
  const OpInfo& fold = info(FoldBatchNormalization{});  // its absent bias is followed by others
  EXPECT_EQ(fold.inputs.fewest(), 6U);
  EXPECT_EQ(info(ScaleShiftBackward{}).outputs.fewest(), 1U);
  EXPECT_EQ(info(GroupNormalization{}).inputs.fewest(), 3U);
  EXPECT_EQ(info(Concatenate{}).inputs.fewest(), 1U);
  EXPECT_EQ(info(Concatenate{}).inputs.most(), Arguments::kAnyNumber);
}

TEST(OpInfo, TraitsDependOnParameters) {
  EXPECT_EQ(traits(Pool{PoolKind::max}).data, Data::selected);
  EXPECT_EQ(traits(Pool{PoolKind::average}).data, Data::computed);
  EXPECT_EQ(traits(Concatenate{.axis = 3}).samples, Samples::chunks);
  EXPECT_EQ(traits(Concatenate{.axis = 0}).samples, Samples::together);
  EXPECT_EQ(traits(Slice{.axis = 0}).samples, Samples::together);
  EXPECT_EQ(traits(Permute{{0, 2, 1}}).samples, Samples::alone);
  EXPECT_EQ(traits(Permute{{1, 0, 2}}).samples, Samples::together);
}

TEST(OpInfo, OpsThatCarryAnActivationHaveOne) {
  for (Params& params : std::vector<Params>(one_of_each())) {
    if (info(params).traits.rare.carries == Carries::none) {
      EXPECT_EQ(carried_activation(params), nullptr) << name_of(params);
    } else {
      EXPECT_NE(carried_activation(params), nullptr) << name_of(params);
    }
  }
}

TEST(OpInfo, InPlaceInputsGoOverAnOutputThatIsNoSum) {
  for (const Params& params : one_of_each()) {
    for (const ArgumentInfo& output : info(params).outputs.all())
      EXPECT_FALSE(output.has(ArgumentTrait::in_place)) << name_of(params);
    for (const ArgumentInfo& input : info(params).inputs.all()) {
      EXPECT_FALSE(input.has(ArgumentTrait::sum_over_batch)) << name_of(params);
      const bool over_a_sum =
          input.has(ArgumentTrait::in_place) && info(params).outputs.at(0).has(ArgumentTrait::sum_over_batch);
      EXPECT_FALSE(over_a_sum) << name_of(params);
    }
  }
}

TEST(OpInfo, OperationsAreCountedFromShapes) {
  Graph graph;
  const ValueId x = graph.add_input({2, 8, 8, 3});
  const ValueId kernel = graph.add_constant(Tensor(Shape{3, 3, 3, 4}));
  (void)graph.add(Convolution{}, {x, kernel, kAbsent, kAbsent}, {2, 6, 6, 4});
  EXPECT_EQ(operations(graph.ops()[0], graph), 2.0 * 2 * 6 * 6 * 4 * 3 * 3 * 3);
  (void)graph.add(ActivationForward{}, {x}, {2, 8, 8, 3});
  EXPECT_EQ(operations(graph.ops()[1], graph), 0);
}

TEST(Op, ArgumentsHaveNames) {
  Op op{Convolution{}, {5, 6}, {7}, ""};
  EXPECT_EQ(op.in(Convolution::In::x), 5);
  EXPECT_EQ(op.in(Convolution::In::residual), kAbsent);  // left out
  op.set_in(Convolution::In::residual, 8);
  EXPECT_EQ(op.inputs, (std::vector<ValueId>{5, 6, kAbsent, 8}));
  EXPECT_EQ(op.out(Convolution::Out::y), 7);
}

}  // namespace
}  // namespace graft::ops
