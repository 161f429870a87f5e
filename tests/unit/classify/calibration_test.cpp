// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <gtest/gtest.h>

#include "graft/classifier.hpp"
#include "graft/classify/logits.hpp"
#include "graft/error.hpp"
#include "graft/evaluation.hpp"
#include "graft/layers.hpp"
#include "graft/plan/runner.hpp"

#include "support.hpp"

namespace graft::classify {
namespace {

Tensor matrix(std::int64_t rows, std::int64_t columns, const std::vector<float>& values) {
  Tensor tensor({rows, columns});
  std::ranges::copy(values, tensor.data<float>().begin());
  return tensor;
}

TEST(Calibration, ErrorIsTheGapBetweenConfidenceAndAccuracy) {
  // Two photos sure of 0.9, one right; two sure of 0.6, both right: (2 |0.5 - 0.9| + 2 |1 - 0.6|) / 4.
  const Tensor rows = matrix(4, 2, {0.9F, 0.1F, 0.9F, 0.1F, 0.4F, 0.6F, 0.6F, 0.4F});
  EXPECT_NEAR(expected_calibration_error(rows, {0, 1, 1, 0}), 0.4, 1e-6);
  EXPECT_NEAR(expected_calibration_error(matrix(1, 2, {1, 0}), {0}), 0, 1e-9);
}

/// Labels drawn with the probabilities that these logits say; then all logits times 3.
void overconfident(std::int64_t rows, Tensor& logits, std::vector<int>& labels) {
  logits = Tensor({rows, 3});
  const std::vector<double> u = test::u01("calibration", static_cast<std::size_t>(rows) * 4);
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
    double sum = 0;
    std::array<double, 3> p{};
    for (std::size_t k = 0; k < 3; ++k) {
      logits.data<float>()[i * 3 + k] = static_cast<float>(4 * u[i * 4 + k] - 2);
      sum += p[k] = std::exp(static_cast<double>(logits.data<float>()[i * 3 + k]));
    }
    const double draw = u[i * 4 + 3] * sum;
    labels.push_back(draw < p[0] ? 0 : draw < p[0] + p[1] ? 1 : 2);
    for (std::size_t k = 0; k < 3; ++k) logits.data<float>()[i * 3 + k] *= 3;
  }
}

TEST(Calibration, FindsTheTemperatureThatLogitsWereMultipliedWith) {
  Tensor logits;
  std::vector<int> labels;
  overconfident(20000, logits, labels);
  EXPECT_NEAR(fit_temperature(logits, labels), 3, 0.15);
}

TEST(Calibration, GoesIntoTheLastDenseAndKeepsTheClasses) {
  for (const char* output : {"logits", "softmax"}) {
    Tensor logits;
    std::vector<int> labels;
    overconfident(600, logits, labels);
    const SymbolicTensor input = Input({3}, "input");
    const bool softmax = output == std::string("softmax");
    const Layer head =
        layers::Dense({.units = 3, .activation = softmax ? "softmax" : "linear", .name = "head"});
    Model model(input, head(input));
    head.weights()[0]->assign(matrix(3, 3, {1, 0, 0, 0, 1, 0, 0, 0, 1}));
    Tensor truth({600}, DType::int32);
    std::ranges::copy(labels, truth.data<std::int32_t>().begin());
    const auto photos = data::Dataset::from_tensors(logits, truth, {.batch_size = 64});
    const Tensor before = plan::Runner(model).run_first(logits);
    const Calibration found = calibrate(model, photos, output);
    const Tensor after = plan::Runner(model).run_first(logits);
    EXPECT_NEAR(found.temperature, 3, 0.6) << output;
    EXPECT_LT(found.ece_after, found.ece_before) << output;
    EXPECT_LT(found.loss_after, found.loss_before) << output;
    EXPECT_EQ(found.photos, 600U);
    EXPECT_NEAR(head.weights()[0]->value().data<float>()[0], 1 / found.temperature, 1e-6);
    for (std::int64_t i = 0; i < 600; ++i) {
      const auto a = before.slice(i, i + 1).data<float>();
      const auto b = after.slice(i, i + 1).data<float>();
      EXPECT_EQ(std::ranges::max_element(a) - a.begin(), std::ranges::max_element(b) - b.begin());
    }
  }
  const SymbolicTensor input = Input({4, 4, 3}, "input");
  Model pooled(input, layers::GlobalAveragePooling2D()(input));
  const auto none = data::Dataset::from_tensors(Tensor({1, 4, 4, 3}), Tensor({1}, DType::int32));
  EXPECT_THROW((void)calibrate(pooled, none, "logits"), Error);
}

TEST(Calibration, IsMeasuredOnPhotosOtherThanThoseItWasFoundWith) {
  Tensor logits;
  std::vector<int> labels;
  overconfident(60, logits, labels);
  const Calibration found = find_calibration(logits, labels);
  const double same = expected_calibration_error(softened(logits, found.temperature), labels);
  EXPECT_NE(found.ece_after, same);
  EXPECT_LT(found.loss_after, found.loss_before);
}

TEST(Calibration, WhatDoesNotHelpUnseenPhotosIsLeftOut) {
  // The answers are calibrated, but for chance: each fifth of so few photos finds another temperature.
  std::size_t left_out = 0;
  for (std::int64_t rows = 12; rows < 24; ++rows) {
    Tensor logits;
    std::vector<int> labels;
    overconfident(rows, logits, labels);
    for (float& logit : logits.data<float>()) logit /= 3;
    const Calibration found = find_calibration(logits, labels);
    EXPECT_LE(found.loss_after, found.loss_before) << rows;
    if (found.temperature == 1) {
      ++left_out;
      EXPECT_EQ(found.loss_after, found.loss_before);
      EXPECT_EQ(found.ece_after, found.ece_before);
    }
  }
  EXPECT_GT(left_out, 2U);
  EXPECT_THROW((void)find_calibration(Tensor({9, 2}), std::vector<int>(9, 0)), Error);
}

TEST(Calibration, ClassesWithOnePhotoEachAreMeasuredOnOthersToo) {
  // Twelve classes with a photo each, of which two are wrong: answers that are too certain.
  Tensor logits({12, 12});
  std::vector<int> labels;
  for (int i = 0; i < 12; ++i) {
    labels.push_back(i);
    logits.data<float>()[static_cast<std::size_t>(12 * i + (i < 10 ? i : 0))] = 12;
  }
  const Calibration found = find_calibration(logits, labels);
  EXPECT_GT(found.temperature, 2);
  EXPECT_LT(found.loss_after, 0.9 * found.loss_before);
}

TEST(Calibration, AFewRightAnswersAreNoCertainty) {
  for (const std::size_t count : {10U, 12U, 50U}) {
    Tensor logits({static_cast<std::int64_t>(count), 3});
    std::vector<int> labels;
    for (std::size_t i = 0; i < count; ++i) {
      labels.push_back(static_cast<int>(i % 3));
      logits.data<float>()[3 * i + i % 3] = 1;
    }
    const double least = softened(logits, fit_temperature(logits, labels)).data<float>()[0];
    const auto n = static_cast<double>(count);
    EXPECT_LE(least, (n + 1) / (n + 2) + 1e-3) << count;
    EXPECT_GT(least, 0.8) << count;
  }
}

TEST(Calibration, OfOneLogitForTwoClasses) {
  const SymbolicTensor input = Input({1}, "input");
  const Layer head = layers::Dense({.units = 1, .name = "head"});
  Model model(input, head(input));
  head.weights()[0]->assign(matrix(1, 1, {1}));
  Tensor logits({2000, 1});
  Tensor truth({2000}, DType::int32);
  const std::vector<double> u = test::u01("binary", 4000);
  for (std::size_t i = 0; i < 2000; ++i) {
    const double logit = 4 * u[2 * i] - 2;
    truth.data<std::int32_t>()[i] = u[2 * i + 1] < 1 / (1 + std::exp(-logit)) ? 1 : 0;
    logits.data<float>()[i] = static_cast<float>(logit / 2);
  }
  const auto photos = data::Dataset::from_tensors(logits, truth, {.batch_size = 64});
  EXPECT_NEAR(calibrate(model, photos, "binary_logit").temperature, 0.5, 0.06);
}

}  // namespace
}  // namespace graft::classify
