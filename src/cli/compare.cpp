// SPDX-License-Identifier: Apache-2.0
// graft compare RUN RUN...
#include <algorithm>
#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/report.hpp"

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/number_text.hpp"
#include "cli/output.hpp"

namespace graft::cli {
namespace {

constexpr double kLevel = 0.05;  // below it a difference is called one

struct CompareArguments {
  std::vector<std::string> runs;
  bool json = false;
};

/// "0.012"; "below 0.001".
std::string p_text(double p) {
  constexpr double kSmallest = 0.001;
  if (p < kSmallest) return "below 0.001";
  std::string digits = std::to_string(p);
  return digits.substr(0, digits.find('.') + 4);
}

/// "age 4.2, height 8.1"
std::string errors_text(const std::vector<std::string>& names, const std::vector<double>& errors) {
  std::string text;
  for (std::size_t k = 0; k < names.size(); ++k)
    text += cat(k > 0 ? ", " : "", shown(names[k]), " ", number_text(errors.at(k), errors.at(k)));
  return text;
}

std::string numbers_text(const report::RunComparison& all, const report::ComparedRun& run) {
  std::string text = shown(run.folder.string()) + "  ";
  if (run.test_photos == 0) {
    text += "no test photos";
  } else {
    text += cat("test, mean absolute error: ", errors_text(all.numbers, run.test_errors), " (",
                counted(run.test_photos, "photo", "photos"), ")");
  }
  if (run.shared_photos > 0)
    text +=
        cat("   on the ", run.shared_photos, " photos of all: ", errors_text(all.numbers, run.shared_errors));
  return text;
}

std::string run_text(const report::RunComparison& all, const report::ComparedRun& run) {
  if (!all.numbers.empty()) return numbers_text(all, run);
  std::string text = shown(run.folder.string()) + "  ";
  const char* const what = all.answers == "labels" ? "test, all labels right, " : "test ";
  text += run.test_photos > 0 ? cat(what, percent(run.test_accuracy), " (", interval_text(run.interval),
                                    "), ", counted(run.test_photos, "photo", "photos"))
                              : std::string("no test photos");
  if (run.shared_photos > 0)
    text += cat("   on the ", run.shared_photos, " photos of all: ", percent(run.shared_accuracy));
  return text;
}

/// "The difference may be chance (McNemar's test, p = 0.12)"; better: the run that is, where one is.
std::string verdict(const std::string& better, const char* test, double p) {
  const std::string evidence = cat(" (", test, ", p ", p < 0.001 ? "" : "= ", p_text(p), ")");
  if (p >= kLevel) return "The difference may be chance" + evidence;
  return cat(better, " is better", evidence);
}

std::string pair_text(const report::RunComparison& all, const report::RunPair& pair) {
  const std::string first = shown(all.runs[pair.first].folder.string());
  const std::string second = shown(all.runs[pair.second].folder.string());
  const report::PairedCounts& counts = pair.counts;
  if (pair.photos == 0)
    return cat(first, " and ", second, ": no photo that both answered unseen; nothing to compare");
  std::string text =
      cat(first, " and ", second, ", ", counted(pair.photos, "photo", "photos"),
          pair.test_only ? " tested by both" : " that neither was trained on (no test photo of both)");
  for (const report::PairedErrors& one : pair.errors)
    text += cat("; ", shown(one.name), ": mean absolute error ", number_text(one.first, one.first), " and ",
                number_text(one.second, one.second), ". ",
                verdict(one.first < one.second ? first : second, "sign flips", one.p));
  if (!pair.errors.empty()) return text;
  return cat(text, ": both right ", counts.both, ", only the first ", counts.first_only, ", only the second ",
             counts.second_only, ", both wrong ", counts.neither, ". ",
             verdict(counts.first_only > counts.second_only ? first : second, "McNemar's test", pair.p));
}

int compare(const CompareArguments& given) {
  const report::RunComparison comparison = report::compare_runs({given.runs.begin(), given.runs.end()});
  if (given.json) {
    print_json(report::to_json(comparison));
    return kOk;
  }
  for (const report::ComparedRun& run : comparison.runs)
    std::cout << fitted(run_text(comparison, run)) << '\n';
  for (const report::RunPair& pair : comparison.pairs)
    std::cout << fitted(pair_text(comparison, pair)) << '\n';
  return kOk;
}

}  // namespace

void add_compare(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("compare", "Compare runs on the photos that they share");
  auto given = std::make_shared<CompareArguments>();
  command->add_option("RUN", given->runs, "result folders of graft train or graft evaluate, two or more")
      ->required()
      ->expected(2, 1000);
  command->add_flag("--json", given->json, "print the comparison as JSON");
  command->footer(
      "Photos are the same when their files have the same content. Only answers count that were given by "
      "what "
      "had not been trained on the photo. McNemar's exact test says how probable so uneven a difference is "
      "when both are equally good; below 5 % it is called one. With many runs some differences of 5 % are "
      "chance.\n\n"
      "Of several labels a photo is right where all of them are. Of numbers mean absolute errors are "
      "compared: "
      "how probable so large a difference is when each photo's could as well have the other sign.\n\n"
      "Examples:\n"
      "  graft compare flowers-graft flowers-graft-2\n"
      "  graft compare run-1 run-2 run-3 --json");
  command->callback([given, &run] { run = [given] { return compare(*given); }; });
}

}  // namespace graft::cli
