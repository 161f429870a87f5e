// SPDX-License-Identifier: Apache-2.0
// graft predict --out: answers for many photos in files.
#include "cli/predict_run.hpp"

#include <iostream>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"
#include "graft/version.hpp"

#include "cli/answer_rows.hpp"
#include "cli/answer_stdin.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/sort_into.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAnswers = 0;  // the file of the run with them
constexpr std::size_t kBlock = 32;   // photos that are computed together: a batch of Classifier::predict_all

/// What decides the bytes of the answers.
Json settings_of(const Classifier& classifier, const ClassifyOptions& options, const AnswerFiles& files,
                 const NamedPhotos& photos, const CommonOptions& common) {
  Hasher classes;
  for (const std::string& name : classifier.class_names()) classes.add(name);
  const auto text = [](const auto& value) { return value ? Json(std::string(to_string(*value))) : Json(); };
  return {{"graft", version()},
          {"command", "predict"},
          {"model", model_hash(classifier.model(), classifier.metadata())},
          {"classes", to_hex(classes.digest())},
          {"format", files.json_lines ? "jsonl" : "csv"},
          {"top", options.top},
          {"views", options.views},
          {"reject", options.reject},
          {"reject_below", options.reject_below ? Json(*options.reject_below) : Json()},
          {"exif", text(options.exif)},
          {"interpolation", text(options.interpolation)},
          {"precision", text(common.execution.dtype_policy)},
          {"sort_into", files.sort_into.empty() ? Json() : Json(fs::absolute(files.sort_into).string())},
          {"photos", photos.names.size()},
          {"list", to_hex(photos.hash())},
          {"shard", cat(files.run.shard.number, '/', files.run.shard.count)}};
}

class AnswerWriter {
 public:
  AnswerWriter(LongRun& run, const Classifier& classifier, bool json_lines,
               std::optional<PhotoSorter>& sorter, FailedPhotos& failed)
      : run_(run),
        several_(classifier.has_several_labels()),
        json_lines_(json_lines),
        sorter_(sorter),
        failed_(failed) {}

  void write(const PhotoPrediction& answer, RunCounts& counts) {
    // Links first: what is committed has its link.
    if (sorter_) sorter_->add(answer);
    if (answer.error.empty()) {
      ++counts.answered;
      run_.append(kAnswers, json_lines_ ? dumped(answer_with_file(answer, several_)) + '\n'
                                        : csv_line(answer, several_));
      return;
    }
    failed_.add(answer.path, reason_of_failure(answer), counts);
  }

 private:
  LongRun& run_;
  bool several_;
  bool json_lines_;
  std::optional<PhotoSorter>& sorter_;
  FailedPhotos& failed_;
};

}  // namespace

int predict_into_files(const Classifier& classifier, const ClassifyOptions& options, const AnswerFiles& files,
                       const std::vector<std::string>& images, const CommonOptions& common) {
  const std::string ending = files.json_lines ? ".jsonl" : ".csv";
  PhotoProgress progress(common.quiet);
  data::ListOptions listing = options.listing;
  listing.progress = progress.files();
  const NamedPhotos photos = find_photos(images, files.run.list, listing);
  if (photos.names.size() == 0 && photos.left_out.empty())
    fail_without_photos(images.empty() ? std::vector<std::string>{files.run.list} : images);
  std::optional<PhotoSorter> sorter;
  if (!files.sort_into.empty()) sorter.emplace(files.sort_into, classifier, images);
  const RunFiles names(files.out, ending, files.run.shard);
  const fs::path rows = names.file("answers", ending, true);
  std::vector<std::unique_ptr<GrowingFile>> growing;
  growing.push_back(growing_file(rows));
  growing.push_back(growing_file(names.file("failed", ".csv")));
  LongRun run(names, std::move(growing), settings_of(classifier, options, files, photos, common),
              files.run.resume);
  const PhotoRange range = part_of(photos.names.size(), kBlock, files.run.shard);
  if (!common.quiet) report_notes(photos.notes);
  if (run.is_finished()) {
    if (!common.quiet) std::cerr << "note: this run was finished before; nothing was computed\n";
    return report_run(run, rows, range, common);
  }
  FailedPhotos failed(run, progress);
  if (run.is_new()) {
    RunCounts counts;
    if (!files.json_lines) run.append(kAnswers, csv_head(classifier));
    failed.begin(photos, files.run.shard, counts);
    run.commit(counts);
  }
  AnswerWriter writer(run, classifier, files.json_lines, sorter, failed);
  const bool done = run_blocks(
      run, photos, range,
      [&](std::span<const fs::path> paths, std::size_t /*first*/, RunCounts& counts) {
        for (const PhotoPrediction& answer : classifier.predict_all(paths, options))
          writer.write(answer, counts);
      },
      progress.photos());
  progress.clear();
  if (done) run.finish();
  return report_run(run, rows, range, common);
}

}  // namespace graft::cli
