// SPDX-License-Identifier: Apache-2.0
// Every layer's output of every golden whose application graft has, against Keras.
#include <cmath>
#include <iostream>

#include <gtest/gtest.h>

#include "graft/plan/plan.hpp"

#include "golden_models.hpp"

namespace graft::plan {
namespace {

struct Statistics {
  double mean = 0, deviation = 0, largest = 0;
};

Statistics statistics(std::span<const float> values) {
  Statistics result;
  const auto count = static_cast<double>(values.size());
  for (const float x : values) {
    result.mean += x;
    result.largest = std::max(result.largest, std::abs(static_cast<double>(x)));
  }
  result.mean /= count;
  for (const float x : values) result.deviation += (x - result.mean) * (x - result.mean);
  result.deviation = std::sqrt(result.deviation / count);
  return result;
}

/// float32 sums in another order than Keras's: see the goldens' README.
double tolerance(double largest) { return 1e-4 * largest + 1e-6; }

void expect_layer(const Tensor& output, const Json& expected) {
  SCOPED_TRACE(expected.at("name").get<std::string>());
  const auto values = output.data();
  const Statistics got = statistics(values);
  const double largest = expected.at("absmax").get<double>();
  const double allowed = tolerance(largest);
  EXPECT_NEAR(got.mean, expected.at("mean").get<double>(), allowed);
  EXPECT_NEAR(got.deviation, expected.at("std").get<double>(), allowed);
  EXPECT_NEAR(got.largest, largest, allowed);
  const Json& index = expected.at("sample_index");
  for (std::size_t i = 0; i < index.size(); ++i) {
    const auto at = index[i].get<std::size_t>();
    ASSERT_LT(at, values.size());
    EXPECT_NEAR(values[at], expected.at("sample")[i].get<double>(), allowed) << "element " << at;
  }
}

void expect_every_layer(const Model& model, const Tensor& input, const Json& golden) {
  PlanOptions options;
  for (const Layer& layer : model.layers()) options.outputs.push_back(layer.output());
  Plan plan = Plan::lower(model, options);
  plan.forward(input);
  const Json& layers = golden.at("layers");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    expect_layer(plan.output(i), layers[i]);
    if (testing::Test::HasFailure()) FAIL() << "the first layer that differs is number " << i;
  }
}

void expect_fused_output(const Model& model, const Tensor& input, const Json& golden) {
  Plan plan = Plan::lower(model, {});
  plan.forward(input);
  const Tensor output = plan.output();
  const double allowed = tolerance(golden.at("layers").back().at("absmax").get<double>());
  const auto expected = golden.at("output").get<std::vector<double>>();
  ASSERT_GE(output.data().size(), expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = std::abs(output.data()[i] - expected[i]);
    worst = std::isnan(difference) ? difference : std::max(worst, difference);
  }
  EXPECT_LE(worst, allowed) << "of the whole output, with all fusions";
}

void expect_model(const applications::Application& application, const Json& golden) {
  clear_session();
  const Model model = application.build(test::options_of(golden));
  EXPECT_EQ(model.count_params(), golden.at("total_params").get<std::int64_t>());
  EXPECT_EQ(count_params(model.trainable_weights()), golden.at("trainable_params").get<std::int64_t>());
  ASSERT_EQ(model.layers().size(), golden.at("n_layers").get<std::size_t>());
  test::set_golden_weights(model);
  const Json& size = golden.at("input");
  const Tensor input = test::scaled(test::golden_image(size[0], size[1], size[2]));
  expect_every_layer(model, input, golden);
  expect_fused_output(model, input, golden);
}

TEST(KerasLayers, EveryLayerComputesWhatKerasComputes) {
  std::size_t compared = 0;
  for (const auto& file : test::keras_golden_files()) {
    const std::string name = file.filename().string();
    SCOPED_TRACE(name);
    const Json golden = test::read_json(file);
    const auto* application = applications::look_up_application(golden.at("model").get<std::string>());
    if (application == nullptr) {
      std::cout << "[  SKIPPED ] " << name << ": not an application of graft yet\n";
      continue;
    }
    expect_model(*application, golden);
    ++compared;
  }
  EXPECT_GE(compared, 1U) << "no golden of a known application in " << test::goldens();
}

}  // namespace
}  // namespace graft::plan
