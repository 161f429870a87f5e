// SPDX-License-Identifier: Apache-2.0
// graft train PHOTOS
#include "graft/train.hpp"

#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "cli/exit_code.hpp"
#include "cli/first_network.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"
#include "cli/ranks.hpp"
#include "cli/report_files.hpp"
#include "cli/run_sections.hpp"
#include "cli/stop.hpp"
#include "cli/train_arguments.hpp"
#include "cli/train_report.hpp"
#include "cli/watch.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

void check_folder(const std::string& what, const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored) || data::is_archive(path)) return;
  fail(ErrorKind::not_found, what, ": ",
       fs::exists(path, ignored) ? cat(path.string(), " is a file, not a folder")
                                 : cat("there is no folder ", path.string()),
       "; expected a folder with one sub-folder of photos per class");
}

/// Takes the options of an earlier run. Those on the command line that would change the result are refused.
void take_settings(const CLI::App& command, TrainArguments& given) {
  static const std::set<std::string> kBeside{"PHOTOS",      "--settings",      "--out",      "--threads",
                                             "--json",      "--quiet",         "--no-cache", "--resume",
                                             "--no-report", "--no-inspection", "--plots",    "--watch"};
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || kBeside.contains(option->get_name())) continue;
    fail(ErrorKind::invalid_argument, option->get_name(),
         ": not possible with --settings, which has all options of the earlier run; leave it out, or repeat "
         "the "
         "options without --settings");
  }
  transfer::SavedSettings saved = transfer::read_settings(given.settings);
  saved.options.disk_cache = given.options.disk_cache;
  saved.options.resume = given.options.resume;
  if (given.common.execution.threads == 0) given.common.execution.threads = saved.options.threads;
  given.common.exif = saved.options.exif;
  given.options = std::move(saved.options);
  if (given.photos.empty()) given.photos = saved.photos.string();
}

/// Checks and completes the command line before any photo is read. writes: this process writes the result.
void complete(const CLI::App& command, TrainArguments& given, bool writes) {
  if (!given.settings.empty()) take_settings(command, given);
  transfer::TrainOptions& options = given.options;
  complete_photos(given.photos, options.listing);
  check_folder("PHOTOS", given.photos);
  const auto check_part = [&](const char* what, const fs::path& part) {
    const bool listed = !options.listing.labels.file.empty() && fs::is_regular_file(part);
    if (!part.empty() && !listed) check_folder(what, part);
  };
  check_part("--test", options.test);
  check_part("--validation", options.validation);
  options.exif = given.common.exif.value_or(data::Exif::apply);
  options.threads = given.common.execution.threads;
  if (given.settings.empty()) options.recipe = choose_recipe(command, given);
  if (options.resume) {
    if (given.out.empty())
      fail(ErrorKind::invalid_argument,
           "--resume: expected --out DIR too, the folder of the interrupted run");
  } else if (given.out.empty()) {
    given.out = default_out_folder(given.photos).string();
  } else if (writes) {
    check_out_folder(given.out);
  }
  if (writes) check_writable(given.out);
  if (given.settings.empty() && given.round.from.empty() && !transfer::is_network_file(options))
    choose_network(command, options);
  const std::string from = given.round.from.empty() ? cat("--model ", options.model) : std::string("--from");
  if (options.single && options.model != "auto")
    fail(ErrorKind::invalid_argument, "--single: has no effect with ", from, "; leave one of them out");
  const bool own = !given.round.from.empty() || transfer::is_network_file(options);
  if (command.count("--download") > 0 && (own || options.weights == "none"))
    fail(ErrorKind::invalid_argument, "--download: has no effect with ",
         own ? from : std::string("--weights none"), "; leave one of them out");
  check_plots(given.plots, given.no_report);
  options.measure_photos = !given.no_report && !given.no_inspection;
}

/// Files of a run that is not finished. Every rank resumes from the checkpoint, the first writes it.
void name_files(TrainArguments& given, bool writes) {
  given.options.checkpoint = fs::path(given.out) / kStateFile;
  if (writes) given.options.early_model = fs::path(given.out) / kModelFile;
}

/// A finished run is not trained again by --resume, nor written over. Where it was killed while it wrote the
/// report, the report is written now.
int report_finished(const TrainArguments& given) {
  const fs::path folder = given.out;
  transfer::remove_leftovers(folder);
  if (!given.no_report && !fs::exists(folder / "report.html"))
    static_cast<void>(try_report(folder, given.common.quiet));
  if (given.common.json) {
    print_json({{"finished", true},
                {"model", (folder / "model.keras").string()},
                {"result", (folder / "result.json").string()}});
  } else {
    std::cout << fitted(cat("the run in ", folder.string(),
                            " is finished: nothing to resume. To train again, or with other settings, name "
                            "another folder with --out\n"));
  }
  return kOk;
}

/// Where there are video files, their frames are the photos. Returns the videos that cannot be read.
std::vector<data::LeftOut> take_frames(TrainArguments& given) {
  transfer::TrainOptions& options = given.options;
  std::vector<data::LeftOut> left_out;
  PhotoProgress progress(given.common.quiet);
  const auto take = [&](const fs::path& folder, const char* part) {
    if (folder.empty()) return folder;
    const fs::path frames =
        given.clips.folder.empty() ? frames_folder(folder) : fs::path(given.clips.folder + part);
    const Clips clips = frames_of_clips(folder, frames, given.clips, progress);
    left_out.insert(left_out.end(), clips.left_out.begin(), clips.left_out.end());
    if (clips.videos == 0) return folder;
    if (!options.evaluation.group_by.empty() && options.evaluation.group_by != kGroupByClip) {
      fail(ErrorKind::invalid_argument,
           "--group-by: not possible with video files, as the frames of a clip are a group; leave it out");
    }
    options.evaluation.group_by = kGroupByClip;
    if (!given.common.quiet)
      std::cerr << fitted(cat("note: ", counted(clips.videos, "video", "videos"), " in ",
                              shown(folder.string()), ": ", counted(clips.frames, "frame", "frames"), " in ",
                              shown(frames.string())))
                << '\n';
    return clips.photos;
  };
  given.photos = take(given.photos, "").string();
  options.test = take(options.test, "-test");
  options.validation = take(options.validation, "-validation");
  report_left_out(left_out);
  return left_out;
}

/// Of several ranks the first alone prints and writes. A rank has one thread where nothing else is wanted, so
/// that the result does not depend on how many cores a machine has: start one rank a core.
void divide(TrainArguments& given, const Ranks& ranks) {
  given.options.ranks = ranks;
  if (given.common.execution.threads == 0) given.common.execution.threads = 1;
  if (ranks->rank() == 0) return;
  given.common.quiet = true;
  given.watch = false;
}

/// The frames of videos; of several ranks the first makes them, for the case that all see the same disk.
std::vector<data::LeftOut> take_frames(TrainArguments& given, const Ranks& ranks) {
  if (ranks && ranks->rank() != 0) ranks->barrier();
  std::vector<data::LeftOut> left_out = take_frames(given);
  if (ranks && ranks->rank() == 0) ranks->barrier();
  return left_out;
}

/// Trains, and writes and prints the result; of several ranks the first.
int train_and_write(TrainArguments& given, const Ranks& ranks,
                    const std::vector<data::LeftOut>& broken_videos) {
  TrainingWatch watch(given.watch ? watch_page_for(given.out) : fs::path(), given.photos, given.options);
  ProgressOnScreen progress(given.common.quiet, given.options, &watch);
  const transfer::TrainResult result = transfer::train(given.photos, given.options);
  std::vector<RankTimes> times;
  if (ranks) {
    times = gather_times(*ranks);
    given.options.ranks = nullptr;  // what follows is the first rank's alone
    if (!given.common.quiet) std::cerr << fitted(times_text(times, result.seconds)) << '\n';
  }
  const fs::path folder = given.out;
  transfer::write_result(result, given.options, given.photos, folder);
  report::ReportSections sections;
  if (!given.no_report && !given.no_inspection)
    sections = run_sections(result, given.options, folder, given.common.quiet);
  const std::string findings = findings_text(sections.findings);
  const bool reported = given.no_report || (try_report(folder, given.common.quiet, std::move(sections)) &&
                                            try_plots(folder, given.plots));
  watch.end(reported ? "Finished: see report.html in the result folder." : "Finished.");
  if (given.common.json) {
    Json json = train_json(result, folder);
    if (ranks) json["ranks"] = times_json(times);
    print_json(json);
  } else {
    std::cout << fitted(train_text(result, folder));
    if (!findings.empty()) std::cout << fitted(cat(findings, " (report.html, inspection/)")) << '\n';
  }
  if (!result.broke_down.empty()) {
    fail(ErrorKind::numeric, "training broke down: ", result.broke_down, ", saved in ",
         (folder / "model.keras").string(),
         "; continue from it with a lower --learning-rate, or check the photos");
  }
  if (exit_code_for(broken_videos) != kOk) return kSomeFailed;
  return reported ? exit_code_for(result.left_out) : kSomeFailed;
}

int train(const CLI::App& command, TrainArguments given, const Ranks& ranks) {
  if (ranks) divide(given, ranks);
  const bool first = !ranks || ranks->rank() == 0;
  complete(command, given, first);
  if (ranks) given.out = text_of_first(*ranks, given.out);
  name_files(given, first);
  const bool budget = given.recipe.budget.has_value();  // refused with --resume by train()
  bool finished = given.options.resume && !budget && first && is_finished_run(given.out);
  if (ranks) finished = cluster::any(*ranks, finished);
  if (finished) return first ? report_finished(given) : kOk;
  use_threads(given.common.execution);
  if (ranks) {
    const std::string line = described(*ranks, given.common.execution.threads);
    if (!given.common.quiet) std::cerr << (line + '\n');
  }
  const std::vector<data::LeftOut> broken_videos = take_frames(given, ranks);
  if (first) return train_and_write(given, ranks, broken_videos);
  (void)transfer::train(given.photos, given.options);
  (void)gather_times(*ranks);
  return kOk;
}

}  // namespace

void add_train(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("train", "Train a classifier on a folder of photos");
  auto given = std::make_shared<TrainArguments>();
  add_train_options(*command, *given);
  command->footer(
      "Writes a folder with model.keras (which Keras opens), report.html, history.csv and result.json, "
      "complete or not at all. Ctrl-C stops and keeps the best model so far; --resume continues from there, "
      "also after a "
      "crash.\n\n"
      "An option that starts with auto:, head:, tutorial: or network: is for these recipes; with another one "
      "it "
      "is an error.\n\n"
      "--precision auto, the default, computes in bfloat16 where this processor is fast at it and the "
      "features of 16 photos change only by rounding; weights and the saved model are float32. With "
      "--precision float32 results are the same on all processors of one kind. GRAFT_PRECISION=float32 in "
      "the "
      "environment does the same where no --precision is given.\n\n"
      "Started by mpirun or srun --mpi=pmix, several processes train one model, the same for any number of "
      "them (docs/cluster.md): mpirun -n 4 graft train photos/\n\n"
      "Video files are photos too: frames of them are written to PHOTOS-frames, and those of one clip are "
      "never in "
      "two parts.\n\n"
      "Examples:\n"
      "  graft train flowers/\n"
      "  graft train flowers/ --model efficientnet_lite0 --out my-flowers --seed 7\n"
      "  graft train pets/train --test pets/test --weights w.h5 --json > result.json\n"
      "  graft train pets/ --head best\n"
      "  graft train photos/ --labels photos.csv --columns path=file,label=species\n"
      "  graft train faces/ --labels ages.csv --target-column age      a number, no class\n"
      "  graft train pets/ --views 6                  few photos: more views of each\n"
      "  graft train pets/ --budget 5m                finish within five minutes\n"
      "  graft train pets/ --recipe tutorial --image-size 160 --fine-tune-from 100\n"
      "  graft train pets/ --recipe tutorial --augment strong,mixup\n"
      "  graft train new/ --from pets-graft --rehearse 50      more photos, new classes\n"
      "  graft train --settings pets-graft --out again         the same run once more\n"
      "  graft train clips/ --frames-per-second 1              frames of videos\n"
      "  graft train parts/ --model network.json --epochs 30   a network of your own");
  command->callback([given, command, &run] {
    run = [given, command] {
      return with_ranks(*command, [&](const Ranks& ranks) { return train(*command, *given, ranks); });
    };
  });
}

}  // namespace graft::cli
