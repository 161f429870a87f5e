// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/rounds.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/best_class.hpp"
#include "graft/classify/predictions.hpp"

#include "serve/api.hpp"
#include "serve/studio/refusal.hpp"

namespace graft::serve::studio {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = std::uintmax_t{256} << 20;  // of a file of a result folder

/// A JSON file; null where it is missing or broken: then it is another program's.
Json json_file(const fs::path& file) {
  try {
    return Json::parse(read_file(file, kMostBytes), nullptr, false);
  } catch (const Error&) {
    return {};
  }
}

/// "flowers-graft" is 1, "flowers-graft-7" is 7; 0: another name.
int round_number_of(const std::string& name, const std::string& first) {
  if (name == first) return 1;
  if (!name.starts_with(first + "-")) return 0;
  int number = 0;
  const char* const begin = name.data() + first.size() + 1;
  const char* const last = name.data() + name.size();
  const auto [end, error] = std::from_chars(begin, last, number);
  return error == std::errc() && end == last && number > 1 ? number : 0;
}

double seconds_of(const Json& result) {
  double sum = 0;
  const Json all = result.value("seconds", Json::object());
  for (const Json& seconds : all)
    if (seconds.is_number()) sum += seconds.get<double>();
  return sum;
}

std::string network_of(const fs::path& folder, const Json& result) {
  const Json networks = result.value("networks", Json::array());
  for (const Json& one : networks)
    if (one.value("chosen", false)) return one.value("model", "");
  const Json settings = json_file(folder / "settings.json");
  if (!settings.is_object()) return {};
  const std::string model = settings.value("model", "");
  return model == "auto" ? settings.value("used", Json::object()).value("architecture", "") : model;
}

/// A figure, or null where there is none.
Json figure(const Json& result, const char* name) {
  return result.contains(name) && result[name].is_number() ? result[name] : Json();
}

/// A list; empty where there is none, as a run of numbers has no classes.
Json list_in(const Json& result, const char* name) {
  return result.contains(name) && result[name].is_array() ? result[name] : Json::array();
}

/// What a model of the round says of a photo, in graft serve's words.
std::string kind_of_round(const Json& result) {
  if (result.contains("numbers")) return std::string(kNumbers);
  return std::string(result.contains("several_labels") ? kSeveralLabels : kOneClass);
}

/// Accuracy at each level of nested classes, without the tables.
Json levels_of(const Json& result) {
  Json levels = Json::array();
  for (const Json& one : list_in(result, "levels"))
    levels.push_back({{"level", one.value("level", 0)},
                      {"accuracy", figure(one, "accuracy")},
                      {"names", list_in(one, "names")}});
  return levels;
}

Json summary_of(const fs::path& folder, const Json& result) {
  std::error_code error;
  const auto written = fs::last_write_time(folder / "result.json", error);
  const auto when = std::chrono::file_clock::to_sys(written);
  return {{"kind", kind_of_round(result)},
          {"accuracy", figure(result, "test_accuracy")},
          {"validation_accuracy", figure(result, "validation_accuracy")},
          {"interval", list_in(result, "test_accuracy_interval")},
          {"levels", levels_of(result)},
          {"photos", result.value("photos", Json::object())},
          {"classes", list_in(result, "classes")},
          {"seconds", seconds_of(result)},
          {"network", network_of(folder, result)},
          {"stopped", result.value("stopped", false)},
          {"finished_at", std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count()}};
}

std::vector<std::vector<std::string>> csv_rows(const fs::path& file) {
  std::vector<std::vector<std::string>> rows;
  std::string text;
  try {
    text = read_file(file, kMostBytes);
  } catch (const Error&) {
    return rows;
  }
  for (std::size_t at = 0; at < text.size();) rows.push_back(read_csv_line(text, at));
  if (!rows.empty()) rows.erase(rows.begin());  // the head line
  return rows;
}

double number_in_text(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The sentence about one row of a list.
std::string sentence(const std::string& kind, const std::vector<std::string>& row) {
  const auto at = [&](std::size_t i) { return i < row.size() ? row[i] : std::string(); };
  if (kind == "labels")
    return cat("Looks like ", at(2), " (", percent(number_in_text(at(4))), "), not like ", at(1), " (",
               percent(number_in_text(at(3))), ").");
  if (kind == "duplicates") {
    const bool similar = at(2) == "similar";
    return cat(similar ? "Nearly the same picture twice" : "The same picture twice",
               at(3) == "true" || at(3) == "yes" ? ", in two classes: one label is wrong." : ".");
  }
  if (kind == "outliers") return "Unlike all other photos.";
  if (kind == "unreadable") return cat("Cannot be read: ", at(1), ".");
  if (kind == "dark") return "Very dark.";
  if (kind == "bright") return "Very bright.";
  if (kind == "flat") return "Hardly any contrast.";
  if (kind == "blurred") return "Blurred.";
  if (kind == "odd_size") return "Of an unusual size.";
  return "Unusually long or narrow.";
}

}  // namespace

Rounds::Rounds(const Project& project) : project_(project) {}

std::vector<std::string> Rounds::names() const {
  const std::string first = project_.folder().filename().string() + "-graft";
  std::vector<std::pair<int, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator all(project_.folder().parent_path(), error), end; !error && all != end;
       all.increment(error)) {
    const std::string name = all->path().filename().string();
    std::error_code ignored;
    const int number = round_number_of(name, first);
    if (number > 0 && fs::exists(all->path() / "result.json", ignored) &&
        fs::exists(all->path() / "model.keras", ignored))
      found.emplace_back(number, name);
  }
  std::ranges::sort(found);
  std::vector<std::string> sorted;
  sorted.reserve(found.size());
  for (auto& [number, name] : found) sorted.push_back(std::move(name));
  return sorted;
}

Json Rounds::list() {
  const std::lock_guard lock(mutex_);
  const std::string first = project_.folder().filename().string() + "-graft";
  Json all = Json::array();
  for (const std::string& name : names()) {
    const fs::path folder = project_.folder().parent_path() / name;
    const std::string stamp = file_stamp(folder / "result.json");
    Known& known = known_[name];
    if (known.stamp != stamp) {
      const Json result = json_file(folder / "result.json");
      known = {.stamp = stamp, .summary = result.is_object() ? summary_of(folder, result) : Json()};
    }
    if (!known.summary.is_object()) continue;
    Json one = known.summary;
    std::error_code ignored;
    one["name"] = name;
    one["number"] = round_number_of(name, first);
    one["has_report"] = fs::exists(folder / "report.html", ignored);
    all.push_back(std::move(one));
  }
  return all;
}

fs::path Rounds::folder_of(const std::string& name) {
  const std::vector<std::string> all = names();
  if (std::ranges::find(all, name) == all.end())
    throw Refusal(404, cat("there is no round '", printable(name), "'"));
  return project_.folder().parent_path() / name;
}

fs::path Rounds::next_folder() {
  const std::string first = project_.folder().filename().string() + "-graft";
  fs::path folder = project_.folder().parent_path() / first;
  std::error_code error;
  for (int number = 2; fs::exists(folder, error); ++number)
    folder = project_.folder().parent_path() / cat(first, "-", number);
  return folder;
}

std::string Rounds::last_network() {
  const Json all = list();
  for (auto one = all.rbegin(); one != all.rend(); ++one)
    if (!one->value("stopped", false) && !one->value("network", "").empty()) return one->value("network", "");
  return {};
}

Json Rounds::details(const std::string& name) {
  const Json result = json_file(folder_of(name) / "result.json");
  if (!result.is_object()) throw Refusal(404, cat("the result of ", name, " cannot be read"));
  Json details = Json::object();
  for (const char* key :
       {"classes", "confusion", "notes", "test_accuracy", "test_accuracy_interval", "photos"})
    if (result.contains(key)) details[key] = result[key];
  return details;
}

std::vector<Mistake> Rounds::one_class_mistakes(const fs::path& file) const {
  const SavedPredictions saved = read_predictions(file);
  const PhotoAnswers& answers = saved.answers;
  std::vector<Mistake> found;
  const std::size_t width = saved.class_names.size();
  for (std::size_t i = 0; i < answers.files.size(); ++i) {
    const std::span<const float> row = answers.probabilities.data().subspan(i * width, width);
    const std::size_t best = best_class(row);
    const auto truth = static_cast<std::size_t>(answers.truth[i]);
    if (best == truth || answers.seen(i)) continue;
    PhotoKey photo = project_.key_of(answers.files[i]);
    if (photo.name.empty()) continue;
    found.push_back({.class_name = std::move(photo.class_name),
                     .name = std::move(photo.name),
                     .truth = saved.class_names[truth],
                     .answer = saved.class_names[best],
                     .probability = row[best],
                     .own_probability = row[truth],
                     .part = part_name(answers.parts[i])});
  }
  return found;
}

/// probability: how sure the surest wrong label was, given or not given.
std::vector<Mistake> Rounds::label_mistakes(const fs::path& file, const Json& several) const {
  const SavedPredictions saved = read_several_predictions(file);
  const std::size_t width = saved.class_names.size();
  std::vector<double> thresholds;
  for (const Json& one : list_in(several, "thresholds"))
    thresholds.push_back(one.is_number() ? one.get<double>() : 0.5);
  if (thresholds.size() != width) throw Refusal(404, "the thresholds of this round's labels cannot be read");
  std::vector<Mistake> found;
  for (std::size_t i = 0; i < saved.answers.files.size(); ++i) {
    PhotoKey photo = project_.key_of(saved.answers.files[i]);
    if (saved.answers.seen(i) || photo.name.empty()) continue;
    const std::span<const float> row = saved.answers.probabilities.data().subspan(i * width, width);
    Mistake one;
    one.class_name = std::move(photo.class_name);
    one.name = std::move(photo.name);
    one.part = part_name(saved.answers.parts[i]);
    one.several = true;
    for (std::size_t k = 0; k < width; ++k) {
      const auto probability = static_cast<double>(row[k]);
      const bool is_given = probability >= thresholds[k];
      const bool is_true = std::ranges::binary_search(saved.answers.truth_sets[i], static_cast<int>(k));
      if (is_given) one.answers.push_back(saved.class_names[k]);
      if (is_true) one.truths.push_back(saved.class_names[k]);
      if (is_given != is_true)
        one.probability = std::max(one.probability, is_given ? probability : 1 - probability);
    }
    if (one.answers != one.truths) found.push_back(std::move(one));
  }
  return found;
}

std::shared_ptr<const std::vector<Mistake>> Rounds::mistakes(const std::string& name) {
  const fs::path folder = folder_of(name), file = folder / kPredictionsFile;
  const std::string wanted = cat(name, ' ', file_stamp(file), ' ', to_string(project_.grouping()));
  const std::lock_guard lock(mutex_);
  if (mistakes_ && mistakes_of_ == wanted) return mistakes_;
  const Json result = json_file(folder / "result.json");
  const bool several = result.is_object() && result.contains("several_labels");
  auto found = std::make_shared<std::vector<Mistake>>(several ? label_mistakes(file, result["several_labels"])
                                                              : one_class_mistakes(file));
  std::ranges::stable_sort(*found, std::greater<>(), [](const Mistake& one) { return one.probability; });
  mistakes_of_ = wanted;
  mistakes_ = found;
  return mistakes_;
}

Json findings_in(const fs::path& folder, const Project& project) {
  constexpr std::size_t kMostOfAKind = 100;
  Json all = Json::array();
  for (const char* kind : {"labels", "duplicates", "unreadable", "outliers", "dark", "bright", "flat",
                           "blurred", "odd_size", "odd_aspect"}) {
    std::size_t shown = 0;
    for (const std::vector<std::string>& row : csv_rows(folder / (std::string(kind) + ".csv"))) {
      if (row.empty() || shown == kMostOfAKind) break;
      Json photos = Json::array();
      const bool is_pair = kind == std::string_view("duplicates");
      for (std::size_t i = 0; i < (is_pair && row.size() > 1 ? 2U : 1U); ++i) {
        // An inspection by command names files as its folder was named: relative to the project's parent.
        const fs::path file = (project.folder().parent_path() / row[i]).lexically_normal();
        const PhotoKey photo = project.key_of(file);
        std::error_code ignored;
        if (!photo.name.empty() && fs::exists(file, ignored))
          photos.push_back({{"class", photo.class_name}, {"name", photo.name}});
      }
      if (photos.size() < (is_pair ? 2U : 1U)) continue;  // moved or removed since
      Json one{{"kind", kind}, {"text", sentence(kind, row)}, {"photos", std::move(photos)}};
      if (kind == std::string_view("labels") && row.size() > 2) one["suggested"] = row[2];
      all.push_back(std::move(one));
      ++shown;
    }
  }
  return all;
}

}  // namespace graft::serve::studio
