// SPDX-License-Identifier: Apache-2.0
#include "report/label_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/predictions.hpp"
#include "graft/version.hpp"

#include "report/label_photos.hpp"
#include "report/sections_json.hpp"

namespace graft::report {
namespace {

constexpr std::size_t kMostTogether = 30;  // labels of the table of pairs
constexpr std::size_t kMostOfPhoto = 12;   // labels that a photo lists
constexpr double kFewPhotosOfLabel = 20;   // with fewer more would help

Json set_json(const RunFiles& run, const AnswerSet& set, const SeveralLabelsFigures& figures) {
  Json json = classify::to_json(figures, run.classes);
  const auto exact =
      static_cast<std::size_t>(std::llround(figures.exact_match * static_cast<double>(figures.photos)));
  const Interval interval = wilson_interval(exact, figures.photos);
  json.update({{"name", set.name},
               {"title", set.title},
               {"note", set.note},
               {"exact_match_interval", {interval.low, interval.high}}});
  return json;
}

/// How often labels occur together: of the most frequent ones, how many photos have both, and how many are
/// given both.
Json together_json(const LabelAnswers& answers, const std::vector<std::size_t>& rows) {
  std::vector<std::size_t> counts(answers.labels(), 0), order(answers.labels());
  for (const std::size_t row : rows) {
    for (std::size_t k = 0; k < answers.labels(); ++k) counts[k] += answers.has(row, k) ? 1 : 0;
  }
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t k) { return counts[k]; });
  order.resize(std::min(order.size(), kMostTogether));
  std::ranges::sort(order);
  const std::size_t width = order.size();
  std::vector<std::vector<std::size_t>> have(width, std::vector<std::size_t>(width, 0)), given = have;
  for (const std::size_t row : rows) {
    for (std::size_t a = 0; a < width; ++a) {
      for (std::size_t b = 0; b < width; ++b) {
        have[a][b] += answers.has(row, order[a]) && answers.has(row, order[b]) ? 1 : 0;
        given[a][b] += answers.given(row, order[a]) && answers.given(row, order[b]) ? 1 : 0;
      }
    }
  }
  return {{"labels", order}, {"have", have}, {"given", given}};
}

/// Labels that a photo has or is given, then the most probable others: [label, probability, it has it, it is
/// given it].
Json labels_of(const LabelAnswers& answers, std::size_t row) {
  std::vector<std::size_t> order(answers.labels());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t k) {
    return std::pair(answers.has(row, k) || answers.given(row, k), answers.probability(row, k));
  });
  order.resize(std::min(order.size(), kMostOfPhoto));
  Json labels = Json::array();
  for (const std::size_t k : order)
    labels.push_back(
        {k, answers.probability(row, k), answers.has(row, k) ? 1 : 0, answers.given(row, k) ? 1 : 0});
  return labels;
}

Json label_items(const RunFiles& run, const LabelAnswers& answers, const ShownPhotos& shown,
                 const std::filesystem::path& root) {
  Json items = Json::array();
  for (const ShownPhoto& photo : shown.photos) {
    const std::size_t row = *photo.row;
    Json item{{"file", shown_file(photo.file, root)},
              {"set", photo.set},
              {"part", part_name(run.answers.parts[row])}};
    if (run.answers.folds[row] > 0) item["fold"] = run.answers.folds[row];
    if (run.answers.by_model[row]) item["by_model"] = true;
    item["labels"] = labels_of(answers, row);
    items.push_back(std::move(item));
  }
  return items;
}

/// Photos of each label by part: [training, validation, test].
Json label_counts(const RunFiles& run) {
  std::vector<std::array<std::size_t, 3>> counts(run.classes.size());
  for (std::size_t row = 0; row < run.answers.truth_sets.size(); ++row) {
    for (const int label : run.answers.truth_sets[row])
      ++counts.at(static_cast<std::size_t>(label))[static_cast<std::size_t>(run.answers.parts[row])];
  }
  Json rows = Json::array();
  for (const auto& [train, validation, test] : counts) rows.push_back({train, validation, test});
  return rows;
}

/// Photos by part, which a label counts more than once.
Json photo_counts(const RunFiles& run) {
  std::array<std::size_t, 3> counts{};
  for (const Part part : run.answers.parts) ++counts[static_cast<std::size_t>(part)];
  return counts;
}

Json label_headline(const RunFiles& run, const Json& sets) {
  if (sets.empty()) return {{"sentence", "No photo was answered, so nothing is known of the model."}};
  const Json& first = sets.front();
  const Json& interval = first.at("exact_match_interval");
  const auto photos = first.at("photos").get<std::size_t>();
  const auto figure = [&](const char* name) { return percent(first.at(name).get<double>()); };
  std::string sentence =
      cat("On ", photos, photos == 1 ? " photo" : " photos", run.evaluation ? "" : " that it had never seen",
          " the model reached a mean average precision of ", figure("mean_average_precision"),
          " and an F1 of ", figure("f1_micro"), " (micro) and ", figure("f1_macro"),
          " (macro). All labels were right for ", figure("exact_match"), " of the photos (95 % interval ",
          percent(interval.at(0).get<double>()), " to ", percent(interval.at(1).get<double>()), ").");
  return {{"sentence", std::move(sentence)}, {"photos", photos}};
}

Json label_steps(const Json& sets, const Json& counts) {
  Json steps = Json::array();
  if (sets.empty()) return steps;
  steps.push_back(
      {{"what", "Look at the worst photos"},
       {"why",
        "A label that is missing in the list, or wrong, shows as a large error there; correct it and "
        "train again."}});
  const Json& rows = sets.front().at("classes");
  std::size_t lowest = rows.size();
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k].at("photos") == 0) continue;
    if (lowest == rows.size() || rows[k].at("average_precision") < rows[lowest].at("average_precision"))
      lowest = k;
  }
  if (lowest < rows.size()) {
    const auto trained = counts.at(lowest).at(0).get<double>();
    const std::string name = rows[lowest].at("name").get<std::string>();
    steps.push_back({{"what", cat("Improve ", name)},
                     {"why", cat("It has the lowest average precision, ",
                                 percent(rows[lowest].at("average_precision").get<double>()),
                                 trained > 0 && trained < kFewPhotosOfLabel
                                     ? cat(", and ", trained, " training photos: add photos that have it")
                                     : std::string(": look at what it was missed on and mistaken for"),
                                 ".")}});
  }
  return steps;
}

/// The sets with their photos.
Json label_sets(const RunFiles& run, const LabelAnswers& answers, const std::vector<AnswerSet>& sets,
                const LabelPhotos& photos) {
  Json list = Json::array();
  for (std::size_t s = 0; s < sets.size(); ++s) {
    Json one = set_json(run, sets[s], answers.figures(sets[s].rows));
    for (std::size_t k = 0; k < answers.labels(); ++k)
      one["classes"][k].update({{"threshold", answers.thresholds()[k]},
                                {"missed", photos.missed[s][k]},
                                {"mistaken", photos.mistaken[s][k]}});
    if (const auto levels = answers.levels(sets[s].rows); !levels.empty())
      one["levels"] = classify::to_json(levels);
    one["together"] = together_json(answers, sets[s].rows);
    one["worst"] = photos.shown.worst[s];
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

ReportData make_label_report(const RunFiles& run, const ReportOptions& options) {
  const LabelAnswers answers(run);
  const std::vector<AnswerSet> sets = answer_sets(run.answers, run.evaluation);
  LabelPhotos photos = choose_label_photos(run, answers, sets, options.photos);
  ReportData data{.json = Json::object(), .shown = {}, .root = common_folder(run.answers.files)};
  const Json of_sets = label_sets(run, answers, sets, photos), counts = label_counts(run);
  data.json = report_head(run, options);
  data.json.update({{"classes", run.classes},
                    {"headline", label_headline(run, of_sets)},
                    {"data",
                     {{"folder", data.root.string()},
                      {"counts", counts},
                      {"photos", photo_counts(run)},
                      {"left_out", left_out_json(run, data.root)},
                      {"left_out_files", run.result.value("skipped_images", Json::array()).size()}}},
                    {"next", label_steps(of_sets, counts)},
                    {"sets", Json::array()},
                    {"labels", of_sets}});
  add_facts(data.json, run);
  add_sections(data.json, options.sections, run.earlier, data.root);
  if (options.photos > 0)
    add_answered_findings(photos.shown, run.answers, sets, finding_files(data.json, data.root));
  data.shown = std::move(photos.shown);
  Json items = label_items(run, answers, data.shown, data.root);
  data.json["photos"] = {
      {"total", run.answers.files.size()}, {"shown", items.size()}, {"items", std::move(items)}};
  return data;
}

}  // namespace graft::report
