// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "training/metrics/fields.hpp"
#include "training/metrics/support.hpp"

namespace graft {
namespace {

using training::kEpsilon;
using training::ratio_or_zero;

/// Weights of the samples above each threshold.
struct Curve {
  std::vector<double> hits, false_alarms;  ///< by threshold
  double positives = 0, negatives = 0;
};

/// Area between the points (x, y), which come from right to left.
double area(const std::vector<double>& x, const std::vector<double>& y, AucSummation method) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    double height = (y[i] + y[i + 1]) / 2;
    if (method == AucSummation::minoring) height = std::min(y[i], y[i + 1]);
    if (method == AucSummation::majoring) height = std::max(y[i], y[i + 1]);
    sum += (x[i] - x[i + 1]) * height;
  }
  return sum;
}

/// Precision is not linear between two thresholds: true positives are, so it is interpolated by them.
double interpolated_pr(const Curve& c) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < c.hits.size(); ++i) {
    const double here = c.hits[i] + c.false_alarms[i];
    const double next = c.hits[i + 1] + c.false_alarms[i + 1];
    const double hits = c.hits[i] - c.hits[i + 1];
    const double slope = ratio_or_zero(hits, std::max(here - next, 0.0));
    const double intercept = c.hits[i + 1] - slope * next;
    const double log_ratio = here > 0 && next > 0 ? std::log(here / next) : 0.0;
    sum += ratio_or_zero(slope * (hits + intercept * log_ratio), c.positives);
  }
  return sum;
}

double area_of(const Curve& c, const AucOptions& options) {
  if (options.curve == AucCurve::pr && options.summation_method == AucSummation::interpolation)
    return interpolated_pr(c);
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0; i < c.hits.size(); ++i) {
    const double recall = ratio_or_zero(c.hits[i], c.positives);
    if (options.curve == AucCurve::roc) {
      x.push_back(ratio_or_zero(c.false_alarms[i], c.negatives));
      y.push_back(recall);
    } else {
      x.push_back(recall);
      y.push_back(ratio_or_zero(c.hits[i], c.hits[i] + c.false_alarms[i]));
    }
  }
  return area(x, y, options.summation_method);
}

class AucMetric final : public Metric {
 public:
  explicit AucMetric(const AucOptions& o) : Metric(o.name), options_(o) {
    std::vector<double> inner = o.thresholds;
    std::ranges::sort(inner);
    if (inner.empty()) {
      if (o.num_thresholds < 2) {
        fail(ErrorKind::invalid_argument, name(), ": num_thresholds: expected at least 2, received ",
             o.num_thresholds);
      }
      for (std::int64_t i = 1; i + 1 < o.num_thresholds; ++i)
        inner.push_back(static_cast<double>(i) / static_cast<double>(o.num_thresholds - 1));
    } else if (!(inner.front() >= 0 && inner.back() <= 1)) {
      fail(ErrorKind::invalid_argument, name(), ": thresholds: expected within 0..1");
    }
    thresholds_.push_back(static_cast<float>(-kEpsilon));
    for (const double t : inner) thresholds_.push_back(static_cast<float>(t));
    thresholds_.push_back(static_cast<float>(1 + kEpsilon));
    evenly_ = true;
    for (std::size_t i = 0; i < thresholds_.size(); ++i) {
      const double even = static_cast<double>(i) / static_cast<double>(thresholds_.size() - 1);
      if (std::abs(thresholds_[i] - even) > kEpsilon + 1e-5 * even) evenly_ = false;
    }
  }

  void reset() override { curves_.clear(); }
  [[nodiscard]] std::vector<double> state() const override {
    std::vector<double> all;
    for (const Curve& curve : curves_) {
      all.insert(all.end(), {curve.positives, curve.negatives});
      all.insert(all.end(), curve.hits.begin(), curve.hits.end());
      all.insert(all.end(), curve.false_alarms.begin(), curve.false_alarms.end());
    }
    return all;
  }
  void set_state(std::span<const double> state) override {
    reset();
    const std::size_t n = thresholds_.size();
    training::check_state(*this, state, 2 + 2 * n);
    for (; !state.empty(); state = state.subspan(2 + 2 * n)) {
      const auto hits = state.subspan(2, n);
      const auto alarms = state.subspan(2 + n, n);
      curves_.push_back({.hits = {hits.begin(), hits.end()},
                         .false_alarms = {alarms.begin(), alarms.end()},
                         .positives = state[0],
                         .negatives = state[1]});
    }
  }

  void update(const MetricInput& input) override {
    const std::size_t columns = training::extent_of(input.predictions, name()).columns;
    curves_.resize(options_.multi_label ? columns : 1);
    for (Curve& curve : curves_) {
      curve.hits.resize(thresholds_.size());
      curve.false_alarms.resize(thresholds_.size());
    }
    training::for_samples(input, false, name(), [&](auto target, auto scores, double weight) {
      for (std::size_t k = 0; k < target.size(); ++k) {
        Curve& curve = curves_[options_.multi_label ? k : 0];
        const bool is = target[k] != 0;
        (is ? curve.positives : curve.negatives) += weight;
        const std::size_t above = thresholds_below(scores[k]);
        std::vector<double>& counts = is ? curve.hits : curve.false_alarms;
        for (std::size_t i = 0; i < above; ++i) counts[i] += weight;
      }
    });
  }

  [[nodiscard]] double result() const override {
    double sum = 0;
    for (const Curve& curve : curves_) sum += area_of(curve, options_);
    return curves_.empty() ? 0 : sum / static_cast<double>(curves_.size());
  }
  [[nodiscard]] std::vector<double> results() const override {
    std::vector<double> all;
    for (const Curve& curve : curves_) all.push_back(area_of(curve, options_));
    return all;
  }

  [[nodiscard]] Json config() const override {
    AucOptions written = options_;
    written.num_thresholds = static_cast<std::int64_t>(thresholds_.size());  // Keras counts both ends too
    return training::metric_config("AUC", name(), write_options(training::kAucFields, written));
  }

 private:
  /// How many thresholds a score is above. Evenly spread ones are counted in float32 as Keras does, whose
  /// rounding decides for scores on a threshold.
  [[nodiscard]] std::size_t thresholds_below(float score) const {
    const float p = options_.from_logits ? 1.0F / (1.0F + std::exp(-score)) : score;
    if (evenly_) {
      const float steps = static_cast<float>(thresholds_.size()) - 1.0F;
      const float bucket = std::ceil(std::clamp(p, 0.0F, 1.0F) * steps) - 1.0F;
      return static_cast<std::size_t>(std::max(bucket, 0.0F)) + 1;
    }
    return static_cast<std::size_t>(std::ranges::lower_bound(thresholds_, p) - thresholds_.begin());
  }

  AucOptions options_;
  std::vector<float> thresholds_;
  bool evenly_ = false;
  std::vector<Curve> curves_;
};

}  // namespace

MetricPtr AUC(const AucOptions& options) { return std::make_shared<AucMetric>(options); }

}  // namespace graft
