// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/data/grouped_split.hpp"
#include "graft/photos.hpp"

#include "transfer/features/rows.hpp"
#include "transfer/heads/head_state.hpp"

namespace graft::transfer {
namespace {

// scikit-learn's defaults first.
constexpr std::array kSearchedStrengths = {1.0, 0.1, 10.0, 0.01, 100.0};
// Of a linear SVM on features of a deep network, which it mostly separates: above 1 nothing changes any more.
constexpr std::array kLinearStrengths = {1.0, 0.1, 0.01, 0.001};
constexpr std::array kGammas = {1.0, 0.25, 4.0};  // times "scale"
constexpr std::array<std::int64_t, 5> kNeighbours = {5, 1, 3, 10, 20};
constexpr std::array kAllKinds = {HeadKind::logistic, HeadKind::linear_svm, HeadKind::centroid,
                                  HeadKind::rbf_svm, HeadKind::knn};

template <typename T, std::size_t kCount>
std::vector<T> fixed_or(const std::optional<T>& fixed, const std::array<T, kCount>& grid) {
  if (fixed) return {*fixed};
  return {grid.begin(), grid.end()};
}

/// Every setting to try, of one kind after the other.
std::vector<HeadOptions> make_grid(const HeadSearchOptions& options, double scale) {
  std::vector<HeadKind> kinds = options.kinds;
  if (kinds.empty()) kinds.assign(kAllKinds.begin(), kAllKinds.end());
  std::vector<double> gammas;
  gammas.reserve(kGammas.size());
  for (const double times : kGammas) gammas.push_back(times * scale);
  if (options.gamma) gammas = {*options.gamma};
  std::vector<HeadOptions> grid;
  for (const HeadKind kind : kinds) {
    const HeadOptions plain{.kind = kind, .class_weight = options.class_weight};
    if (kind == HeadKind::centroid) grid.push_back(plain);
    if (kind == HeadKind::knn) {
      for (const std::int64_t neighbours : fixed_or(options.neighbours, kNeighbours)) {
        grid.push_back(plain);
        grid.back().neighbours = neighbours;
      }
      continue;
    }
    if (kind == HeadKind::centroid) continue;
    const std::vector<double> strengths = kind == HeadKind::linear_svm
                                              ? fixed_or(options.c, kLinearStrengths)
                                              : fixed_or(options.c, kSearchedStrengths);
    for (const double c : strengths) {
      for (const double gamma : kind == HeadKind::rbf_svm ? gammas : std::vector<double>{scale}) {
        grid.push_back(plain);
        grid.back().c = c;
        if (kind == HeadKind::rbf_svm) grid.back().gamma = gamma;
      }
    }
  }
  for (const HeadOptions& setting : grid) check_options(setting);
  return grid;
}

struct Fold {
  std::vector<std::size_t> train, test;
};

/// The rows of a search, with what several settings need of them.
class Folds {
 public:
  Folds(const Tensor& features, std::span<const int> labels, const HeadSearchOptions& options)
      : features_(features), labels_(labels.begin(), labels.end()), classes_(check_rows(features, labels)) {
    std::vector<std::size_t> counts(classes_, 0);
    for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
    const std::size_t folds = std::clamp<std::size_t>(*std::ranges::min_element(counts), 2, options.folds);
    for (auto& part :
         data::stratified_folds({.labels = labels, .groups = options.groups, .seed = options.seed}, folds)) {
      std::vector<std::size_t> rest = data::all_but(part, labels.size());
      if (lacks_a_class(rest)) continue;
      folds_.push_back({.train = std::move(rest), .test = std::move(part)});
    }
    if (folds_.empty()) {
      fail(ErrorKind::invalid_argument,
           "cross-validation: a class has one photo or one group of photos; add some");
    }
  }

  [[nodiscard]] std::size_t size() const { return folds_.size(); }

  [[nodiscard]] TriedHead evaluate(const HeadOptions& setting) {
    TriedHead trial{.options = setting, .by_fold = {}};
    double all_right = 0;
    double all = 0;
    for (const Fold& fold : folds_) {
      const auto rows = static_cast<double>(fold.test.size());
      trial.by_fold.push_back(accuracy(setting, fold));
      all_right += trial.by_fold.back() * rows;
      all += rows;
    }
    trial.accuracy = all_right / all;
    return trial;
  }

 private:
  [[nodiscard]] bool lacks_a_class(const std::vector<std::size_t>& rows) const {
    std::vector<bool> there(classes_, false);
    for (const std::size_t row : rows) there[static_cast<std::size_t>(labels_[row])] = true;
    return std::ranges::find(there, false) != there.end();
  }

  /// Of a head fitted on the fold's training rows, on its test rows.
  [[nodiscard]] double accuracy(const HeadOptions& setting, const Fold& fold) {
    const std::vector<int> labels = take(labels_, fold.train);
    const std::vector<double> weights = class_weights_of(labels, classes_, setting.class_weight);
    if (setting.kind != HeadKind::rbf_svm && setting.kind != HeadKind::knn) {
      const Tensor train = take_rows(features_, fold.train);
      const LinearHead head = fit_linear({.features = train, .labels = labels, .weights = weights}, setting,
                                         Accuracy::enough_to_choose);
      return score_head(head, take_rows(features_, fold.test), take(labels_, fold.test)).accuracy;
    }
    if (distances_.values.empty()) distances_ = squared_distances(features_, features_);
    if (setting.kind == HeadKind::knn) {
      return by_distance(fold, fold.train, [&](std::span<const double> distances) {
        return nearest_class(distances, labels, static_cast<std::size_t>(setting.neighbours));
      });
    }
    const RbfMachines machines =
        solve_rbf_svm({.distances = distances_, .rows = fold.train, .labels = labels, .weights = weights},
                      {.c = setting.c, .gamma = setting.gamma.value_or(1)});
    std::vector<std::size_t> support;
    for (const std::size_t row : machines.support) support.push_back(fold.train[row]);
    return by_distance(fold, support,
                       [&](std::span<const double> distances) { return vote(machines, distances); });
  }

  /// How often decide(), from the distances of a test row to these rows, is right.
  template <typename Decide>
  [[nodiscard]] double by_distance(const Fold& fold, std::span<const std::size_t> rows,
                                   const Decide& decide) const {
    std::size_t right = 0;
    std::vector<double> distances(rows.size());
    for (const std::size_t row : fold.test) {
      for (std::size_t i = 0; i < rows.size(); ++i) distances[i] = distances_.row(row)[rows[i]];
      right += decide(distances) == labels_[row] ? 1 : 0;
    }
    return static_cast<double>(right) / static_cast<double>(fold.test.size());
  }

  Tensor features_;
  std::vector<int> labels_;
  std::size_t classes_;
  std::vector<Fold> folds_;
  Table distances_;  ///< between all rows; empty until wanted
};

/// All rows, or where there are more than wanted a part of them with each class in its share.
std::vector<std::size_t> choose_rows(std::span<const int> labels, const HeadSearchOptions& options) {
  std::vector<std::size_t> all(labels.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (all.size() <= options.most_rows) return all;
  const double part = static_cast<double>(options.most_rows) / static_cast<double>(all.size());
  return data::stratified_split(labels, std::vector{part, 1 - part}, options.seed).front();
}

}  // namespace

HeadSearch search_heads(const Tensor& features, std::span<const int> labels,
                        const HeadSearchOptions& options) {
  check_rows(features, labels);
  if (options.folds < 2)
    fail(ErrorKind::invalid_argument, "cross-validation: expected 2 folds or more, received ", options.folds);
  const std::vector<std::size_t> rows = choose_rows(labels, options);
  HeadSearchOptions chosen = options;
  if (!options.groups.empty()) {
    chosen.groups.clear();
    for (const std::size_t row : rows) chosen.groups.push_back(options.groups.at(row));
  }
  const Tensor part = rows.size() == labels.size() ? features : take_rows(features, rows);
  Folds folds(part, take(labels, rows), chosen);
  const std::vector<HeadOptions> grid = make_grid(options, gamma_scale(part));
  HeadSearch search{.best = {}, .rows = rows.size(), .folds = folds.size(), .tried = {}};
  double best = -1;
  for (const HeadOptions& setting : grid) {
    search.tried.push_back(folds.evaluate(setting));
    if (search.tried.back().accuracy > best) {
      best = search.tried.back().accuracy;
      search.best = setting;
    }
    if (options.progress && !options.progress(search.tried.size(), grid.size())) break;
  }
  return search;
}

std::vector<TriedHead> best_of_each(const HeadSearch& search) {
  std::vector<TriedHead> best;
  for (const TriedHead& trial : search.tried) {
    const auto known = std::ranges::find_if(
        best, [&](const TriedHead& one) { return one.options.kind == trial.options.kind; });
    if (known == best.end()) {
      best.push_back(trial);
    } else if (trial.accuracy > known->accuracy) {
      *known = trial;
    }
  }
  return best;
}

}  // namespace graft::transfer
