// SPDX-License-Identifier: Apache-2.0
// graft weights list
#include "cli/weights_list.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/weights_store.hpp"

#include "cli/exit_code.hpp"
#include "cli/kept_speed.hpp"
#include "cli/output.hpp"

namespace graft::cli {
namespace {

struct ListArguments {
  std::string pattern;
  bool here = false, json = false;
};

/// One file as it is listed.
struct ListedFile {
  PublishedFile row;
  std::optional<FoundWeights> found;
  std::uint64_t bytes = 0;
  double top1 = 0;
  double milliseconds = 0;  ///< of one photo here; 0: not measured
};

/// The row's accuracy, else that which the architecture states for its own published file.
double top1_of(const PublishedFile& row) {
  if (row.top1 > 0) return row.top1;
  const applications::Application* application = applications::look_up_application(row.application);
  if (application == nullptr) return 0;
  for (const bool top : {true, false}) {
    if (application->published_weights({.include_top = top}).file == row.file)
      return application->accuracy.top1;
  }
  return 0;
}

/// The time of the row's network at its size, where graft profile measured it here.
double milliseconds_of(const PublishedFile& row, const std::vector<KeptSpeed>& speeds) {
  const auto found = std::ranges::find_if(speeds, [&](const KeptSpeed& speed) {
    return speed.application == row.application && speed.alpha == row.alpha && speed.top == row.top &&
           speed.image_size == row.image_size;
  });
  return found == speeds.end() || !row.variant.empty() ? 0 : found->milliseconds;
}

std::vector<ListedFile> listed(const ListArguments& given) {
  std::vector<PublishedFile> rows = known_files();
  for (const StoredWeights& stored : stored_weights()) {
    if (std::ranges::find(rows, stored.name, &PublishedFile::name) == rows.end())
      rows.push_back({.name = stored.name,
                      .file = stored.path.filename().string(),
                      .bytes = stored.bytes,
                      .licence = stored.licence});
  }
  const std::vector<KeptSpeed> speeds = kept_speeds();
  std::vector<ListedFile> files;
  for (PublishedFile& row : rows) {
    const bool wanted = row.name.find(given.pattern) != std::string::npos || row.application == given.pattern;
    if (!wanted) continue;
    ListedFile file{.found = find_weights(row),
                    .bytes = row.bytes,
                    .top1 = top1_of(row),
                    .milliseconds = milliseconds_of(row, speeds)};
    if (given.here && !file.found) continue;
    if (file.found) {
      std::error_code error;
      const std::uintmax_t bytes = std::filesystem::file_size(file.found->path, error);
      if (!error) file.bytes = bytes;
    }
    file.row = std::move(row);
    files.push_back(std::move(file));
  }
  return files;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of(const ListedFile& file) {
  const PublishedFile& row = file.row;
  return {{"name", row.name},
          {"application", text_or_null(row.application)},
          {"alpha", row.alpha},
          {"include_top", row.top},
          {"file", row.file},
          {"bytes", file.bytes == 0 ? Json(nullptr) : Json(file.bytes)},
          {"licence", text_or_null(row.licence)},
          {"training_set", text_or_null(row.training_set)},
          {"image_size", row.image_size == 0 ? Json(nullptr) : Json(row.image_size)},
          {"top1_accuracy", file.top1 > 0 ? Json(file.top1) : Json(nullptr)},
          {"milliseconds", file.milliseconds > 0 ? Json(file.milliseconds) : Json(nullptr)},
          {"md5", text_or_null(row.md5)},
          {"sha256", text_or_null(row.sha256)},
          {"urls", addresses_of(row)},
          {"package", text_or_null(row.package)},
          {"path", file.found ? Json(file.found->path.string()) : Json(nullptr)},
          {"place", file.found ? Json(to_string(file.found->place)) : Json(nullptr)}};
}

void print_row(const std::vector<std::string>& cells, std::size_t name_width, std::size_t licence_width) {
  constexpr int kSize = 10, kAccuracy = 9, kTime = 8;
  std::cout << std::left << std::setw(static_cast<int>(name_width)) << cells[0] << std::right
            << std::setw(kSize) << cells[1] << std::setw(kAccuracy) << cells[2] << std::setw(kTime)
            << cells[3] << "  " << std::left << std::setw(static_cast<int>(licence_width)) << cells[4] << "  "
            << cells[5] << '\n';
}

std::string milliseconds_text(double milliseconds) {
  if (milliseconds <= 0) return "-";
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << milliseconds;
  return text.str();
}

void print_table(const std::vector<ListedFile>& files) {
  std::size_t name_width = 4;
  std::size_t licence_width = 7;
  std::size_t here = 0;
  for (const ListedFile& file : files) {
    name_width = std::max(name_width, file.row.name.size());
    licence_width = std::max(licence_width, file.row.licence.size());
    here += file.found ? 1 : 0;
  }
  print_row({"name", "size", "top-1", "ms", "licence", "here"}, name_width, licence_width);
  for (const ListedFile& file : files) {
    print_row({file.row.name, file.bytes == 0 ? "-" : size_text(file.bytes),
               file.top1 > 0 ? percent(file.top1) : "-", milliseconds_text(file.milliseconds),
               file.row.licence.empty() ? "-" : file.row.licence,
               file.found ? std::string(to_string(file.found->place)) : "-"},
              name_width, licence_width);
  }
  std::cout << counted(files.size(), "file", "files") << ", " << here
            << " on this computer; graft's store is " << weights_home().string() << '\n';
}

int list(const ListArguments& given) {
  const std::vector<ListedFile> files = listed(given);
  if (files.empty() && !given.pattern.empty() && !given.here)
    fail(ErrorKind::not_found, "no weights are called '", given.pattern,
         "'; graft weights list without an argument shows all");
  if (!given.json) {
    print_table(files);
    return kOk;
  }
  Json json = Json::array();
  for (const ListedFile& file : files) json.push_back(json_of(file));
  print_json(json);
  return kOk;
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
  constexpr double kMega = 1e6;
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / kMega << " MB";
  return text.str();
}

void add_weights_list(CLI::App& weights, Run& run) {
  CLI::App* command = weights.add_subcommand("list", "List weights that graft knows, and where they are");
  auto given = std::make_shared<ListArguments>();
  command->add_option("PATTERN", given->pattern, "only names that contain this, or of this architecture");
  command->add_flag("--here", given->here, "only files on this computer");
  command->add_flag("--json", given->json, "print JSON on standard output");
  command->footer(
      "Sizes of files that are not here are about. Accuracy is on ImageNet, as published. ms: milliseconds "
      "of one "
      "photo on this machine, where graft profile NAME has measured it (with --no-top for files without the "
      "classifier). The licence is \"unknown\" where the publisher states none. GRAFT_CATALOGUE names "
      "catalogues of your own, and so do *.tsv in the store's folder catalogues.\n\n"
      "Examples:\n"
      "  graft weights list resnet50\n"
      "  graft weights list --here\n"
      "  graft weights list timm/ --json");
  command->callback([given, &run] { run = [given] { return list(*given); }; });
}

}  // namespace graft::cli
