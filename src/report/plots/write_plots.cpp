// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"
#include "graft/base/text.hpp"
#include "graft/data/thumbnail.hpp"
#include "graft/image.hpp"
#include "graft/report.hpp"

#include "report/answer_figures.hpp"
#include "report/plots/figures.hpp"
#include "report/run_files.hpp"

namespace graft::report {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPicturePixels = 320;  // of the longer side of a photo in a figure
constexpr std::size_t kGridPictures = 9;      // as in Keras's tutorials

/// Bytes of base64; empty where the text is none.
std::string from_base64(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char letter : text) {
    if (letter == '=') break;
    const std::size_t value = kLetters.find(letter);
    if (value == std::string_view::npos) return {};
    held = held << 6U | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 255U);
  }
  return bytes;
}

/// The photo; empty where it cannot be read.
Tensor small_photo(const fs::path& file, data::Exif exif) {
  try {
    return data::thumbnail(file, kPicturePixels, exif);
  } catch (const Error&) {
    return {};
  }
}

Tensor picture_in(const std::string& url) {
  const std::string bytes =
      from_base64(std::string_view(url).substr(std::min(url.find(',') + 1, url.size())));
  try {
    return data::decode_image(std::as_bytes(std::span(bytes)));
  } catch (const Error&) {
    return {};
  }
}

/// A fixed order that looks like chance.
std::vector<std::size_t> in_mixed_order(const PhotoAnswers& answers, std::vector<std::size_t> rows) {
  std::ranges::sort(rows, {}, [&](std::size_t row) {
    return std::pair(mix64(fnv1a(answers.files[row].filename().string())), row);
  });
  return rows;
}

class PhotoFigures {
 public:
  PhotoFigures(const RunFiles& run, const Json& report)
      : run_(run),
        report_(report),
        exif_(run.settings.value("exif", "apply") == "ignore" ? data::Exif::ignore : data::Exif::apply),
        answers_(answers_of(run.answers)) {
    for (std::size_t i = 0; i < run.answers.files.size(); ++i)
      (run.answers.parts[i] == Part::test ? test_ : training_).push_back(i);
    if (test_.empty()) test_ = training_;
  }

  [[nodiscard]] DrawnFigure samples() const {
    std::vector<GridPicture> pictures;
    for (const std::size_t row : first(in_mixed_order(run_.answers, training_.empty() ? test_ : training_)))
      pictures.push_back({.pixels = photo(row), .title = truth(row)});
    return draw_grid(pictures, 3, 180);
  }
  [[nodiscard]] DrawnFigure predictions() const {
    std::vector<GridPicture> pictures;
    for (const std::size_t row : first(in_mixed_order(run_.answers, test_)))
      pictures.push_back(answered(row));
    return draw_grid(pictures, 3, 180);
  }
  [[nodiscard]] DrawnFigure random_photo() const {
    if (test_.empty()) return nullptr;
    const std::size_t row = in_mixed_order(run_.answers, test_).back();
    GridPicture picture = answered(row);
    picture.title = cat("true ", truth(row), ", predicted ", answer(row), " (",
                        percent(static_cast<double>(answers_[row].probability)), ")");
    return draw_grid({picture}, 1, 360);
  }
  [[nodiscard]] DrawnFigure heat_maps() const {
    std::vector<GridPicture> pictures;
    for (const Json& map : report_.value("heat_maps", Json::array())) {
      const std::string url = map.at("picture").get<std::string>();
      pictures.push_back({.pixels = [url] { return picture_in(url); }, .title = map.value("text", "")});
      if (pictures.size() == kGridPictures) break;
    }
    return draw_grid(pictures, 3, 240);
  }

 private:
  [[nodiscard]] static std::vector<std::size_t> first(std::vector<std::size_t> rows) {
    rows.resize(std::min(rows.size(), kGridPictures));
    return rows;
  }
  [[nodiscard]] std::function<Tensor()> photo(std::size_t row) const {
    return [file = run_.answers.files[row], exif = exif_] { return small_photo(file, exif); };
  }
  [[nodiscard]] std::string truth(std::size_t row) const {
    return run_.classes.at(static_cast<std::size_t>(run_.answers.truth[row]));
  }
  [[nodiscard]] std::string answer(std::size_t row) const {
    return run_.classes.at(static_cast<std::size_t>(answers_[row].answer));
  }
  [[nodiscard]] GridPicture answered(std::size_t row) const {
    const bool right = answers_[row].answer == run_.answers.truth[row];
    return {.pixels = photo(row),
            .title = cat(answer(row), " ", percent(static_cast<double>(answers_[row].probability)),
                         right ? std::string() : cat(", is ", truth(row))),
            .ink = right ? kGreen : kRed};
  }

  const RunFiles& run_;
  const Json& report_;
  data::Exif exif_;
  std::vector<Answer> answers_;
  std::vector<std::size_t> test_, training_;
};

class PlotWriter {
 public:
  explicit PlotWriter(fs::path folder) : folder_(std::move(folder)) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) fail(ErrorKind::io, folder_.string(), ": cannot be made: ", error.message());
  }

  void write(const char* name, const DrawnFigure& figure) {
    if (figure == nullptr) return;
    for (const char* ending : {".svg", ".png"}) {
      std::error_code ignored;
      const fs::path file = folder_ / (std::string(name) + ending);
      if (fs::exists(file, ignored))
        fail(ErrorKind::io, file.string(), " exists already; name another folder for the figures");
    }
    const std::vector<fs::path> saved = figure->save(folder_ / name);
    files_.insert(files_.end(), saved.begin(), saved.end());
  }

  std::vector<fs::path> take() { return std::move(files_); }

 private:
  fs::path folder_;
  std::vector<fs::path> files_;
};

/// Four digits at most.
std::string short_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

/// Of a model of numbers: true against answered, and the photos that it missed most, for each of them.
void plot_numbers(const RunFiles& run, const Json& report, PlotWriter& plots) {
  const auto exif = run.settings.value("exif", "apply") == "ignore" ? data::Exif::ignore : data::Exif::apply;
  const fs::path root = report.at("data").at("folder").get<std::string>();
  const Json& numbers = report.at("numbers");
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const std::string ending = numbers.size() == 1 ? "" : cat("_", k + 1);
    plots.write(("number" + ending).c_str(), draw_number(numbers[k]));
    std::vector<GridPicture> pictures;
    for (const Json& at : numbers[k].at("worst")) {
      if (pictures.size() == kGridPictures) break;
      const Json& item = report.at("photos").at("items").at(at.get<std::size_t>());
      const Json& values = item.at("numbers").at(k);
      pictures.push_back({.pixels = [file = root / item.at("file").get<std::string>(),
                                     exif] { return small_photo(file, exif); },
                          .title = cat(short_text(values.at(1).get<double>()), ", is ",
                                       short_text(values.at(0).get<double>())),
                          .ink = kRed});
    }
    plots.write(("worst" + ending).c_str(), draw_grid(pictures, 3, 180));
  }
}

std::vector<fs::path> plots_of(const fs::path& run_folder, const fs::path& folder,
                               const FigureOptions& options) {
  const Json report = read_report(run_folder);
  const RunFiles run = read_run(run_folder);
  PlotWriter plots(folder);
  if (!run.answers.truth_numbers.empty()) {
    plot_numbers(run, report, plots);
    return plots.take();
  }
  if (report.contains("labels")) {
    plots.write("curves", draw_curves(report));
    plots.write("learning_rate", draw_learning_rate(report));
    plots.write("class_counts", draw_class_counts(report));
    return plots.take();
  }
  const PhotoFigures photos(run, report);
  plots.write("curves", draw_curves(report));
  plots.write("learning_rate", draw_learning_rate(report));
  plots.write("confusion", draw_confusion(report));
  plots.write("classes", draw_classes(report));
  plots.write("class_counts", draw_class_counts(report));
  plots.write("reliability", draw_reliability(report));
  plots.write("coverage", draw_coverage(report));
  plots.write("map", draw_map(report));
  plots.write("samples", photos.samples());
  plots.write("predictions", photos.predictions());
  plots.write("random_photo", photos.random_photo());
  plots.write("heat_maps", photos.heat_maps());
  std::vector<GridPicture> augmented;
  for (const Tensor& picture : options.augmented)
    augmented.push_back({.pixels = [picture] { return picture; }});
  plots.write("augmentations", draw_grid(augmented, 3, 180));
  return plots.take();
}

}  // namespace

std::vector<fs::path> write_plots(const fs::path& run, const fs::path& folder, const FigureOptions& options) {
  try {
    return plots_of(run, folder, options);
  } catch (const Json::exception& problem) {
    fail(ErrorKind::bad_file, run.string(), ": a file in it has other values than graft writes (",
         problem.what(), "); make its report again with graft report ", run.string());
  }
}

}  // namespace graft::report
