// SPDX-License-Identifier: Apache-2.0
// Every layer of every file in keras/ of the goldens: what it is, and what it computes, as in Keras. The
// files are found when the program runs, so a model that graft does not know is a failure that names it.
#include <iostream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/extend/layer.hpp"
#include "graft/plan/plan.hpp"

#include "golden_files.hpp"
#include "golden_models.hpp"

namespace graft::plan {
namespace {

class KerasGolden : public testing::TestWithParam<std::filesystem::path> {
 protected:
  /// A fresh model as the golden says, with names as in a fresh session.
  void SetUp() override {
    golden_ = test::read_json(GetParam());
    clear_session();
    // Fails with a list of the known applications where the golden's is not among them.
    const auto& application = applications::find_application(golden_.at("model").get<std::string>());
    model_ = application.build(test::options_of(golden_));
  }

  Json golden_;
  Model model_;
};
using KerasStructure = KerasGolden;
using KerasLayers = KerasGolden;

void expect_same_layer(const Layer& layer, const Json& expected) {
  SCOPED_TRACE(expected.at("name").get<std::string>());
  EXPECT_EQ(layer.name(), expected.at("name").get<std::string>());
  EXPECT_EQ(layer.class_name(), expected.at("cls").get<std::string>());
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

TEST_P(KerasStructure, IsAsInKeras) {
  const Json& layers = golden_.at("layers");
  for (std::size_t i = 0; i < std::min(layers.size(), model_.layers().size()); ++i) {
    expect_same_layer(model_.layers()[i], layers[i]);
    if (HasFailure()) FAIL() << "the first layer that differs is number " << i;
  }
  EXPECT_EQ(model_.layers().size(), golden_.at("n_layers").get<std::size_t>());
  EXPECT_EQ(model_.count_params(), golden_.at("total_params").get<std::int64_t>());
  EXPECT_EQ(count_params(model_.trainable_weights()), golden_.at("trainable_params").get<std::int64_t>());
}

/// Layers from which on a network counts among the deepest, whose rounding errors add up to more.
constexpr std::size_t kManyLayers = 400;

double expect_every_layer(const Model& model, const Tensor& input, const Json& golden, double share) {
  PlanOptions options{.input_shape = input.shape().without_batch()};
  for (const Layer& layer : model.layers()) options.outputs.push_back(layer.output());
  Plan plan = Plan::lower(model, options);
  plan.forward(input);
  double worst = 0;
  const Json& layers = golden.at("layers");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    SCOPED_TRACE(layers[i].at("name").get<std::string>());
    const Tensor output = plan.output(i);
    EXPECT_EQ(output.shape().without_batch().sizes(), layers[i].at("out").get<std::vector<std::int64_t>>());
    worst = std::max(worst, test::expect_values(output.data(), layers[i], share));
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "the first layer that differs is number " << i;
      break;
    }
  }
  return worst;
}

double expect_fused_output(const Model& model, const Tensor& input, const Json& golden, double share) {
  Plan plan = Plan::lower(model, {.input_shape = input.shape().without_batch()});
  plan.forward(input);
  SCOPED_TRACE("the whole output, with all fusions");
  return test::expect_first_values(plan.output().data(), golden.at("output"), share);
}

TEST_P(KerasLayers, ComputeWhatKerasComputes) {
  ASSERT_EQ(model_.layers().size(), golden_.at("n_layers").get<std::size_t>());
  const double share = model_.layers().size() >= kManyLayers ? test::kDeepest : test::kUsual;
  test::set_golden_weights_by_listed_layer(model_);
  const Json& size = golden_.at("input");
  const Tensor input = test::scaled(test::golden_image(size[0], size[1], size[2]));
  const double layers = expect_every_layer(model_, input, golden_, share);
  const double fused = expect_fused_output(model_, input, golden_, share);
  std::cout << "  largest difference, of the layer's largest magnitude: " << layers
            << ", output with fusions " << fused << "\n";
}

std::string name_of(const testing::TestParamInfo<std::filesystem::path>& info) {
  return test::test_name(info.param);
}
INSTANTIATE_TEST_SUITE_P(Keras, KerasStructure, testing::ValuesIn(test::golden_files("keras")), name_of);
INSTANTIATE_TEST_SUITE_P(Keras, KerasLayers, testing::ValuesIn(test::golden_files("keras")), name_of);

TEST(KerasFiles, AreThere) {
  EXPECT_FALSE(test::golden_files("keras").empty()) << "no file *.json.gz in " << test::goldens() / "keras";
}

}  // namespace
}  // namespace graft::plan
