// SPDX-License-Identifier: Apache-2.0
// Kernels may write over the inputs that the table of ops marks in_place, in every backend.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/ops/op_info.hpp"

#include "cases.hpp"

namespace graft::kernels {
namespace {

using test::Case;
using test::random_tensor;

const Shape kImages{3, 5, 4, 6};

std::vector<Case> cases() {
  const Tensor x = random_tensor(kImages, 1);
  const Tensor other = random_tensor(kImages, 2);
  const Tensor c = random_tensor({6}, 3, 0.5, 1);
  const ops::Activation relu = ops::activation_from_name("relu");
  const Tensor y(kImages), sums(Shape{6});
  return {
      {.params = ops::ActivationForward{relu}, .inputs = {x}, .outputs = {y}},
      {.params = ops::ActivationBackward{relu}, .inputs = {x, other}, .outputs = {y}},
      {.params = ops::Softmax{}, .inputs = {x}, .outputs = {y}},
      {.params = ops::ScaleShift{relu}, .inputs = {x, c, c}, .outputs = {y}},
      {.params = ops::BatchNormalizationTrainingBackward{},
       .inputs = {x, c, c, c, other, std::nullopt},
       .outputs = {y, sums, sums.clone()}},
      {.params = ops::Binary{ops::BinaryKind::add, relu}, .inputs = {x, other}, .outputs = {y}},
      {.params = ops::Binary{ops::BinaryKind::multiply}, .inputs = {x, other}, .outputs = {y}},
      {.params = ops::Dropout{.rate = 0.4F}, .inputs = {x}, .outputs = {y}},
      {.params = ops::GaussianNoise{}, .inputs = {x}, .outputs = {y}},
      {.params = ops::RandomContrast{.factor = {0.5F, 1.5F}, .value_range = {-1, 1}},
       .inputs = {x},
       .outputs = {y}},
      {.params = ops::RandomBrightness{.delta = {-0.5F, 0.5F}, .value_range = {-1, 1}},
       .inputs = {x},
       .outputs = {y}},
  };
}

/// The first output, written over input number `over` or, without one, elsewhere.
std::vector<float> first_output(Kernel& kernel, const Case& c, std::optional<std::size_t> over) {
  std::vector<Tensor> inputs, outputs;
  std::vector<View> in;
  std::vector<MutableView> out;
  for (const auto& input : c.inputs) inputs.push_back(input ? input->clone() : Tensor());
  for (const auto& output : c.outputs) outputs.push_back(output ? output->clone() : Tensor());
  for (std::size_t i = 0; i < inputs.size(); ++i) in.push_back(c.inputs[i] ? view_of(inputs[i]) : View{});
  for (Tensor& output : outputs) out.push_back(view_of(output));
  Tensor& result = over ? inputs[*over] : outputs[0];
  out[0] = view_of(result);
  kernel.run({.seed = 7, .step = 3}, in, out);
  return {result.data().begin(), result.data().end()};
}

TEST(InPlace, GivesTheSameAsElsewhere) {
  for (const Backend* backend : {&reference(), &native()}) {
    for (const Case& c : cases()) {
      const auto kernel = backend->make(c.spec());
      ASSERT_NE(kernel, nullptr) << backend->name() << " " << ops::name_of(c.params);
      const std::vector<float> expected = first_output(*kernel, c, std::nullopt);
      for (std::size_t i = 0; i < c.inputs.size(); ++i) {
        if (!ops::info(c.params).inputs.at(i).has(ops::ArgumentTrait::in_place)) continue;
        EXPECT_EQ(first_output(*kernel, c, i), expected)
            << backend->name() << " " << ops::name_of(c.params) << " over input " << i;
      }
    }
  }
}

template <typename... Ops>
std::set<std::string> ops_in_place(const std::variant<Ops...>*) {
  std::set<std::string> names;
  for (const ops::Params& params : {ops::Params(Ops{})...}) {
    const bool any = std::ranges::any_of(ops::info(params).inputs.all(), [](const ops::ArgumentInfo& input) {
      return input.has(ops::ArgumentTrait::in_place);
    });
    if (any) names.emplace(ops::info(params).name);
  }
  return names;
}

TEST(InPlace, AllOpsOfTheTableAreTested) {
  std::set<std::string> tested;
  for (const Case& c : cases()) tested.emplace(ops::info(c.params).name);
  EXPECT_EQ(tested, ops_in_place(static_cast<const ops::Params*>(nullptr)));
}

}  // namespace
}  // namespace graft::kernels
