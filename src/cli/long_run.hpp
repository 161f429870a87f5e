// SPDX-License-Identifier: Apache-2.0
// A run over many photos: results in files as they come, continued after a kill, shared by several jobs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/growing_file.hpp"
#include "graft/base/json.hpp"
#include "graft/base/run_journal.hpp"
#include "graft/model.hpp"

#include "cli/command.hpp"
#include "cli/common_options.hpp"
#include "cli/photo_names.hpp"
#include "cli/progress.hpp"

namespace graft::cli {

/// What the command line says of such a run.
struct LongRunOptions {
  bool resume = false;
  Shard shard;
  std::string list;  ///< a file with names of photos, or -; empty: none
};
/// Adds --list, --resume and --shard.
void add_long_run_options(CLI::App& command, LongRunOptions& options);

/// The files of a run. OUT is a folder: OUT/answers.csv, OUT/failed.csv, OUT/run.json. OUT is a file:
/// out.csv, out.failed.csv, out.run.json. Of a shard: answers-2-of-8.csv, failed-2-of-8.csv, ...
class RunFiles {
 public:
  /// ending: of the main file where OUT names one; else it is a folder.
  RunFiles(std::filesystem::path out, const std::string& ending, const Shard& shard);
  /// "answers" and ".csv"; main: the one that has OUT's own name where that is a file.
  [[nodiscard]] std::filesystem::path file(const std::string& name, const std::string& ending,
                                           bool main = false) const;
  /// The same of another shard.
  [[nodiscard]] RunFiles of_shard(std::size_t number) const;
  /// The settings and figures of a finished run.
  [[nodiscard]] std::filesystem::path summary() const { return file("run", ".json"); }
  [[nodiscard]] std::filesystem::path journal() const { return file("run", ".journal"); }
  /// The files of other shards are beside it.
  [[nodiscard]] const Shard& shard() const { return shard_; }
  /// Makes the folder, or checks that there is one.
  void make_folder() const;
  [[nodiscard]] const std::filesystem::path& out() const { return out_; }

 private:
  std::filesystem::path out_;
  std::string file_ending_;  ///< empty: OUT is a folder
  Shard shard_;
};

/// How far a run is.
struct RunCounts {
  std::uint64_t done = 0;      ///< photos of this job that were looked at
  std::uint64_t answered = 0;  ///< of them, with a result
  std::uint64_t failed = 0;    ///< photos and folders that could not be read
};

/// Opens the files of a run, and continues where an earlier one ended.
class LongRun {
 public:
  /// files: what grows, the first one with a row for each result. settings: what decides the results.
  /// Errors: Error{invalid_argument} where there is a result or an unfinished run and `resume` is false, or
  /// the settings of the earlier run differ.
  LongRun(const RunFiles& names, std::vector<std::unique_ptr<GrowingFile>> files, const Json& settings,
          bool resume);
  /// Whether an earlier run did all.
  [[nodiscard]] bool is_finished() const { return finished_; }
  /// Whether nothing was done before.
  [[nodiscard]] bool is_new() const { return new_; }
  [[nodiscard]] const RunCounts& counts() const { return counts_; }
  [[nodiscard]] const RunFiles& names() const { return names_; }

  void append(std::size_t file, std::string_view bytes) { journal_->append(file, bytes); }
  /// What was appended belongs to these counts; from now on a kill does not lose it.
  void commit(const RunCounts& counts);
  /// Gives the files their names.
  void finish();

 private:
  void take_finished(const std::vector<std::unique_ptr<GrowingFile>>& files);
  static void check_free(const std::vector<std::unique_ptr<GrowingFile>>& files);
  void check_same(const Json& earlier) const;
  void check_other_shards() const;

  RunFiles names_;
  Json settings_;
  std::unique_ptr<RunJournal> journal_;
  RunCounts counts_;
  bool finished_ = false;
  bool new_ = true;
};

/// The second file of each run: a table of what could not be read, and why. The first ones are also reported
/// on standard error.
class FailedPhotos {
 public:
  static constexpr std::size_t kFile = 1;

  FailedPhotos(LongRun& run, PhotoProgress& progress) : run_(run), progress_(progress) {}
  /// Appends the head line and, of the first shard, the folders and files that could not be listed.
  void begin(const NamedPhotos& photos, const Shard& shard, RunCounts& counts);
  void add(const std::filesystem::path& file, const std::string& reason, RunCounts& counts);

 private:
  LongRun& run_;
  PhotoProgress& progress_;
  std::size_t reported_ = 0;
};

/// Goes through the photos of this job block by block, from where the run is. work: computes some photos and
/// appends their results. Returns false where Ctrl-C stopped it.
bool run_blocks(LongRun& run, const NamedPhotos& photos, const PhotoRange& range,
                const std::function<void(std::span<const std::filesystem::path>, std::size_t first,
                                         RunCounts& counts)>& work,
                const std::function<bool(std::size_t, std::size_t)>& progress);

/// What a model computes: its layers, weights and metadata.
[[nodiscard]] std::string model_hash(const Model& model, const Json& metadata);

/// Prints "OUT/answers.csv  19,990 of 20,000 photos", or JSON; the exit code. rows: the file with the
/// results.
int report_run(const LongRun& run, const std::filesystem::path& rows, const PhotoRange& range,
               const CommonOptions& common);

}  // namespace graft::cli
