// SPDX-License-Identifier: Apache-2.0
#include "inspect/findings/labels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/classify/best_class.hpp"
#include "graft/classify/logits.hpp"
#include "graft/data/grouped_split.hpp"
#include "graft/evaluation.hpp"
#include "graft/inspect.hpp"
#include "graft/transfer/logistic_head.hpp"

namespace graft::inspect {
namespace {

constexpr std::size_t kHeldOutFolds = 5;
constexpr std::size_t kFewestPhotos = 2 * kHeldOutFolds;
constexpr std::array kHeldOutStrengths = {1.0, 0.1, 0.03, 0.01, 0.001};

Tensor rows_at(const Tensor& features, std::span<const std::size_t> rows) {
  Tensor result(Shape{static_cast<std::int64_t>(rows.size()), features.shape()[1]});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto from = static_cast<std::int64_t>(rows[i]);
    result.slice(static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1)
        .copy_from(features.slice(from, from + 1));
  }
  return result;
}

/// A head of all photos but those of one fold, for which it answers.
struct HeldOutFold {
  LogisticSolver solver;
  std::vector<std::size_t> photos;
  Tensor rows;
};

HeldOutFold make_fold(const HeldOutRequest& request, const std::vector<std::size_t>& fold) {
  const std::vector<std::size_t> rest = data::all_but(fold, request.labels.size());
  std::vector<int> labels;
  labels.reserve(rest.size());
  for (const std::size_t i : rest) labels.push_back(request.labels[i]);
  return {.solver = LogisticSolver(rows_at(request.features, rest), labels, request.classes),
          .photos = fold,
          .rows = rows_at(request.features, fold)};
}

/// Mean of -log of the own label's probability.
double loss_of(const Tensor& probabilities, std::span<const int> labels) {
  constexpr double kLeast = 1e-7;
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto p = static_cast<double>(probabilities.data()[i * width + static_cast<std::size_t>(labels[i])]);
    sum -= std::log(std::max(p, kLeast));
  }
  return sum / static_cast<double>(labels.size());
}

void check_labels(const Tensor& probabilities, std::span<const int> labels) {
  if (probabilities.shape().rank() != 2 ||
      probabilities.shape()[0] != static_cast<std::int64_t>(labels.size())) {
    fail(ErrorKind::shape_mismatch, "probabilities: expected (", labels.size(), ", classes), received ",
         probabilities.shape());
  }
  for (const int label : labels) {
    if (label < 0 || label >= probabilities.shape()[1])
      fail(ErrorKind::invalid_argument, "label: expected 0 to ", probabilities.shape()[1] - 1, ", received ",
           label);
  }
}

/// Counts by [given class][likely class], then picks as many photos of each given class as are counted.
class ConfidentLearning {
 public:
  ConfidentLearning(const Tensor& probabilities, std::span<const int> labels)
      : probabilities_(probabilities),
        labels_(labels),
        classes_(static_cast<std::size_t>(probabilities.shape()[1])),
        photos_of_(classes_) {
    for (std::size_t i = 0; i < labels.size(); ++i)
      photos_of_[static_cast<std::size_t>(labels[i])].push_back(i);
  }

  [[nodiscard]] std::vector<SuspectedLabel> run() const {
    const std::vector<double> thresholds = mean_own_probabilities();
    std::vector<bool> picked(labels_.size(), false);
    for (std::size_t given = 0; given < classes_; ++given) {
      const std::vector<std::size_t> wanted = expected_errors(given, thresholds);
      for (std::size_t likely = 0; likely < classes_; ++likely) pick(given, likely, wanted[likely], picked);
    }
    std::vector<SuspectedLabel> suspected;
    for (std::size_t i = 0; i < picked.size(); ++i) {
      const std::span<const float> p = row(i);
      const std::size_t likely = best_class(p);
      const auto own = static_cast<std::size_t>(labels_[i]);
      if (!picked[i] || likely == own) continue;
      suspected.push_back({.photo = i,
                           .suggested = static_cast<int>(likely),
                           .given_probability = static_cast<double>(p[own]),
                           .suggested_probability = static_cast<double>(p[likely])});
    }
    std::ranges::stable_sort(suspected, {}, [](const SuspectedLabel& one) {
      return one.given_probability - one.suggested_probability;
    });
    return suspected;
  }

 private:
  [[nodiscard]] std::span<const float> row(std::size_t photo) const {
    return probabilities_.data().subspan(photo * classes_, classes_);
  }

  /// Of each class the mean probability of the photos that have its label.
  [[nodiscard]] std::vector<double> mean_own_probabilities() const {
    std::vector<double> means(classes_, std::numeric_limits<double>::infinity());
    for (std::size_t k = 0; k < classes_; ++k) {
      if (photos_of_[k].empty()) continue;
      double sum = 0;
      for (const std::size_t photo : photos_of_[k]) sum += static_cast<double>(row(photo)[k]);
      means[k] = sum / static_cast<double>(photos_of_[k].size());
    }
    return means;
  }

  /// How many photos with a label are expected to be of each other class: of those that are confidently of
  /// one class the shares, of all photos with the label. 0 for the class itself.
  [[nodiscard]] std::vector<std::size_t> expected_errors(std::size_t given,
                                                         const std::vector<double>& thresholds) const {
    std::vector<double> confident(classes_, 0);
    for (const std::size_t photo : photos_of_[given]) {
      const std::span<const float> p = row(photo);
      std::size_t likely = classes_;
      for (std::size_t k = 0; k < classes_; ++k) {
        const bool above = static_cast<double>(p[k]) >= thresholds[k];
        if (above && (likely == classes_ || p[k] > p[likely])) likely = k;
      }
      if (likely != classes_) confident[likely] += 1;
    }
    confident[given] = std::max(confident[given], 1.0);
    double all = 0;
    for (const double count : confident) all += count;
    for (double& count : confident) count *= static_cast<double>(photos_of_[given].size()) / all;
    std::vector<std::size_t> expected = whole_numbers(confident, photos_of_[given].size());
    expected[given] = 0;
    return expected;
  }

  /// Whole numbers with the given sum: rounded down, and those with the largest remainders one more.
  [[nodiscard]] static std::vector<std::size_t> whole_numbers(const std::vector<double>& shares,
                                                              std::size_t sum) {
    std::vector<std::size_t> numbers, order;
    numbers.reserve(shares.size());
    order.reserve(shares.size());
    std::size_t used = 0;
    for (std::size_t k = 0; k < shares.size(); ++k) {
      numbers.push_back(static_cast<std::size_t>(shares[k] + 1e-9));
      used += numbers.back();
      order.push_back(k);
    }
    std::ranges::stable_sort(order, std::greater{},
                             [&](std::size_t k) { return shares[k] - static_cast<double>(numbers[k]); });
    for (std::size_t i = 0; i < order.size() && used < sum; ++i, ++used) ++numbers[order[i]];
    return numbers;
  }

  /// Picks the `count` photos of a given class by the largest lead of the likely class's probability.
  void pick(std::size_t given, std::size_t likely, std::size_t count, std::vector<bool>& picked) const {
    if (count == 0) return;
    std::vector<std::size_t> photos = photos_of_[given];
    std::ranges::stable_sort(photos, std::greater{}, [&](std::size_t photo) {
      return static_cast<double>(row(photo)[likely]) - static_cast<double>(row(photo)[given]);
    });
    photos.resize(std::min(count, photos.size()));
    for (const std::size_t photo : photos) picked[photo] = true;
  }

  const Tensor& probabilities_;
  std::span<const int> labels_;
  std::size_t classes_;
  std::vector<std::vector<std::size_t>> photos_of_;  ///< by given class
};

}  // namespace

Tensor held_out_probabilities(const HeldOutRequest& request) {
  const std::set<std::size_t> groups(request.groups.begin(), request.groups.end());
  if (request.classes < 2 || request.labels.size() < kFewestPhotos || groups.size() < kFewestPhotos)
    return {};
  std::vector<HeldOutFold> folds;
  for (const auto& fold : data::stratified_folds(
           {.labels = request.labels, .groups = request.groups, .seed = request.seed}, kHeldOutFolds))
    folds.push_back(make_fold(request, fold));
  Tensor best;
  double least = std::numeric_limits<double>::infinity();
  std::size_t done = 0;
  for (const double strength : kHeldOutStrengths) {
    Tensor all(
        Shape{static_cast<std::int64_t>(request.labels.size()), static_cast<std::int64_t>(request.classes)});
    for (HeldOutFold& fold : folds) {
      const LinearHead head = fold.solver.solve(strength, 1e-4);
      const Tensor rows = classify::softened(head_logits(head, fold.rows), 1);
      for (std::size_t i = 0; i < fold.photos.size(); ++i) {
        const auto to = static_cast<std::int64_t>(fold.photos[i]);
        const auto from = static_cast<std::int64_t>(i);
        all.slice(to, to + 1).copy_from(rows.slice(from, from + 1));
      }
      if (request.progress && !request.progress(++done, folds.size() * kHeldOutStrengths.size()))
        fail(ErrorKind::interrupted, "judging the labels was stopped");
    }
    const double loss = loss_of(all, request.labels);
    if (loss < least) {
      least = loss;
      best = all;
    }
  }
  return best;
}

std::vector<SuspectedLabel> find_label_errors(const Tensor& probabilities, std::span<const int> labels) {
  check_labels(probabilities, labels);
  return ConfidentLearning(probabilities, labels).run();
}

}  // namespace graft::inspect
