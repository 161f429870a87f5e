// SPDX-License-Identifier: Apache-2.0
#include "report/report_json.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/predictions.hpp"
#include "graft/version.hpp"

#include "report/label_report.hpp"
#include "report/next_steps.hpp"
#include "report/number_report.hpp"
#include "report/sections_json.hpp"

namespace graft::report {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTop = 3;  // classes of each photo
constexpr std::size_t kMostLeftOut = 200;

Json top_of(const PhotoAnswers& photos, std::size_t row) {
  const auto width = static_cast<std::size_t>(photos.probabilities.shape()[1]);
  const std::span<const float> values = photos.probabilities.data<float>().subspan(row * width, width);
  std::vector<std::size_t> order(width);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t count = std::min(kTop, width);
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
      [&](std::size_t a, std::size_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
  Json top = Json::array();
  for (std::size_t i = 0; i < count; ++i) top.push_back({order[i], values[order[i]]});
  return top;
}

Json item_json(const RunFiles& run, const ShownPhoto& photo, const fs::path& root) {
  Json item{{"file", shown_file(photo.file, root)}};
  if (!photo.row) return item;
  const std::size_t row = *photo.row;
  item["set"] = photo.set;
  item["part"] = part_name(run.answers.parts[row]);
  if (run.answers.folds[row] > 0) item["fold"] = run.answers.folds[row];
  item["truth"] = run.answers.truth[row];
  item["top"] = top_of(run.answers, row);
  return item;
}

/// Photos of each class by part.
Json counts_json(const RunFiles& run) {
  std::vector<std::array<std::size_t, 3>> counts(run.classes.size());
  const auto add = [&](std::size_t k, Part part) { ++counts.at(k)[static_cast<std::size_t>(part)]; };
  if (!run.known.empty()) {
    for (const KnownPhoto& photo : run.known) {
      const auto found = std::ranges::find(run.classes, photo.class_name);
      if (found != run.classes.end()) add(static_cast<std::size_t>(found - run.classes.begin()), photo.part);
    }
  } else {
    for (std::size_t i = 0; i < run.answers.files.size(); ++i)
      add(static_cast<std::size_t>(run.answers.truth[i]), run.answers.parts[i]);
  }
  Json rows = Json::array();
  for (const auto& [train, validation, test] : counts) rows.push_back({train, validation, test});
  return rows;
}

Json data_json(const RunFiles& run, const fs::path& root) {
  Json data{{"folder", root.string()},
            {"counts", counts_json(run)},
            {"left_out", left_out_json(run, root)},
            {"left_out_files", run.result.value("skipped_images", Json::array()).size()}};
  if (run.result.contains("duplicates")) data["duplicates"] = run.result.at("duplicates");
  return data;
}

std::string headline(const RunFiles& run, const AnswerSet& set, const AnswerFigures& figures) {
  const Evaluation& all = figures.evaluation;
  const std::string interval = cat(percent(all.interval.low), " to ", percent(all.interval.high));
  const std::string count = cat(all.photos, all.photos == 1 ? " photo" : " photos");
  if (set.name == "seen") {
    return cat("The model recognised ", percent(all.accuracy), " of ", count,
               " that it was made with. New photos give less.");
  }
  return cat("The model recognised ", percent(all.accuracy), " of ", count,
             run.evaluation && set.title == "All photos" ? "" : " that it had never seen",
             ". On new photos of the same kind expect ", interval, " (95 % interval).");
}

Json headline_json(const RunFiles& run, const std::vector<AnswerSet>& sets,
                   const std::vector<AnswerFigures>& figures) {
  if (sets.empty()) return {{"sentence", "No photo was answered, so nothing is known of the accuracy."}};
  const Evaluation& all = figures.front().evaluation;
  return {{"sentence", headline(run, sets.front(), figures.front())},
          {"accuracy", all.accuracy},
          {"interval", {all.interval.low, all.interval.high}},
          {"photos", all.photos}};
}

void add_steps(Json& json, const std::vector<NextStep>& steps) {
  json["next"] = Json::array();
  for (const NextStep& step : steps) json["next"].push_back({{"what", step.what}, {"why", step.why}});
}

}  // namespace

fs::path common_folder(const std::vector<fs::path>& files) {
  if (files.empty()) return {};
  fs::path common = files.front().parent_path().parent_path();
  for (const fs::path& file : files) {
    const auto [end, ignored] = std::ranges::mismatch(common, file);
    fs::path shared;
    for (auto part = common.begin(); part != end; ++part) shared /= *part;
    common = shared;
  }
  return common;
}

Json left_out_json(const RunFiles& run, const fs::path& root) {
  Json left_out = Json::array();
  const Json all = run.result.value("skipped_images", Json::array());
  for (const Json& file : all) {
    if (left_out.size() == kMostLeftOut) break;
    left_out.push_back(
        {{"file", shown_file(file.at("file").get<std::string>(), root)}, {"reason", file.at("reason")}});
  }
  return left_out;
}

Json report_head(const RunFiles& run, const ReportOptions& options) {
  Json json{{"schema", kReportSchema},
            {"graft_version", std::string(version())},
            {"kind", run.evaluation ? "evaluation" : "training"},
            {"name", run.name},
            {"command", options.command.empty() ? run.earlier.value("command", "") : options.command},
            {"classes", run.classes},
            {"headline", nullptr},
            {"done", run.result.value("notes", Json::array())},
            {"data", nullptr},
            {"history", run.history},
            {"settings", run.settings},
            {"model", run.model},
            {"facts", Json::object()}};
  if (run.evaluation) json["model_file"] = run.result.value("model", "");
  return json;
}

void add_facts(Json& json, const RunFiles& run) {
  for (const char* name : {"head", "fine_tuning", "fine_tuning_tried", "calibration", "decisions", "folds",
                           "seeds", "rounds", "network", "phases", "features"}) {
    if (run.result.contains(name)) json["facts"][name] = run.result.at(name);
  }
  if (run.result.value("stopped", false)) json["facts"]["stopped"] = true;
  if (!run.result.value("broke_down", "").empty()) json["facts"]["broke_down"] = run.result.at("broke_down");
  for (const char* name : {"seconds", "epoch_seconds"}) {
    if (run.result.contains(name)) json[name] = run.result.at(name);
  }
}

ReportData make_report(const RunFiles& run, const ReportOptions& options) {
  if (!run.answers.truth_numbers.empty()) return make_number_report(run, options);
  if (run.result.contains("several_labels")) return make_label_report(run, options);
  const std::vector<Answer> answers = answers_of(run.answers);
  const std::vector<AnswerSet> sets = answer_sets(run.answers, run.evaluation);
  std::vector<AnswerFigures> figures;
  figures.reserve(sets.size());
  for (const AnswerSet& set : sets) figures.push_back(figures_of(run.answers, answers, set.rows));
  ReportData data{.json = report_head(run, options), .shown = {}, .root = common_folder(run.answers.files)};
  Json& json = data.json;
  json["headline"] = headline_json(run, sets, figures);
  json["data"] = data_json(run, data.root);
  add_facts(json, run);
  add_steps(json, next_steps(run, sets, figures, answers));
  add_sections(json, options.sections, run.earlier, data.root);
  data.shown = choose_photos({.photos = run.answers,
                              .answers = answers,
                              .sets = sets,
                              .of_findings = finding_files(json, data.root)},
                             options.photos);
  json["sets"] = Json::array();
  for (std::size_t s = 0; s < sets.size(); ++s) {
    Json one = to_json(figures[s], run.classes);
    one.update({{"name", sets[s].name},
                {"title", sets[s].title},
                {"note", sets[s].note},
                {"worst", data.shown.worst[s]},
                {"least_certain", data.shown.least_certain[s]}});
    json["sets"].push_back(std::move(one));
  }
  Json items = Json::array();
  for (const ShownPhoto& photo : data.shown.photos) items.push_back(item_json(run, photo, data.root));
  json["photos"] = {
      {"total", run.answers.files.size()}, {"shown", items.size()}, {"items", std::move(items)}};
  if (json.contains("map")) json["map"].erase("pictures");  // of an earlier report
  if (options.photos > 0) data.map_photos = add_map_pictures(json, data.root);
  return data;
}

}  // namespace graft::report
