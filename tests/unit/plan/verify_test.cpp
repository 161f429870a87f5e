// SPDX-License-Identifier: Apache-2.0
// verify() reports each way in which a program can be broken.
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

using ops::ValueId;

/// relu(convolution(x)) + x's copy: a small correct program.
struct Small {
  Program program;
  ValueId x, kernel, y, z;

  Small() {
    ops::Graph& graph = program.graph;
    x = graph.add_input({2, 4, 4, 3});
    kernel = graph.add_constant(Tensor(Shape{1, 1, 3, 3}));
    graph.set_layer("c1");
    y = graph.add(ops::Convolution{}, {x, kernel, ops::kAbsent, ops::kAbsent}, {2, 4, 4, 3});
    z = graph.add(ops::ActivationForward{}, {y}, {2, 4, 4, 3});
    program.inputs = {x};
    program.outputs = {z};
    program.forward_ops = 2;
  }
};

/// What verify() reports of a small program that was changed.
std::string report(const std::function<void(Small&)>& change) {
  Small small;
  change(small);
  try {
    verify(small.program);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::internal);
    return error.what();
  }
  return "nothing";
}

void expect_report(const std::string& expected, const std::function<void(Small&)>& change) {
  const std::string received = report(change);
  EXPECT_NE(received.find(expected), std::string::npos) << received;
}

TEST(Verify, AcceptsACorrectProgram) {
  EXPECT_EQ(report([](Small&) {}), "nothing");
}

TEST(Verify, ReportsAbsentArguments) {
  expect_report("op 0, Convolution of layer 'c1': the input kernel is absent",
                [](Small& s) { s.program.graph.ops()[0].inputs[1] = ops::kAbsent; });
  expect_report("the output y is absent",
                [](Small& s) { s.program.graph.ops()[1].outputs[0] = ops::kAbsent; });
}

TEST(Verify, ReportsWrongCounts) {
  expect_report("it has 1 inputs", [](Small& s) { s.program.graph.ops()[0].inputs = {s.x}; });
  expect_report("it has 2 inputs", [](Small& s) { s.program.graph.ops()[1].inputs = {s.y, s.y}; });
}

TEST(Verify, ReportsValuesThatDoNotExist) {
  expect_report("which does not exist", [](Small& s) { s.program.graph.ops()[1].inputs[0] = 99; });
  expect_report("an output is value 99", [](Small& s) { s.program.outputs[0] = 99; });
}

TEST(Verify, ReportsUnknownShapes) {
  expect_report("has the shape", [](Small& s) { s.program.graph.value(s.y).shape = {-1, 4, 4, 3}; });
}

TEST(Verify, ReportsUseBeforeComputation) {
  expect_report("is used before it is computed",
                [](Small& s) { std::swap(s.program.graph.ops()[0], s.program.graph.ops()[1]); });
}

TEST(Verify, ReportsValuesComputedTwice) {
  expect_report("is computed twice", [](Small& s) { s.program.graph.ops()[1].outputs[0] = s.y; });
}

TEST(Verify, ReportsOutputsThatAreGiven) {
  expect_report("is an output but is given", [](Small& s) { s.program.graph.ops()[1].outputs[0] = s.x; });
}

TEST(Verify, ReportsUpdatesOfWhatIsNoWeight) {
  expect_report("is written but is not a weight", [](Small& s) {
    const ValueId other = s.program.graph.new_value({3});
    s.program.graph.add_op({ops::UpdateMovingStatistics{}, {s.kernel, s.kernel}, {other, other}, ""});
  });
}

TEST(Verify, ReportsOutputsAndGradientsThatAreNotComputed) {
  expect_report("the output", [](Small& s) {
    s.program.graph.ops().pop_back();
    s.program.forward_ops = 1;
  });
  expect_report("the gradient",
                [](Small& s) { s.program.gradients[s.kernel] = s.program.graph.new_value({3}); });
}

TEST(Verify, ReportsViewsOfAnotherType) {
  expect_report("a view has another type", [](Small& s) {
    s.program.graph.ops()[1].params = ops::Reshape{};
    s.program.graph.value(s.z).dtype = DType::bfloat16;
  });
}

TEST(Verify, ReportsAWrongCountOfForwardOps) {
  expect_report("forward_ops is 3 of 2", [](Small& s) { s.program.forward_ops = 3; });
}

}  // namespace
}  // namespace graft::plan
