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

std::vector<std::string> level_report(const Confusion& confusion, const std::vector<std::string>& names) {
  std::vector<std::string> lines;
  for (const classify::LevelFigures& one : classify::level_figures(names, confusion)) {
    lines.push_back(cat("level ", one.level, " (", comma_list(one.names, {}, kMostClasses),
                        "): ", percent(one.accuracy), " (", interval_text(one.interval), ")"));
  }
  return lines;
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

std::string several_report(const classify::SeveralLabelsFigures& figures,
                           const std::vector<classify::SeveralLevelFigures>& levels,
                           const std::vector<std::string>& names, const std::vector<double>& thresholds) {
  constexpr std::size_t kMostLabels = 20;
  std::string text =
      cat("mean average precision ", percent(figures.mean_average_precision), "   F1 micro ",
          percent(figures.f1_micro), "   macro ", percent(figures.f1_macro), "   all labels right ",
          percent(figures.exact_match), "   Hamming loss ", percent(figures.hamming_loss), "\n");
  for (const classify::SeveralLevelFigures& one : levels)
    text += cat("level ", one.level, " (", comma_list(one.names, {}, kMostClasses),
                "): mean average precision ", percent(one.figures.mean_average_precision), "   F1 micro ",
                percent(one.figures.f1_micro), "   macro ", percent(one.figures.f1_macro), "   all right ",
                percent(one.figures.exact_match), "\n");
  std::vector<std::size_t> order(figures.classes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t k) { return figures.classes[k].average_precision; });
  std::size_t width = 5;
  for (const std::string& name : names)
    width = std::min<std::size_t>(std::max(width, shown(name).size()), 30);
  const auto column = [](const std::string& value, std::size_t size) {
    return std::string(value.size() < size ? size - value.size() : 0, ' ') + value;
  };
  text += cat("label", std::string(width - 5, ' '),
              "  photos  average precision  precision   recall       F1  threshold\n");
  for (const std::size_t k : std::span(order).first(std::min(order.size(), kMostLabels))) {
    const classify::LabelFigures& one = figures.classes[k];
    const std::string name = shown(names.at(k));
    text += cat(name, std::string(name.size() < width ? width - name.size() : 0, ' '),
                column(std::to_string(one.photos), 8), column(percent(one.average_precision), 19),
                column(percent(one.precision), 11), column(percent(one.recall), 9),
                column(percent(one.f1), 9), column(percent(thresholds.at(k)), 11), "\n");
  }
  if (order.size() > kMostLabels) text += cat("... and ", order.size() - kMostLabels, " more labels\n");
  return text;
}

}  // namespace graft::cli
