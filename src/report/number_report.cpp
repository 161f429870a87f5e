// SPDX-License-Identifier: Apache-2.0
#include "report/number_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/predictions.hpp"

#include "report/sections_json.hpp"

namespace graft::report {
namespace {

constexpr std::size_t kWorstListed = 24;   // photos in the list of one number
constexpr std::size_t kMostPoints = 2000;  // in a figure

double at_row(const Tensor& values, std::size_t row, std::size_t k) {
  return values.data<float>()[row * static_cast<std::size_t>(values.shape()[1]) + k];
}

/// Rows by how far the answer is off, the farthest first.
std::vector<std::size_t> by_error(const PhotoAnswers& answers, std::size_t k) {
  std::vector<std::size_t> rows(answers.files.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::ranges::stable_sort(rows, std::ranges::greater{}, [&](std::size_t row) {
    return std::abs(at_row(answers.probabilities, row, k) - at_row(answers.truth_numbers, row, k));
  });
  return rows;
}

/// The worst photos of each number, then a sample that depends on the files' names only.
ShownPhotos choose_number_photos(const RunFiles& run, std::size_t limit) {
  ShownPhotos shown;
  std::map<std::size_t, std::size_t> places;
  const auto add = [&](std::size_t row) {
    if (shown.photos.size() < limit && places.emplace(row, shown.photos.size()).second)
      shown.photos.push_back({.file = run.answers.files[row], .row = row});
  };
  std::vector<std::vector<std::size_t>> rows;
  for (std::size_t k = 0; k < run.classes.size(); ++k) {
    rows.push_back(by_error(run.answers, k));
    rows.back().resize(std::min(rows.back().size(), kWorstListed));
  }
  for (std::size_t rank = 0; rank < std::min(run.answers.files.size(), kWorstListed); ++rank) {
    for (const std::vector<std::size_t>& of_number : rows) add(of_number[rank]);
  }
  for (const std::vector<std::size_t>& of_number : rows) {
    std::vector<std::size_t>& worst = shown.worst.emplace_back();
    for (const std::size_t row : of_number) {
      if (places.contains(row)) worst.push_back(places.at(row));
    }
  }
  std::vector<std::size_t> others(run.answers.files.size());
  std::iota(others.begin(), others.end(), std::size_t{0});
  std::ranges::sort(others, {}, [&](std::size_t row) {
    return std::pair(fnv1a(run.answers.files[row].filename().string()), row);
  });
  for (const std::size_t row : others) add(row);
  return shown;
}

/// The figure's points: truth, answer, and 1 for a photo of the test part. At most kMostPoints, evenly
/// spread.
Json points_json(const PhotoAnswers& answers, std::size_t k) {
  Json points = Json::array();
  const std::size_t count = answers.files.size(), taken = std::min(count, kMostPoints);
  for (std::size_t i = 0; i < taken; ++i) {
    const std::size_t row = i * count / taken;
    points.push_back({at_row(answers.truth_numbers, row, k), at_row(answers.probabilities, row, k),
                      answers.parts[row] == Part::test ? 1 : 0});
  }
  return points;
}

Json numbers_json(const RunFiles& run, const ShownPhotos& shown) {
  const Json& found = run.result.at("numbers");
  Json list = Json::array();
  for (std::size_t k = 0; k < run.classes.size(); ++k) {
    const Json& widths = found.at("intervals").at("half_widths");
    list.push_back({{"name", run.classes[k]},
                    {"test", found.at("test").at(k)},
                    {"unseen", run.evaluation ? Json() : found.at("unseen").at(k)},
                    {"level", found.at("intervals").at("level")},
                    {"half_width", widths.empty() ? Json() : widths.at(k)},
                    {"points", points_json(run.answers, k)},
                    {"worst", shown.worst[k]}});
  }
  return list;
}

/// Three digits, as the page has them.
std::string three_digits(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

std::string number_headline(const Json& numbers, bool evaluation) {
  std::string text;
  for (const Json& one : numbers) {
    const Json& test = one.at("test");
    const Json& interval = test.at("mean_absolute_error_interval");
    text += cat(
        text.empty() ? "" : " ", "On ", test.at("photos").get<std::size_t>(), " photos",
        evaluation ? "" : " that it had never seen", " the model missed ", one.at("name").get<std::string>(),
        " by ", three_digits(test.at("mean_absolute_error").get<double>()), " on average (95 % interval ",
        three_digits(interval.at(0).get<double>()), " to ", three_digits(interval.at(1).get<double>()), ")",
        test.at("r2").is_null() ? std::string() : cat("; R2 ", three_digits(test.at("r2").get<double>())),
        ".");
  }
  return text;
}

Json number_items(const RunFiles& run, const ShownPhotos& shown, const std::filesystem::path& root) {
  Json items = Json::array();
  for (const ShownPhoto& photo : shown.photos) {
    const std::size_t row = *photo.row;
    Json item{{"file", shown_file(photo.file, root)}, {"part", part_name(run.answers.parts[row])}};
    if (run.answers.folds[row] > 0) item["fold"] = run.answers.folds[row];
    for (std::size_t k = 0; k < run.classes.size(); ++k)
      item["numbers"].push_back(
          {at_row(run.answers.truth_numbers, row, k), at_row(run.answers.probabilities, row, k)});
    items.push_back(std::move(item));
  }
  return items;
}

Json number_counts(const RunFiles& run) {
  if (run.evaluation) return Json::array({Json::array({0, 0, run.answers.files.size()})});
  const Json& photos = run.result.at("photos");
  return Json::array({Json::array({photos.at("train"), photos.at("validation"), photos.at("test")})});
}

Json number_steps() {
  return Json::array(
      {{{"what", "Look at the worst photos"},
        {"why", "A wrong number in the list shows as a large error there; correct it and train again."}},
       {{"what", "Add photos where there are few"},
        {"why", "Answers are drawn towards the mean where the training photos have few such numbers."}}});
}

}  // namespace

ReportData make_number_report(const RunFiles& run, const ReportOptions& options) {
  ReportData data{.json = Json::object(),
                  .shown = choose_number_photos(run, options.photos),
                  .root = common_folder(run.answers.files)};
  const Json numbers = numbers_json(run, data.shown);
  Json left_out = left_out_json(run, data.root);
  data.json = report_head(run, options);
  data.json.update({{"classes", Json::array()},
                    {"headline", {{"sentence", number_headline(numbers, run.evaluation)}}},
                    {"data",
                     {{"folder", data.root.string()},
                      {"counts", number_counts(run)},
                      {"left_out", std::move(left_out)},
                      {"left_out_files", run.result.value("skipped_images", Json::array()).size()}}},
                    {"next", number_steps()},
                    {"sets", Json::array()},
                    {"numbers", numbers}});
  add_facts(data.json, run);
  add_sections(data.json, options.sections, run.earlier, data.root);
  if (options.photos > 0)
    add_answered_findings(data.shown, run.answers, {}, finding_files(data.json, data.root));
  Json items = number_items(run, data.shown, data.root);
  data.json["photos"] = {
      {"total", run.answers.files.size()}, {"shown", items.size()}, {"items", std::move(items)}};
  return data;
}

}  // namespace graft::report
