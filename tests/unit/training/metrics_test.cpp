// SPDX-License-Identifier: Apache-2.0
#include "graft/training/metrics.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/training/configs.hpp"

#include "support.hpp"

namespace graft {
namespace {

/// The goldens' predictions (100, 4) and labels, as described in their note.
struct Golden {
  Tensor predictions{Shape{100, 4}}, one_hot{Shape{100, 4}}, sparse{Shape{100}, DType::int32};
  std::vector<int> labels, predicted;

  Golden() {
    const std::vector<double> u = test::u01("metrics", 400);
    const std::vector<double> drawn = test::u01("metrics/labels", 100);
    for (std::size_t i = 0; i < 100; ++i) {
      const double sum = u[4 * i] + u[4 * i + 1] + u[4 * i + 2] + u[4 * i + 3];
      for (std::size_t k = 0; k < 4; ++k)
        predictions.data()[4 * i + k] = static_cast<float>(u[4 * i + k] / sum);
      const int label = static_cast<int>(drawn[i] * 4);
      labels.push_back(label);
      sparse.data<std::int32_t>()[i] = label;
      one_hot.data()[4 * i + static_cast<std::size_t>(label)] = 1;
      const auto row = predictions.data().subspan(4 * i, 4);
      predicted.push_back(static_cast<int>(std::ranges::max_element(row) - row.begin()));
    }
  }
};

/// In two parts, as a data set comes.
double figure(const MetricPtr& metric, const Tensor& predictions, const Tensor& labels) {
  const Tensor none;
  metric->reset();
  const std::int64_t n = predictions.shape()[0];
  metric->update({predictions.slice(0, 30), labels.slice(0, 30), none});
  metric->update({predictions.slice(30, n), labels.slice(30, n), none});
  return metric->result();
}

TEST(Metrics, EqualKeras) {
  const Golden g;
  const Json golden = test::read_json(test::goldens() / "metrics.json").at("metrics");
  const auto expect = [&](const char* name, const MetricPtr& metric) {
    EXPECT_NEAR(figure(metric, g.predictions, g.one_hot), golden.at(name).get<double>(), 1e-6) << name;
  };
  expect("categorical_accuracy", CategoricalAccuracy());
  expect("top_k_categorical_accuracy", TopKCategoricalAccuracy({.k = 2}));
  expect("precision", Precision());
  expect("recall", Recall());
  expect("auc", AUC({.multi_label = true}));
  expect("f1_score_macro", F1Score({.average = Average::macro}));
  expect("f1_score_weighted", F1Score({.average = Average::weighted}));
  expect("categorical_crossentropy", metric_from_name("categorical_crossentropy"));
  EXPECT_NEAR(figure(SparseCategoricalAccuracy(), g.predictions, g.sparse), 0.14, 1e-9);
}

// Results of Keras 3.15.1 for the same predictions.
TEST(Metrics, EqualKerasWithOtherOptions) {
  const Golden g;
  const auto expect = [&](double keras, const MetricPtr& metric) {
    EXPECT_NEAR(figure(metric, g.predictions, g.one_hot), keras, 1e-6) << metric->config().dump();
    const MetricPtr again = metric_from_config(metric->config());
    again->set_state(metric->state());
    EXPECT_EQ(again->result(), metric->result());
    EXPECT_EQ(again->config(), metric->config());
  };
  expect(0.524999976, BinaryAccuracy({.threshold = 0.3}));
  expect(0.195945948, Precision({.threshold = 0.3}));
  expect(0.519999981, Recall({.top_k = 2}));
  expect(0.166666672, Precision({.class_id = 1}));
  expect(0.782608688, Recall({.threshold = 0.2, .class_id = 2}));
  expect(0.464216679, AUC());
  expect(0.219253153, AUC({.curve = AucCurve::pr}));
  expect(0.223530322, AUC({.curve = AucCurve::pr, .summation_method = AucSummation::majoring}));
  expect(0.406599998, AUC({.num_thresholds = 20, .summation_method = AucSummation::minoring}));
  expect(0.472799987, AUC({.thresholds = {0.1, 0.25, 0.3}}));
  expect(0.461566687, AUC({.from_logits = true}));
  expect(0.139999956, F1Score({.average = Average::micro}));
  expect(0.228236362, F1Score({.average = Average::macro, .threshold = 0.3}));
  expect(0.383532256, MeanLoss(MeanAbsoluteError()));
  expect(1.7169013, MeanLoss(KLDivergence()));
  expect(1.18010056, MeanLoss(CategoricalHinge()));
  expect(1.13353229, MeanLoss(Hinge()));
}

TEST(Metrics, ConfusionCounts) {
  const Golden g;
  const Tensor counts = confusion_matrix(g.labels, g.predicted, 4);
  std::int32_t all = 0;
  for (const std::int32_t count : counts.data<std::int32_t>()) all += count;
  EXPECT_EQ(all, 100);
  EXPECT_EQ(counts.data<std::int32_t>()[0] + counts.data<std::int32_t>()[5] +
                counts.data<std::int32_t>()[10] + counts.data<std::int32_t>()[15],
            14);
  EXPECT_THROW((void)confusion_matrix({4}, {0}, 4), Error);
}

TEST(Metrics, RefuseWhatIsNotKnown) {
  EXPECT_THROW((void)metric_from_name("bleu"), Error);
  EXPECT_THROW((void)AUC({.num_thresholds = 1}), Error);
  EXPECT_THROW((void)TopKCategoricalAccuracy({.k = 0}), Error);
  EXPECT_THROW((void)Precision({.threshold = 2}), Error);
}

}  // namespace
}  // namespace graft
