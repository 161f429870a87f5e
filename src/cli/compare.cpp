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

std::string run_text(const report::ComparedRun& run) {
  std::string text = run.folder.string() + "  ";
  text += run.test_photos > 0 ? cat("test ", percent(run.test_accuracy), " (", interval_text(run.interval),
                                    "), ", counted(run.test_photos, "photo", "photos"))
                              : std::string("no test photos");
  if (run.shared_photos > 0)
    text += cat("   on the ", run.shared_photos, " photos of all: ", percent(run.shared_accuracy));
  return text;
}

std::string pair_text(const report::RunComparison& all, const report::RunPair& pair) {
  const std::string first = all.runs[pair.first].folder.string();
  const std::string second = all.runs[pair.second].folder.string();
  const report::PairedCounts& counts = pair.counts;
  const std::size_t photos = counts.both + counts.first_only + counts.second_only + counts.neither;
  if (photos == 0)
    return cat(first, " and ", second, ": no photo that both answered unseen; nothing to compare");
  std::string text =
      cat(first, " and ", second, ", ", counted(photos, "photo", "photos"),
          pair.test_only ? " tested by both" : " that neither was trained on (no test photo of both)",
          ": both right ", counts.both, ", only the first ", counts.first_only, ", only the second ",
          counts.second_only, ", both wrong ", counts.neither, ". ");
  if (pair.p >= kLevel)
    return text + cat("The difference may be chance (McNemar's test, p ", pair.p < 0.001 ? "" : "= ",
                      p_text(pair.p), ")");
  const bool first_better = counts.first_only > counts.second_only;
  return text + cat(first_better ? first : second, " is better (McNemar's test, p ",
                    pair.p < 0.001 ? "" : "= ", p_text(pair.p), ")");
}

int compare(const CompareArguments& given) {
  const report::RunComparison comparison = report::compare_runs({given.runs.begin(), given.runs.end()});
  if (given.json) {
    print_json(report::to_json(comparison));
    return kOk;
  }
  for (const report::ComparedRun& run : comparison.runs) std::cout << fitted(run_text(run)) << '\n';
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
      "Examples:\n"
      "  graft compare flowers-graft flowers-graft-2\n"
      "  graft compare run-1 run-2 run-3 --json");
  command->callback([given, &run] { run = [given] { return compare(*given); }; });
}

}  // namespace graft::cli
