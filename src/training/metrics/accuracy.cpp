// SPDX-License-Identifier: Apache-2.0
// Metrics that are a mean over samples.
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "training/metrics/fields.hpp"
#include "training/metrics/support.hpp"

namespace graft {
namespace {

class MeanMetric : public Metric {
 public:
  using Metric::Metric;
  void reset() override { sum_ = weight_ = 0; }
  [[nodiscard]] std::vector<double> state() const override { return {sum_, weight_}; }
  void set_state(std::span<const double> state) override {
    reset();
    if (state.empty()) return;
    training::check_state(*this, state, 2);
    sum_ = state[0];
    weight_ = state[1];
  }
  [[nodiscard]] double result() const override { return training::ratio_or_zero(sum_, weight_); }

 protected:
  void add(double value, double weight) {
    sum_ += value * weight;
    weight_ += weight;
  }

 private:
  double sum_ = 0, weight_ = 0;
};

class BinaryAccuracyMetric final : public MeanMetric {
 public:
  explicit BinaryAccuracyMetric(const BinaryAccuracyOptions& o) : MeanMetric(o.name), options_(o) {}

  void update(const MetricInput& input) override {
    training::for_samples(input, false, name(), [&](auto target, auto scores, double weight) {
      double right = 0;
      for (std::size_t k = 0; k < target.size(); ++k) {
        const double said = scores[k] > static_cast<float>(options_.threshold) ? 1 : 0;
        if (said == target[k]) ++right;
      }
      add(right / static_cast<double>(target.size()), weight);
    });
  }
  [[nodiscard]] Json config() const override {
    return training::metric_config("BinaryAccuracy", name(),
                                   write_options(training::kBinaryAccuracyFields, options_));
  }

 private:
  BinaryAccuracyOptions options_;
};

/// The accuracy family over classes; k = 1 compares with the first largest output.
class CategoricalMetric final : public MeanMetric {
 public:
  struct Kind {
    const char* class_name;
    bool sparse = false;
    std::int64_t k = 0;  ///< 0: plain accuracy
  };
  CategoricalMetric(const Kind& kind, const std::string& name) : MeanMetric(name), kind_(kind) {
    if (kind.k < 0) fail(ErrorKind::invalid_argument, name, ": k: expected at least 1, received ", kind.k);
  }

  void update(const MetricInput& input) override {
    training::for_samples(input, kind_.sparse, name(), [&](auto target, auto scores, double weight) {
      const auto truth = std::ranges::max_element(target) - target.begin();
      bool right = false;
      if (kind_.k == 0) {
        right = std::ranges::max_element(scores) - scores.begin() == truth;
      } else {
        const float score = scores[static_cast<std::size_t>(truth)];
        const auto above = std::ranges::count_if(scores, [score](float x) { return x > score; });
        right = above < kind_.k && std::isfinite(score);
      }
      add(right ? 1 : 0, weight);
    });
  }
  [[nodiscard]] Json config() const override {
    return training::metric_config(
        kind_.class_name, name(),
        kind_.k == 0 ? Json::object() : write_options(training::kTopKFields, {.k = kind_.k, .name = {}}));
  }

 private:
  Kind kind_;
};

class MeanLossMetric final : public MeanMetric {
 public:
  explicit MeanLossMetric(const LossPtr& loss)
      : MeanMetric(loss->config().at("config").at("name").get<std::string>()), loss_(loss) {}

  void update(const MetricInput& input) override {
    const LossInput all{input.predictions, input.labels, input.sample_weight, loss_->from_logits()};
    const std::size_t rows = training::extent_of(input.predictions, name()).rows;
    double weight = static_cast<double>(rows);
    double sum = loss_->compute(all, nullptr) * weight;
    if (!input.sample_weight.empty()) {
      weight = 0;
      for (const float w : input.sample_weight.data<float>()) weight += static_cast<double>(w);
    }
    if (weight != 0) add(sum / weight, weight);
  }
  [[nodiscard]] Json config() const override {
    Json config = loss_->config();
    config["module"] = "keras.metrics";
    config["config"].erase("reduction");
    return config;
  }

 private:
  LossPtr loss_;
};

MetricPtr categorical(const CategoricalMetric::Kind& kind, const std::string& name) {
  return std::make_shared<CategoricalMetric>(kind, name);
}

MetricPtr top_k(const CategoricalMetric::Kind& kind, const TopKOptions& options, const char* keras_name) {
  if (options.k < 1)
    fail(ErrorKind::invalid_argument, keras_name, ": k: expected at least 1, received ", options.k);
  return categorical(kind, options.name.empty() ? keras_name : options.name);
}

}  // namespace

Json training::metric_config(const char* class_name, const std::string& name, const Json& own) {
  Json config{{"name", name}, {"dtype", "float32"}};
  config.update(own);
  return write_serialised("keras.metrics", class_name, std::move(config));
}

void training::check_state(const Metric& metric, std::span<const double> state, std::size_t unit) {
  if (state.size() % unit == 0) return;
  fail(ErrorKind::bad_file, "metric ", metric.name(), ": its state has ", state.size(),
       " numbers, expected a multiple of ", unit);
}

MetricPtr BinaryAccuracy(const BinaryAccuracyOptions& options) {
  return std::make_shared<BinaryAccuracyMetric>(options);
}
MetricPtr CategoricalAccuracy(const std::string& name) {
  return categorical({.class_name = "CategoricalAccuracy"}, name);
}
MetricPtr SparseCategoricalAccuracy(const std::string& name) {
  return categorical({.class_name = "SparseCategoricalAccuracy", .sparse = true}, name);
}
MetricPtr TopKCategoricalAccuracy(const TopKOptions& options) {
  return top_k({.class_name = "TopKCategoricalAccuracy", .k = options.k}, options,
               "top_k_categorical_accuracy");
}
MetricPtr SparseTopKCategoricalAccuracy(const TopKOptions& options) {
  return top_k({.class_name = "SparseTopKCategoricalAccuracy", .sparse = true, .k = options.k}, options,
               "sparse_top_k_categorical_accuracy");
}
MetricPtr MeanLoss(const LossPtr& loss) { return std::make_shared<MeanLossMetric>(loss); }

Tensor confusion_matrix(const std::vector<int>& labels, const std::vector<int>& predictions,
                        std::int64_t classes) {
  if (labels.size() != predictions.size() || classes < 1) {
    fail(ErrorKind::invalid_argument,
         "confusion_matrix: expected as many labels as predictions and at least 1 ", "class, received ",
         labels.size(), ", ", predictions.size(), " and ", classes);
  }
  Tensor counts(Shape{classes, classes}, DType::int32);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (std::min(labels[i], predictions[i]) < 0 || std::max(labels[i], predictions[i]) >= classes) {
      fail(ErrorKind::invalid_argument, "confusion_matrix: sample ", i, " is of class ", labels[i], " or ",
           predictions[i], ", outside 0..", classes - 1);
    }
    ++counts.data<std::int32_t>()[static_cast<std::size_t>(labels[i] * classes + predictions[i])];
  }
  return counts;
}

}  // namespace graft
