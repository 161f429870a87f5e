// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/classify/predictions.hpp"
#include "graft/data/thumbnail.hpp"
#include "graft/report.hpp"
#include "graft/version.hpp"

#include "report/model_card.hpp"
#include "report/page.hpp"
#include "report/report_json.hpp"
#include "report/run_files.hpp"
#include "report/sections_json.hpp"

namespace graft::report {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPhotos = 5000;
constexpr std::int64_t kThumbnailSide = 240;  // of the longer side; with kPictureQuality about 8 kB
constexpr std::int64_t kMapSide = 60;         // of a photo that only the map shows
constexpr float kMapQuality = 50;
constexpr std::size_t kAtATime = 32;  // pictures in memory

/// A photo, and how small its picture is.
struct WantedPicture {
  fs::path file;
  std::int64_t side;
  float quality;
};

/// Makes pictures a few at a time and writes them, a line each.
class PictureWriter {
 public:
  PictureWriter(const ReportData& data, const ReportOptions& options, data::Exif exif)
      : shown_(data.shown.photos.size()), options_(options), exif_(exif) {
    for (const ShownPhoto& photo : data.shown.photos)
      pictures_.push_back({photo.file, kThumbnailSide, kPictureQuality});
    for (const fs::path& file : data.map_photos) pictures_.push_back({file, kMapSide, kMapQuality});
  }

  void write(std::ostream& out) {
    std::vector<std::string> urls(kAtATime);
    for (std::size_t first = 0; first < pictures_.size(); first += kAtATime) {
      const std::size_t count = std::min(kAtATime, pictures_.size() - first);
      parallel_for(count, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) urls[i] = url_of(pictures_[first + i]);
      });
      for (std::size_t i = 0; i < count; ++i) {
        missing_ += first + i < shown_ && urls[i].empty() ? 1 : 0;
        out << urls[i] << '\n';
      }
      if (options_.progress && !options_.progress(first + count, pictures_.size()))
        fail(ErrorKind::interrupted, "the report was stopped");
    }
  }
  /// Of the photos in the page.
  [[nodiscard]] std::size_t missing() const { return missing_; }

 private:
  /// Empty for a photo that cannot be read (moved, or broken: findings name such files).
  [[nodiscard]] std::string url_of(const WantedPicture& picture) const {
    try {
      return picture_url(data::thumbnail(picture.file, picture.side, exif_), picture.quality);
    } catch (const Error&) {
      return {};
    }
  }

  std::vector<WantedPicture> pictures_;
  std::size_t shown_;  ///< of them the first are photos of the page
  const ReportOptions& options_;
  data::Exif exif_;
  std::size_t missing_ = 0;
};

WrittenReport write_files(const RunFiles& run, const ReportOptions& options) {
  const ReportData data = make_report(run, options);
  WrittenReport written{.html = run.folder / kReportPage,
                        .json = run.folder / kReportData,
                        .card = run.folder / kModelCard,
                        .photos_shown = data.shown.photos.size(),
                        .photos = run.answers.files.size()};
  const auto exif = run.settings.value("exif", "apply") == "ignore" ? data::Exif::ignore : data::Exif::apply;
  AtomicFile page(written.html);
  {
    std::ofstream out(page.temporary_path(), std::ios::binary);
    PictureWriter pictures(data, options, exif);
    write_page(out, data.json, [&](std::ostream& at) { pictures.write(at); });
    out.flush();
    if (!out) fail(ErrorKind::io, written.html.string(), ": cannot be written; is the disk full?");
    written.photos_missing = pictures.missing();
  }
  write_file_atomically(written.json, data.json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  write_file_atomically(written.card, model_card(data.json));
  page.commit();
  return written;
}

/// What result.json of an evaluation has of its kind of model, as that of a training has it.
Json evaluation_figures(const Evaluation& evaluation, const EvaluationSource& source) {
  const std::vector<std::string>& names = source.class_names;
  if (!evaluation.numbers.empty())
    return {
        {"loss", evaluation.loss},
        {"numbers",
         {{"names", names},
          {"intervals", {{"level", source.intervals.level}, {"half_widths", source.intervals.half_widths}}},
          {"test", to_json(evaluation.numbers, names)}}}};
  Json figures{{"accuracy", evaluation.accuracy},
               {"interval", {evaluation.interval.low, evaluation.interval.high}},
               {"loss", evaluation.loss}};
  if (evaluation.several) {
    figures.update({{"classes", names},
                    {"several_labels",
                     {{"classes", names},
                      {"thresholds", source.thresholds},
                      {"test", to_json(*evaluation.several, names)}}},
                    {"decisions", {{"test", to_json(evaluation.decisions, evaluation.rules)}}}});
    return figures;
  }
  figures.update({{"ece", evaluation.calibration_error},
                  {"classes", names},
                  {"decisions", {{"test", to_json(evaluation.decisions, evaluation.rules)}}}});
  return figures;
}

/// name: of the run, where the folder does not have its name yet; empty: the folder's.
WrittenReport report_of(const fs::path& folder, const std::string& name, const ReportOptions& options) {
  if (options.photos > kMostPhotos) {
    fail(ErrorKind::invalid_argument, "photos: expected 0 to ", kMostPhotos, " in one page, received ",
         options.photos);
  }
  try {
    RunFiles run = read_run(folder);
    if (!name.empty()) run.name = name;
    return write_files(run, options);
  } catch (const Json::exception& problem) {
    fail(ErrorKind::bad_file, folder.string(), ": a file in it has other values than graft writes (",
         problem.what(), ")");
  }
}

}  // namespace

WrittenReport write_report(const fs::path& run, const ReportOptions& options) {
  return report_of(run, {}, options);
}

WrittenReport write_evaluation(const Evaluation& evaluation, const EvaluationSource& source,
                               const fs::path& folder, const ReportOptions& options) {
  Json left_out = Json::array();
  for (const data::LeftOut& file : evaluation.left_out)
    left_out.push_back({{"file", file.path.string()}, {"reason", file.reason}});
  Json result{{"kind", "evaluation"},
              {"graft_version", std::string(version())},
              {"model", source.model},
              {"photos_folder", fs::absolute(source.photos).lexically_normal().string()}};
  result.update(evaluation_figures(evaluation, source));
  result.update({{"notes", evaluation.notes}, {"skipped_images", std::move(left_out)}});
  if (const auto levels = level_figures(source.class_names, evaluation.confusion); !levels.empty())
    result["levels"] = classify::to_json(levels);
  AtomicDirectory directory(folder);
  const fs::path& in = directory.temporary_path();
  write_file_atomically(in / kPredictionsFile,
                        evaluation.numbers.empty()
                            ? predictions_csv(evaluation.answers, source.class_names, source.thresholds)
                            : numbers_csv(evaluation.answers, source.class_names));
  write_file_atomically(in / "result.json",
                        result.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  WrittenReport written = report_of(in, name_of(folder), options);
  directory.commit();
  written.html = folder / kReportPage;
  written.json = folder / kReportData;
  written.card = folder / kModelCard;
  return written;
}

}  // namespace graft::report
