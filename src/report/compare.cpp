// SPDX-License-Identifier: Apache-2.0
// Runs side by side on the photos that they share.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/report.hpp"

#include "report/answer_figures.hpp"
#include "report/run_files.hpp"

namespace graft::report {
namespace {

/// One answer for a photo by what had not seen it.
struct UnseenAnswer {
  bool right = false;
  bool test = false;
};
/// By the content of the photo, else its path.
using UnseenByPhoto = std::map<std::string, UnseenAnswer>;

UnseenByPhoto unseen_answers(const RunFiles& run) {
  const std::vector<Answer> answers = answers_of(run.answers);
  const std::vector<std::string> prints = photo_prints(run.answers.files);
  UnseenByPhoto unseen;
  for (std::size_t i = 0; i < prints.size(); ++i) {
    const bool test = run.answers.parts[i] == Part::test;
    if ((run.evaluation && !test) || run.answers.seen(i)) continue;  // the model was made with it
    const std::string key = prints[i].empty() ? run.answers.files[i].string() : prints[i];
    unseen.emplace(key, UnseenAnswer{answers[i].answer == run.answers.truth[i], test});
  }
  return unseen;
}

PairedCounts count_pair(const UnseenByPhoto& first, const UnseenByPhoto& second, bool test_only) {
  PairedCounts counts;
  for (const auto& [photo, one] : first) {
    const auto other = second.find(photo);
    if (other == second.end() || (test_only && !(one.test && other->second.test))) continue;
    const bool right = other->second.right;
    ++(one.right ? (right ? counts.both : counts.first_only) : (right ? counts.second_only : counts.neither));
  }
  return counts;
}

std::size_t photos_of(const PairedCounts& counts) {
  return counts.both + counts.first_only + counts.second_only + counts.neither;
}

RunPair compare_pair(const std::vector<UnseenByPhoto>& all, std::size_t first, std::size_t second) {
  RunPair pair{.first = first, .second = second, .counts = count_pair(all[first], all[second], true)};
  if (photos_of(pair.counts) == 0) {
    pair.test_only = false;
    pair.counts = count_pair(all[first], all[second], false);
  }
  pair.p = mcnemar(pair.counts);
  return pair;
}

ComparedRun compared(const RunFiles& run, const std::vector<UnseenByPhoto>& all, std::size_t position) {
  ComparedRun result{.folder = run.folder};
  std::size_t right = 0, shared_right = 0;
  for (const auto& entry : all[position]) {
    const UnseenAnswer& answer = entry.second;
    if (answer.test) {
      ++result.test_photos;
      right += answer.right ? 1 : 0;
    }
    if (!std::ranges::all_of(all, [&](const UnseenByPhoto& other) { return other.contains(entry.first); }))
      continue;
    ++result.shared_photos;
    shared_right += answer.right ? 1 : 0;
  }
  const auto part = [](std::size_t of, std::size_t total) {
    return total > 0 ? static_cast<double>(of) / static_cast<double>(total) : 0.0;
  };
  result.test_accuracy = part(right, result.test_photos);
  result.interval = wilson_interval(right, result.test_photos);
  result.shared_accuracy = part(shared_right, result.shared_photos);
  return result;
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

RunComparison compare_runs(const std::vector<std::filesystem::path>& runs) {
  if (runs.size() < 2)
    fail(ErrorKind::invalid_argument, "compare: expected two result folders or more, received ", runs.size());
  std::vector<RunFiles> files;
  std::vector<UnseenByPhoto> answers;
  for (const std::filesystem::path& run : runs) {
    files.push_back(read_run(run));
    if (files.back().result.contains("several_labels"))
      fail(ErrorKind::unsupported, run.string(),
           ": compare: not possible with a model that gives a photo several labels; its figures are in "
           "result.json");
    if (!files.back().answers.truth_numbers.empty())
      fail(ErrorKind::unsupported, run.string(),
           ": compare: not possible with a model that estimates numbers; its figures are in result.json");
    answers.push_back(unseen_answers(files.back()));
  }
  RunComparison comparison;
  for (std::size_t i = 0; i < files.size(); ++i) {
    comparison.runs.push_back(compared(files[i], answers, i));
    for (std::size_t k = i + 1; k < files.size(); ++k)
      comparison.pairs.push_back(compare_pair(answers, i, k));
  }
  return comparison;
}

Json to_json(const RunComparison& comparison) {
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
                     {"photos", photos_of(pair.counts)},
                     {"test_only", pair.test_only},
                     {"both_right", pair.counts.both},
                     {"first_only", pair.counts.first_only},
                     {"second_only", pair.counts.second_only},
                     {"both_wrong", pair.counts.neither},
                     {"p", pair.p}});
  }
  return {{"runs", std::move(runs)}, {"pairs", std::move(pairs)}};
}

}  // namespace graft::report
