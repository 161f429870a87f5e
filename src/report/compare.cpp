// SPDX-License-Identifier: Apache-2.0
// Runs side by side on the photos that they share.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/random.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/report.hpp"

#include "report/answer_figures.hpp"
#include "report/label_photos.hpp"
#include "report/run_files.hpp"

namespace graft::report {
namespace {

/// One answer for a photo by what had not seen it.
struct UnseenAnswer {
  bool right = false;  ///< of several labels: all of them are; of numbers: unused
  bool test = false;
  std::vector<double> errors{};  ///< of numbers: how far each is off
};
/// By the content of the photo, else its path.
using UnseenByPhoto = std::map<std::string, UnseenAnswer>;

/// Whether each answer is right; of numbers nothing.
std::vector<bool> right_answers(const RunFiles& run) {
  std::vector<bool> right;
  if (!run.answers.truth_numbers.empty()) return std::vector<bool>(run.answers.files.size(), false);
  if (run.result.contains("several_labels")) {
    const LabelAnswers labels(run);
    for (std::size_t i = 0; i < run.answers.files.size(); ++i) right.push_back(!labels.any_wrong(i));
    return right;
  }
  const std::vector<Answer> answers = answers_of(run.answers);
  for (std::size_t i = 0; i < answers.size(); ++i) right.push_back(answers[i].answer == run.answers.truth[i]);
  return right;
}

std::vector<double> errors_of(const RunFiles& run, std::size_t photo) {
  std::vector<double> errors;
  if (run.answers.truth_numbers.empty()) return errors;
  const auto width = static_cast<std::size_t>(run.answers.truth_numbers.shape()[1]);
  for (std::size_t at = photo * width; at < (photo + 1) * width; ++at)
    errors.push_back(std::abs(static_cast<double>(run.answers.probabilities.data<float>()[at]) -
                              static_cast<double>(run.answers.truth_numbers.data<float>()[at])));
  return errors;
}

UnseenByPhoto unseen_answers(const RunFiles& run) {
  const std::vector<bool> right = right_answers(run);
  const std::vector<std::string> prints = photo_prints(run.answers.files);
  UnseenByPhoto unseen;
  for (std::size_t i = 0; i < prints.size(); ++i) {
    const bool test = run.answers.parts[i] == Part::test;
    if ((run.evaluation && !test) || run.answers.seen(i)) continue;  // the model was made with it
    const std::string key = prints[i].empty() ? run.answers.files[i].string() : prints[i];
    unseen.emplace(key, UnseenAnswer{right[i], test, errors_of(run, i)});
  }
  return unseen;
}

/// Of the photos of both, or of those that are test photos of both.
struct PairedPhotos {
  PairedCounts counts;
  std::vector<const UnseenAnswer*> first, second;
};

PairedPhotos pair_photos(const UnseenByPhoto& first, const UnseenByPhoto& second, bool test_only) {
  PairedPhotos paired;
  for (const auto& [photo, one] : first) {
    const auto other = second.find(photo);
    if (other == second.end() || (test_only && !(one.test && other->second.test))) continue;
    const bool right = other->second.right;
    PairedCounts& counts = paired.counts;
    ++(one.right ? (right ? counts.both : counts.first_only) : (right ? counts.second_only : counts.neither));
    paired.first.push_back(&one);
    paired.second.push_back(&other->second);
  }
  return paired;
}

double mean_error(const std::vector<const UnseenAnswer*>& answers, std::size_t k) {
  double sum = 0;
  for (const UnseenAnswer* one : answers) sum += one->errors[k];
  return sum / static_cast<double>(std::max<std::size_t>(answers.size(), 1));
}

std::vector<PairedErrors> compare_errors(const PairedPhotos& paired, const std::vector<std::string>& names) {
  std::vector<PairedErrors> all;
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < paired.first.size(); ++i)
      differences.push_back(paired.first[i]->errors[k] - paired.second[i]->errors[k]);
    all.push_back({.name = names[k],
                   .first = mean_error(paired.first, k),
                   .second = mean_error(paired.second, k),
                   .p = sign_flips(differences)});
  }
  return all;
}

RunPair compare_pair(const std::vector<UnseenByPhoto>& all, std::size_t first, std::size_t second,
                     const std::vector<std::string>& numbers) {
  RunPair pair{.first = first, .second = second};
  PairedPhotos paired = pair_photos(all[first], all[second], true);
  if (paired.first.empty()) {
    pair.test_only = false;
    paired = pair_photos(all[first], all[second], false);
  }
  pair.photos = paired.first.size();
  if (numbers.empty()) {
    pair.counts = paired.counts;
    pair.p = mcnemar(pair.counts);
  } else {
    pair.errors = compare_errors(paired, numbers);
  }
  return pair;
}

ComparedRun compared(const RunFiles& run, const std::vector<UnseenByPhoto>& all, std::size_t position,
                     std::size_t numbers) {
  ComparedRun result{.folder = run.folder};
  std::size_t right = 0, shared_right = 0;
  std::vector<const UnseenAnswer*> tested, shared;
  for (const auto& entry : all[position]) {
    const UnseenAnswer& answer = entry.second;
    if (answer.test) {
      tested.push_back(&answer);
      right += answer.right ? 1 : 0;
    }
    if (!std::ranges::all_of(all, [&](const UnseenByPhoto& other) { return other.contains(entry.first); }))
      continue;
    shared.push_back(&answer);
    shared_right += answer.right ? 1 : 0;
  }
  const auto part = [](std::size_t of, std::size_t total) {
    return total > 0 ? static_cast<double>(of) / static_cast<double>(total) : 0.0;
  };
  result.test_photos = tested.size();
  result.shared_photos = shared.size();
  for (std::size_t k = 0; k < numbers; ++k) {
    result.test_errors.push_back(mean_error(tested, k));
    result.shared_errors.push_back(mean_error(shared, k));
  }
  if (numbers > 0) return result;
  result.test_accuracy = part(right, result.test_photos);
  result.interval = wilson_interval(right, result.test_photos);
  result.shared_accuracy = part(shared_right, result.shared_photos);
  return result;
}

/// What a run answers with: "classes", "labels" or "numbers".
std::string kind_of_answers(const RunFiles& run) {
  if (!run.answers.truth_numbers.empty()) return "numbers";
  return run.result.contains("several_labels") ? "labels" : "classes";
}

/// What the runs of a comparison must have in common: labels that are all right are those of one list, and
/// errors those of one number. Of classes nothing.
std::vector<std::string> names_to_share(const RunFiles& run) {
  const std::string kind = kind_of_answers(run);
  if (kind == "classes") return {};
  if (kind == "numbers") return run.result.at("numbers").at("names").get<std::vector<std::string>>();
  std::vector<std::string> names = run.classes;
  std::ranges::sort(names);
  return names;
}

void check_alike(const RunFiles& first, const RunFiles& other) {
  const std::string kind = kind_of_answers(first);
  if (kind != kind_of_answers(other))
    fail(ErrorKind::invalid_argument, "compare: ", first.folder.string(), " answers with ", kind, ", ",
         other.folder.string(), " with ", kind_of_answers(other), "; expected runs of one kind");
  if (names_to_share(first) != names_to_share(other))
    fail(ErrorKind::invalid_argument, "compare: ", first.folder.string(), " and ", other.folder.string(),
         " have other ", kind, "; expected runs with the same ones");
}

}  // namespace

double mcnemar(const PairedCounts& counts) {
  const std::size_t differ = counts.first_only + counts.second_only;
  const std::size_t fewer = std::min(counts.first_only, counts.second_only);
  if (differ == 0) return 1;
  const auto n = static_cast<double>(differ);
  double tail = 0;
  for (std::size_t k = 0; k <= fewer; ++k) {
    const auto i = static_cast<double>(k);
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(i + 1) - std::lgamma(n - i + 1) - n * std::log(2.0));
  }
  return std::min(1.0, 2 * tail);
}

double sign_flips(std::span<const double> differences) {
  constexpr std::size_t kMostExact = 12, kFlips = 9999;
  const std::size_t count = differences.size();
  double observed = 0, size = 0;
  for (const double one : differences) {
    observed += one;
    size += std::abs(one);
  }
  const double least = std::abs(observed) - 1e-12 * size;  // another order of the sum is no smaller one
  const auto sum_of = [&](const auto& is_flipped) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += is_flipped(i) ? -differences[i] : differences[i];
    return std::abs(sum);
  };
  std::size_t as_far = 0;
  if (count <= kMostExact) {
    const std::size_t all = std::size_t{1} << count;
    for (std::size_t signs = 0; signs < all; ++signs)
      as_far += sum_of([&](std::size_t i) { return ((signs >> i) & 1U) != 0; }) >= least ? 1 : 0;
    return static_cast<double>(as_far) / static_cast<double>(all);
  }
  Rng random(0, fnv1a("sign flips"));
  for (std::size_t flip = 0; flip < kFlips; ++flip) {
    std::uint64_t bits = 0;
    as_far += sum_of([&](std::size_t i) {
                bits = i % 64 == 0 ? random.next() : bits >> 1;
                return (bits & 1U) != 0;
              }) >= least
                  ? 1
                  : 0;
  }
  return static_cast<double>(as_far + 1) / static_cast<double>(kFlips + 1);
}

RunComparison compare_runs(const std::vector<std::filesystem::path>& runs) {
  if (runs.size() < 2)
    fail(ErrorKind::invalid_argument, "compare: expected two result folders or more, received ", runs.size());
  std::vector<RunFiles> files;
  std::vector<UnseenByPhoto> answers;
  for (const std::filesystem::path& run : runs) {
    files.push_back(read_run(run));
    check_alike(files.front(), files.back());
    answers.push_back(unseen_answers(files.back()));
  }
  RunComparison comparison;
  comparison.answers = kind_of_answers(files.front());
  if (comparison.answers == "numbers") comparison.numbers = names_to_share(files.front());
  for (std::size_t i = 0; i < files.size(); ++i) {
    comparison.runs.push_back(compared(files[i], answers, i, comparison.numbers.size()));
    for (std::size_t k = i + 1; k < files.size(); ++k)
      comparison.pairs.push_back(compare_pair(answers, i, k, comparison.numbers));
  }
  return comparison;
}

namespace {

/// {"age": 4.2}; null where there is no photo.
Json errors_json(const std::vector<std::string>& names, const std::vector<double>& errors,
                 std::size_t photos) {
  if (photos == 0) return {};
  Json json = Json::object();
  for (std::size_t k = 0; k < names.size(); ++k) json[names[k]] = errors.at(k);
  return json;
}

Json compared_numbers_json(const RunComparison& comparison) {
  Json runs = Json::array(), pairs = Json::array();
  for (const ComparedRun& run : comparison.runs) {
    runs.push_back(
        {{"folder", run.folder.string()},
         {"test_photos", run.test_photos},
         {"test_mean_absolute_error", errors_json(comparison.numbers, run.test_errors, run.test_photos)},
         {"shared_photos", run.shared_photos},
         {"shared_mean_absolute_error",
          errors_json(comparison.numbers, run.shared_errors, run.shared_photos)}});
  }
  for (const RunPair& pair : comparison.pairs) {
    Json numbers = Json::array();
    for (const PairedErrors& one : pair.errors)
      numbers.push_back(
          {{"name", one.name}, {"mean_absolute_errors", {one.first, one.second}}, {"p", one.p}});
    pairs.push_back({{"runs", {pair.first, pair.second}},
                     {"photos", pair.photos},
                     {"test_only", pair.test_only},
                     {"numbers", std::move(numbers)}});
  }
  return {{"answers", comparison.answers}, {"runs", std::move(runs)}, {"pairs", std::move(pairs)}};
}

}  // namespace

Json to_json(const RunComparison& comparison) {
  if (!comparison.numbers.empty()) return compared_numbers_json(comparison);
  Json runs = Json::array(), pairs = Json::array();
  for (const ComparedRun& run : comparison.runs) {
    runs.push_back({{"folder", run.folder.string()},
                    {"test_photos", run.test_photos},
                    {"test_accuracy", run.test_photos > 0 ? Json(run.test_accuracy) : Json()},
                    {"interval", {run.interval.low, run.interval.high}},
                    {"shared_photos", run.shared_photos},
                    {"shared_accuracy", run.shared_photos > 0 ? Json(run.shared_accuracy) : Json()}});
  }
  for (const RunPair& pair : comparison.pairs) {
    pairs.push_back({{"runs", {pair.first, pair.second}},
                     {"photos", pair.photos},
                     {"test_only", pair.test_only},
                     {"both_right", pair.counts.both},
                     {"first_only", pair.counts.first_only},
                     {"second_only", pair.counts.second_only},
                     {"both_wrong", pair.counts.neither},
                     {"p", pair.p}});
  }
  return {{"answers", comparison.answers}, {"runs", std::move(runs)}, {"pairs", std::move(pairs)}};
}

}  // namespace graft::report
