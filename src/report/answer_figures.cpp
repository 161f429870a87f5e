// SPDX-License-Identifier: Apache-2.0
#include "report/answer_figures.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace graft::report {
namespace {

std::span<const float> probabilities_of(const PhotoAnswers& photos, std::size_t row) {
  const auto width = static_cast<std::size_t>(photos.probabilities.shape()[1]);
  return photos.probabilities.data<float>().subspan(row * width, width);
}

/// The rows alone.
std::pair<Tensor, std::vector<int>> part_of(const PhotoAnswers& photos,
                                            const std::vector<std::size_t>& rows) {
  Tensor probabilities({static_cast<std::int64_t>(rows.size()), photos.probabilities.shape()[1]});
  std::vector<int> truth;
  auto out = probabilities.data<float>().begin();
  for (const std::size_t row : rows) {
    out = std::ranges::copy(probabilities_of(photos, row), out).out;
    truth.push_back(photos.truth[row]);
  }
  return {std::move(probabilities), std::move(truth)};
}

std::vector<double> thresholds() {
  std::vector<double> all;
  all.reserve(111);
  for (int i = 0; i < 99; ++i) all.push_back(i / 100.0);
  for (int i = 0; i < 10; ++i) all.push_back((990 + i) / 1000.0);
  all.push_back(0.9995);
  all.push_back(0.9999);
  return all;
}

std::vector<ReliabilityBin> bins_of(const PhotoAnswers& photos, const std::vector<Answer>& answers,
                                    const std::vector<std::size_t>& rows) {
  constexpr auto kBins = static_cast<double>(kReliabilityBins);
  std::vector<ReliabilityBin> bins(kReliabilityBins);
  for (const std::size_t row : rows) {
    const double place = std::ceil(static_cast<double>(answers[row].probability) * kBins) - 1;
    ReliabilityBin& bin = bins[static_cast<std::size_t>(std::clamp(place, 0.0, kBins - 1))];
    ++bin.photos;
    bin.probability += answers[row].probability;
    bin.accuracy += answers[row].answer == photos.truth[row] ? 1 : 0;
  }
  for (std::size_t i = 0; i < bins.size(); ++i) {
    bins[i].low = static_cast<double>(i) / kBins;
    bins[i].high = static_cast<double>(i + 1) / kBins;
    if (bins[i].photos == 0) continue;
    bins[i].probability /= static_cast<double>(bins[i].photos);
    bins[i].accuracy /= static_cast<double>(bins[i].photos);
  }
  return bins;
}

std::vector<CoveragePoint> coverage_of(const PhotoAnswers& photos, const std::vector<Answer>& answers,
                                       std::vector<std::size_t> rows) {
  std::ranges::sort(rows, {}, [&](std::size_t row) { return answers[row].probability; });
  auto right = static_cast<std::size_t>(
      std::ranges::count_if(rows, [&](std::size_t row) { return answers[row].answer == photos.truth[row]; }));
  std::vector<CoveragePoint> points;
  std::size_t below = 0;
  for (const double threshold : thresholds()) {
    while (below < rows.size() && answers[rows[below]].probability < threshold) {
      right -= answers[rows[below]].answer == photos.truth[rows[below]] ? 1 : 0;
      ++below;
    }
    points.push_back({.threshold = threshold, .answered = rows.size() - below, .right = right});
  }
  return points;
}

Json class_rows(const AnswerFigures& figures, const std::vector<std::string>& classes) {
  Json rows = Json::array();
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const bool any = figures.classes.photos[k] > 0;
    rows.push_back({{"name", classes[k]},
                    {"photos", figures.classes.photos[k]},
                    {"precision", figures.classes.precision[k]},
                    {"recall", any ? Json(figures.classes.recall[k]) : Json()},
                    {"f1", any ? Json(figures.f1[k]) : Json()}});
  }
  return rows;
}

}  // namespace

std::vector<Answer> answers_of(const PhotoAnswers& photos) {
  std::vector<Answer> answers(photos.files.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::span<const float> row = probabilities_of(photos, i);
    const auto best = std::ranges::max_element(row);
    float second = 0;
    for (auto value = row.begin(); value != row.end(); ++value) {
      if (value != best) second = std::max(second, *value);
    }
    answers[i] = {
        .answer = static_cast<int>(best - row.begin()), .probability = *best, .margin = *best - second};
  }
  return answers;
}

std::vector<AnswerSet> answer_sets(const PhotoAnswers& photos, bool evaluation) {
  AnswerSet test{.name = "test",
                 .title = "Test photos",
                 .note = "Photos that were never used in training, answered by the model.",
                 .rows = {}};
  AnswerSet training{.name = "training",
                     .title = "Training and validation photos",
                     .note =
                         "Each answered by a head that was solved without it, or by a model that was not "
                         "trained on it: what to expect of new photos, from more photos.",
                     .rows = {}};
  AnswerSet seen{.name = "seen",
                 .title = "Photos the model was made with",
                 .note = "The model was trained on these photos or chosen by them: new photos give less.",
                 .rows = {}};
  for (std::size_t i = 0; i < photos.files.size(); ++i) {
    if (photos.parts[i] == Part::test)
      test.rows.push_back(i);
    else
      (evaluation || photos.seen(i) ? seen : training).rows.push_back(i);
  }
  if (evaluation) {
    test.title = seen.rows.empty() ? "All photos" : "Photos the model has not seen";
    test.note = "Answered by the model.";
  }
  std::vector<AnswerSet> sets;
  for (AnswerSet* set : {&test, &training, &seen}) {
    if (!set->rows.empty()) sets.push_back(std::move(*set));
  }
  return sets;
}

AnswerFigures figures_of(const PhotoAnswers& photos, const std::vector<Answer>& answers,
                         const std::vector<std::size_t>& rows) {
  const auto [probabilities, truth] = part_of(photos, rows);
  AnswerFigures figures{.evaluation = evaluate(probabilities, truth),
                        .classes = {},
                        .f1 = {},
                        .bins = bins_of(photos, answers, rows),
                        .coverage = coverage_of(photos, answers, rows),
                        .mistakes = {}};
  const auto& confusion = figures.evaluation.confusion;
  figures.classes = class_figures(confusion);
  for (std::size_t k = 0; k < confusion.size(); ++k) {
    const double recall = figures.classes.recall[k], precision = figures.classes.precision[k];
    figures.f1.push_back(recall + precision > 0 ? 2 * recall * precision / (recall + precision) : 0);
    for (std::size_t other = 0; other < confusion.size(); ++other) {
      if (other != k && confusion[k][other] > 0)
        figures.mistakes.emplace_back(std::pair(static_cast<int>(k), static_cast<int>(other)),
                                      confusion[k][other]);
    }
  }
  std::ranges::stable_sort(figures.mistakes, std::ranges::greater{},
                           [](const auto& pair) { return pair.second; });
  return figures;
}

Json to_json(const AnswerFigures& figures, const std::vector<std::string>& classes) {
  const Evaluation& all = figures.evaluation;
  Json bins = Json::array(), coverage = Json::array(), confusion = Json::array();
  for (const ReliabilityBin& bin : figures.bins) {
    bins.push_back({{"low", bin.low},
                    {"high", bin.high},
                    {"photos", bin.photos},
                    {"probability", bin.photos > 0 ? Json(bin.probability) : Json()},
                    {"accuracy", bin.photos > 0 ? Json(bin.accuracy) : Json()}});
  }
  for (const CoveragePoint& point : figures.coverage)
    coverage.push_back({point.threshold, point.answered, point.right});
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (all.confusion[k][k] > 0) confusion.push_back({k, k, all.confusion[k][k]});
  }
  for (const auto& [pair, count] : figures.mistakes) confusion.push_back({pair.first, pair.second, count});
  Json json{{"photos", all.photos},
            {"right", all.right},
            {"accuracy", all.accuracy},
            {"interval", {all.interval.low, all.interval.high}},
            {"loss", all.loss},
            {"ece", all.calibration_error},
            {"balanced_accuracy", figures.classes.balanced_accuracy},
            {"most_frequent_class", figures.classes.most_frequent},
            {"most_frequent_class_accuracy", figures.classes.trivial_accuracy},
            {"classes", class_rows(figures, classes)},
            {"confusion", std::move(confusion)},
            {"reliability", std::move(bins)},
            {"coverage", std::move(coverage)}};
  const std::vector<LevelFigures> levels = level_figures(classes, all.confusion);
  if (!levels.empty()) json["levels"] = classify::to_json(levels);
  return json;
}

}  // namespace graft::report
