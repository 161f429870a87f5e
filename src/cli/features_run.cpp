// SPDX-License-Identifier: Apache-2.0
// graft features -o FOLDER|FILE.jsonl: features of many photos in files that grow.
#include "cli/features_run.hpp"

#include <algorithm>
#include <array>
#include <iostream>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/formats/npy.hpp"
#include "graft/version.hpp"

#include "cli/output.hpp"
#include "cli/photos.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFeatures = 0, kFileNames = 2;  // the files of the run with them
constexpr std::size_t kNpyHead = 128;  // bytes: room for any number of rows, and what numpy itself writes

bool is_json_lines(const std::string& out) { return fs::path(out).extension() == ".jsonl"; }

/// The .npy files of a run.
std::unique_ptr<GrowingFile> npy_files(const RunFiles& names, const Shape& row, std::size_t rows_per_file) {
  return growing_rows({.stem = names.file("features", ""),
                       .ending = ".npy",
                       .row_bytes = static_cast<std::uint64_t>(row.count()) * sizeof(float),
                       .rows_per_file = rows_per_file,
                       .head = [row](std::uint64_t rows) {
                         return formats::npy_head(row.with_batch(static_cast<std::int64_t>(rows)), kNpyHead);
                       }});
}

/// {"file": "a.jpg", "label": "cat", "features": [...]}
std::string json_row(const fs::path& file, const std::string& label, std::span<const float> values) {
  Json head = file_json(file);
  if (!label.empty()) head["label"] = label;
  std::string line = dumped(head);
  line.back() = ',';
  line += "\"features\":[";
  for (const float value : values) {
    append_number(line, value);
    line += ',';
  }
  line.back() = ']';
  return line + "}\n";
}

class FeatureWriter {
 public:
  FeatureWriter(LongRun& run, const FeaturePhotos& found, bool json_lines, FailedPhotos& failed)
      : run_(run), found_(found), json_lines_(json_lines), failed_(failed) {}

  void write(std::span<const fs::path> paths, std::size_t first, const FeatureRows& rows, RunCounts& counts) {
    const std::size_t width = rows.photos.empty() ? 0 : rows.features.data().size() / rows.photos.size();
    for (std::size_t row = 0; row < rows.photos.size(); ++row) {
      const std::size_t photo = rows.photos[row];
      const std::span<const float> values = rows.features.data<float>().subspan(row * width, width);
      const std::string label = found_.label_of(first + photo);
      if (json_lines_) {
        run_.append(kFeatures, json_row(paths[photo], label, values));
        continue;
      }
      run_.append(kFeatures, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
      run_.append(kFileNames, cat(csv_field(paths[photo].string()), ',', csv_field(label), '\n'));
    }
    counts.answered += rows.photos.size();
    for (const FeatureRows::Failure& failure : rows.failures)
      failed_.add(paths[failure.photo], failure.reason, counts);
  }

 private:
  LongRun& run_;
  const FeaturePhotos& found_;
  bool json_lines_;
  FailedPhotos& failed_;
};

}  // namespace

bool grows(const std::string& out) {
  std::error_code ignored;
  const fs::path path = out;
  return is_json_lines(out) || !path.has_filename() || !path.has_extension() ||
         fs::is_directory(path, ignored);
}

int features_into_files(FeatureComputer& computer, const FeaturePhotos& found, const FeatureFiles& files,
                        const CommonOptions& common, PhotoProgress& progress) {
  const NamedPhotos& photos = found.photos;
  const bool json_lines = is_json_lines(files.out);
  Hasher labels;
  for (std::size_t i = 0; i < found.labels.size(); ++i) labels.add(found.label_of(i));
  Json settings = files.settings;
  settings.update({{"graft", version()},
                   {"command", "features"},
                   {"format", json_lines ? "jsonl" : "npy"},
                   {"batch_size", files.block},
                   {"rows_per_file", json_lines ? Json() : Json(files.rows_per_file)},
                   {"photos", photos.names.size()},
                   {"list", to_hex(photos.hash())},
                   {"labels", found.labels.empty() ? Json() : Json(to_hex(labels.digest()))},
                   {"shard", cat(files.run.shard.number, '/', files.run.shard.count)}});
  const RunFiles names(files.out, json_lines ? ".jsonl" : "", files.run.shard);
  std::vector<std::unique_ptr<GrowingFile>> growing;
  growing.push_back(json_lines ? growing_file(names.file("features", ".jsonl", true))
                               : npy_files(names, computer.row_shape(), files.rows_per_file));
  growing.push_back(growing_file(names.file("failed", ".csv")));
  if (!json_lines) growing.push_back(growing_file(names.file("files", ".csv")));
  LongRun run(names, std::move(growing), settings, files.run.resume);
  const fs::path shown_as = json_lines ? names.file("features", ".jsonl", true) : names.file("files", ".csv");
  const PhotoRange range = part_of(photos.names.size(), files.block, files.run.shard);
  if (!common.quiet) report_notes(photos.notes);
  if (run.is_finished()) {
    if (!common.quiet) std::cerr << "note: this run was finished before; nothing was computed\n";
    return report_run(run, shown_as, range, common);
  }
  FailedPhotos failed(run, progress);
  if (run.is_new()) {
    RunCounts counts;
    if (!json_lines) run.append(kFileNames, "file,label\n");
    failed.begin(photos, files.run.shard, counts);
    run.commit(counts);
  }
  FeatureWriter writer(run, found, json_lines, failed);
  const bool done = run_blocks(
      run, photos, range,
      [&](std::span<const fs::path> paths, std::size_t first, RunCounts& counts) {
        writer.write(paths, first, computer.compute(paths), counts);
      },
      progress.photos());
  progress.clear();
  if (!common.quiet) report_notes(computer.notes());
  if (done) run.finish();
  return report_run(run, shown_as, range, common);
}

}  // namespace graft::cli
