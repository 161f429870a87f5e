// SPDX-License-Identifier: Apache-2.0
// Metrics that count positives: precision, recall, F1.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "training/metrics/fields.hpp"
#include "training/metrics/support.hpp"

namespace graft {
namespace {

using training::kEpsilon;

/// The k largest outputs of a sample; of equal ones the first.
std::vector<bool> largest(std::span<const float> scores, std::size_t k) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<bool> result(scores.size());
  for (std::size_t i = 0; i < std::min(k, order.size()); ++i) result[order[i]] = true;
  return result;
}

class PrecisionMetric final : public Metric {
 public:
  PrecisionMetric(const PrecisionOptions& o, bool recall)
      : Metric(!o.name.empty() ? o.name
               : recall        ? "recall"
                               : "precision"),
        options_(o),
        recall_(recall) {
    if (o.threshold && !(*o.threshold >= 0 && *o.threshold <= 1))
      fail(ErrorKind::invalid_argument, name(), ": threshold: expected 0 to 1, received ", *o.threshold);
    if (o.top_k.value_or(1) < 1 || o.class_id.value_or(0) < 0)
      fail(ErrorKind::invalid_argument, name(), ": expected top_k of at least 1 and class_id of at least 0");
  }

  void reset() override { hits_ = others_ = 0; }
  [[nodiscard]] std::vector<double> state() const override { return {hits_, others_}; }
  void set_state(std::span<const double> state) override {
    reset();
    if (state.empty()) return;
    training::check_state(*this, state, 2);
    hits_ = state[0];
    others_ = state[1];
  }

  void update(const MetricInput& input) override {
    const float threshold = options_.threshold ? static_cast<float>(*options_.threshold)
                            : options_.top_k   ? -1e10F
                                               : 0.5F;
    training::for_samples(input, false, name(), [&](auto target, auto scores, double weight) {
      std::vector<bool> allowed;
      if (options_.top_k) allowed = largest(scores, static_cast<std::size_t>(*options_.top_k));
      if (options_.class_id.value_or(0) >= static_cast<std::int64_t>(target.size())) {
        fail(ErrorKind::invalid_argument, name(), ": class_id ", *options_.class_id, " is outside 0..",
             target.size() - 1);
      }
      const std::size_t begin = static_cast<std::size_t>(options_.class_id.value_or(0));
      const std::size_t end = options_.class_id ? begin + 1 : target.size();
      for (std::size_t k = begin; k < end; ++k) {
        const bool said = scores[k] > threshold && (allowed.empty() || allowed[k]);
        const bool is = target[k] != 0;
        if (said && is) hits_ += weight;
        if (recall_ ? is && !said : said && !is) others_ += weight;
      }
    });
  }

  [[nodiscard]] double result() const override { return training::ratio_or_zero(hits_, hits_ + others_); }

  [[nodiscard]] Json config() const override {
    return training::metric_config(recall_ ? "Recall" : "Precision", name(),
                                   write_options(training::kPrecisionFields, options_));
  }

 private:
  PrecisionOptions options_;
  bool recall_;
  double hits_ = 0, others_ = 0;
};

class F1ScoreMetric final : public Metric {
 public:
  explicit F1ScoreMetric(const F1ScoreOptions& o) : Metric(o.name), options_(o) {
    if (o.threshold && !(*o.threshold > 0 && *o.threshold <= 1))
      fail(ErrorKind::invalid_argument, name(), ": threshold: expected above 0 and at most 1, received ",
           *o.threshold);
  }

  void reset() override { classes_.clear(); }
  [[nodiscard]] std::vector<double> state() const override {
    std::vector<double> all;
    for (const Counts& c : classes_) all.insert(all.end(), {c.hits, c.false_alarms, c.misses, c.there});
    return all;
  }
  void set_state(std::span<const double> state) override {
    reset();
    training::check_state(*this, state, 4);
    for (std::size_t i = 0; i < state.size(); i += 4)
      classes_.push_back({state[i], state[i + 1], state[i + 2], state[i + 3]});
  }

  void update(const MetricInput& input) override {
    const std::size_t columns = training::extent_of(input.predictions, name()).columns;
    classes_.resize(options_.average == Average::micro ? 1 : columns);
    training::for_samples(input, false, name(), [&](auto target, auto scores, double weight) {
      const float most = *std::ranges::max_element(scores);
      for (std::size_t k = 0; k < target.size(); ++k) {
        Counts& counts = classes_[classes_.size() == 1 ? 0 : k];
        const bool said = options_.threshold ? scores[k] > static_cast<float>(*options_.threshold)
                                             : scores[k] >= most && std::abs(scores[k]) > 1e-9F;
        const double yes = said ? weight : 0.0;
        const double no = said ? 0.0 : weight;
        counts.hits += yes * target[k];
        counts.false_alarms += yes * (1 - target[k]);
        counts.misses += no * target[k];
        counts.there += weight * target[k];
      }
    });
  }

  [[nodiscard]] std::vector<double> results() const override {
    std::vector<double> scores;
    for (const Counts& c : classes_) {
      const double precision = c.hits / (c.hits + c.false_alarms + kEpsilon);
      const double recall = c.hits / (c.hits + c.misses + kEpsilon);
      scores.push_back(2 * precision * recall / (precision + recall + kEpsilon));
    }
    return scores;
  }

  [[nodiscard]] double result() const override {
    const std::vector<double> scores = results();
    double there = 0;
    for (const Counts& c : classes_) there += c.there;
    double sum = 0;
    for (std::size_t k = 0; k < scores.size(); ++k) {
      const double weight = options_.average == Average::weighted ? classes_[k].there / (there + kEpsilon)
                                                                  : 1 / static_cast<double>(scores.size());
      sum += scores[k] * weight;
    }
    return sum;
  }

  [[nodiscard]] Json config() const override {
    return training::metric_config("F1Score", name(), write_options(training::kF1ScoreFields, options_));
  }

 private:
  struct Counts {
    double hits = 0, false_alarms = 0, misses = 0, there = 0;
  };
  F1ScoreOptions options_;
  std::vector<Counts> classes_;
};

}  // namespace

MetricPtr Precision(const PrecisionOptions& options) {
  return std::make_shared<PrecisionMetric>(options, false);
}
MetricPtr Recall(const PrecisionOptions& options) { return std::make_shared<PrecisionMetric>(options, true); }
MetricPtr F1Score(const F1ScoreOptions& options) { return std::make_shared<F1ScoreMetric>(options); }

}  // namespace graft
