// SPDX-License-Identifier: Apache-2.0
#include "cli/class_report.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"

namespace graft::cli {
namespace {

constexpr double kUneven = 1.5;          // the largest class by the smallest
constexpr std::size_t kMostClasses = 8;  // that a line lists

/// Classes that have photos, the lowest recall first.
std::vector<std::size_t> by_recall(const classify::ClassFigures& figures) {
  std::vector<std::size_t> order(figures.photos.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t k) { return figures.photos[k] == 0; });
  std::ranges::stable_sort(order, {}, [&](std::size_t k) { return figures.recall[k]; });
  return order;
}

}  // namespace

std::string class_report(const Confusion& confusion, const std::vector<std::string>& names) {
  const classify::ClassFigures figures = classify::class_figures(confusion);
  const std::vector<std::size_t> order = by_recall(figures);
  if (order.size() < 2) return {};
  const auto photos = [&](std::size_t k) { return figures.photos[k]; };
  const std::int64_t least = photos(*std::ranges::min_element(order, {}, photos));
  const std::int64_t most = figures.photos[figures.most_frequent];
  if (static_cast<double>(most) < kUneven * static_cast<double>(least)) return {};
  const std::string trivial = cat("always answering ", names.at(figures.most_frequent), " reaches ",
                                  percent(figures.trivial_accuracy));
  if (figures.recall[order.front()] == 1) return "recall: 100.0 % of each class; " + trivial;
  const std::size_t shown = std::min(order.size(), kMostClasses);
  std::string text = shown < order.size() ? "lowest recall: " : "recall: ";
  for (std::size_t i = 0; i < shown; ++i) {
    const std::size_t k = order[i];
    text += cat(i == 0 ? "" : ", ", names.at(k), " ", percent(figures.recall[k]), " of ", figures.photos[k]);
  }
  return text + cat("; mean of all classes ", percent(figures.balanced_accuracy), "; ", trivial);
}

Json class_json(const Confusion& confusion, const std::vector<std::string>& names) {
  const classify::ClassFigures figures = classify::class_figures(confusion);
  Json classes = Json::array();
  for (std::size_t k = 0; k < figures.photos.size(); ++k) {
    classes.push_back({{"name", names.at(k)},
                       {"photos", figures.photos[k]},
                       {"recall", figures.photos[k] > 0 ? Json(figures.recall[k]) : Json()},
                       {"precision", figures.precision[k]}});
  }
  return {{"classes", std::move(classes)},
          {"balanced_accuracy", figures.balanced_accuracy},
          {"most_frequent_class", names.at(figures.most_frequent)},
          {"most_frequent_class_accuracy", figures.trivial_accuracy}};
}

}  // namespace graft::cli
