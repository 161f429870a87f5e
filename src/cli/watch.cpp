// SPDX-License-Identifier: Apache-2.0
#include "cli/watch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"
#include "graft/base/text.hpp"
#include "graft/data/thumbnail.hpp"
#include "graft/photos.hpp"

namespace graft::cli {
namespace {

constexpr double kSecondsBetweenPages = 1;
constexpr std::size_t kWatchedPhotos = 9;
constexpr std::int64_t kWatchedSide = 160;

/// Nine photos of the training set that look like chance. Without them the page has no pictures.
std::vector<std::string> pictures_of(const std::filesystem::path& folder,
                                     const transfer::TrainOptions& options) {
  std::vector<std::string> pictures;
  try {
    data::ListOptions listing = options.listing;
    listing.progress = nullptr;
    const data::Layout layout = data::find_layout(folder, listing);
    const data::PhotoList list = data::list_photos(layout.train.value_or(layout.root), listing);
    std::vector<std::size_t> order(list.paths.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {},
                      [&](std::size_t i) { return mix64(fnv1a(list.paths[i].filename().string())); });
    for (const std::size_t i : order) {
      if (pictures.size() == kWatchedPhotos) break;
      try {
        const std::string name =
            list.labels.empty() ? std::string() : list.class_names[static_cast<std::size_t>(list.labels[i])];
        pictures.push_back(report::watched_picture(
            {.picture = data::thumbnail(list.paths[i], kWatchedSide, options.exif), .class_name = name}));
      } catch (const Error&) {
        continue;  // a broken photo: training reports it
      }
    }
  } catch (const Error&) {
    return {};  // training reports what is wrong with the folder
  }
  return pictures;
}

/// A column of the epochs: the first of these names that they have.
std::vector<double> values_of(const std::vector<report::WatchedEpoch>& epochs,
                              const std::array<const char*, 2>& names) {
  for (const char* name : names) {
    std::vector<double> values;
    for (const report::WatchedEpoch& epoch : epochs) {
      const auto found =
          std::ranges::find(epoch.values, std::string_view(name), &std::pair<std::string, double>::first);
      if (found != epoch.values.end()) values.push_back(found->second);
    }
    if (values.size() > 1) return values;
  }
  return {};
}

}  // namespace

std::filesystem::path watch_page_for(const std::filesystem::path& out) {
  const std::filesystem::path whole = std::filesystem::absolute(out).lexically_normal();
  std::filesystem::path page = whole.has_filename() ? whole : whole.parent_path();
  page += ".watch.html";
  std::error_code ignored;
  if (std::filesystem::exists(page, ignored) && !report::is_watch_page(page)) {
    fail(ErrorKind::invalid_argument, "--watch: ", page.string(),
         " exists and is no page of graft; rename it, or name another folder with --out");
  }
  return page;
}

std::string sparkline(const std::vector<double>& values, std::size_t most) {
  constexpr std::array<const char*, 8> kHeights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t count = std::min(values.size(), most);
  const std::vector<double> shown(values.end() - static_cast<std::ptrdiff_t>(count), values.end());
  if (count < 2 || !std::ranges::all_of(shown, [](double value) { return std::isfinite(value); })) return {};
  const auto [low, high] = std::ranges::minmax(shown);
  std::string line;
  for (const double value : shown) {
    const double height = high > low ? (value - low) / (high - low) : 0.5;
    line +=
        kHeights.at(static_cast<std::size_t>(std::lround(height * static_cast<double>(kHeights.size() - 1))));
  }
  return line;
}

std::string small_curves(const std::vector<report::WatchedEpoch>& epochs) {
  std::string text;
  const std::string loss = sparkline(values_of(epochs, {"val_loss", "loss"}));
  const std::string accuracy = sparkline(values_of(epochs, {"val_accuracy", "accuracy"}));
  if (!loss.empty()) text += "  loss " + loss;
  if (!accuracy.empty()) text += "  accuracy " + accuracy;
  return text;
}

TrainingWatch::TrainingWatch(std::filesystem::path page, const std::filesystem::path& photos,
                             const transfer::TrainOptions& options)
    : page_(std::move(page)) {
  if (page_.empty()) return;
  run_.name = page_.stem().stem().string();
  run_.pictures = pictures_of(photos, options);
  write();
  std::cerr << "watch: open " << shown(std::filesystem::absolute(page_).string()) << " in a browser\n";
}

TrainingWatch::~TrainingWatch() {
  if (!run_.ended.empty()) return;
  try {
    end("The run stopped.");
  } catch (...) {  // the page is not what the run is for
    std::cerr << "graft: the page of --watch could not be finished\n";
  }
}

void TrainingWatch::take(const transfer::Progress& progress) {
  if (!progress.line.empty()) {
    run_.lines.push_back(progress.line);
  } else {
    run_.stage = progress.stage;
    run_.done = progress.done;
    run_.total = progress.total;
  }
  if (progress.epoch != nullptr)
    run_.epochs.push_back({.phase = progress.epoch->phase, .values = progress.epoch->values});
  if (page_.empty()) return;
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - written_;
  if (progress.epoch != nullptr || since.count() > kSecondsBetweenPages) write();
}

void TrainingWatch::end(const std::string& how) {
  run_.ended = how;
  if (!page_.empty()) write();
}

void TrainingWatch::write() {
  written_ = std::chrono::steady_clock::now();
  try {
    report::write_watch_page(page_, run_);
  } catch (const Error& error) {
    std::cerr << "graft: the page of --watch is not written any more: " << shown(error.what()) << '\n';
    page_.clear();  // training continues
  }
}

}  // namespace graft::cli
