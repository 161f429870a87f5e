// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/exports.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <unistd.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"

#include "serve/studio/refusal.hpp"

namespace graft::serve::studio {
namespace {

namespace fs = std::filesystem;

constexpr std::array kExportForms{
    ExportForm{"onnx", "model.onnx"},
    ExportForm{"tflite", "model.tflite"},
    ExportForm{"tfjs", "tfjs/model.json"},
    ExportForm{.name = "cpp", .file = "cpp/model.hpp", .source = true},
    ExportForm{.name = "onnx-int8", .file = "int8/model.onnx", .int8 = true},
    ExportForm{.name = "tflite-int8", .file = "int8/model.tflite", .int8 = true}};
/// What graft quantize writes.
constexpr const char* kInt8Model = "int8/model.keras";
constexpr const char* kRoundModel = "model.keras";
/// A large project would be compared for minutes, and a fraction of this many is known well enough.
constexpr const char* kComparedPhotos = "1000";

bool is_of(const fs::path& file, const fs::path& model) {
  std::error_code missing;
  const fs::file_time_type written = fs::last_write_time(file, missing);
  if (missing) return false;
  const fs::file_time_type of = fs::last_write_time(model, missing);
  return !missing && written >= of;
}

bool has_int8_model(const fs::path& round) { return is_of(round / kInt8Model, round / kRoundModel); }

/// Files that belong to the first one of a form: weights, and names of classes.
bool belongs_to(const fs::path& first, const std::string& name) {
  const std::string ending = first.extension().string();
  if (ending == ".hpp") return name == first.stem().string() + ".weights";
  if (ending == ".onnx") return name == first.filename().string() + ".data";
  if (ending != ".json") return false;
  return name == "metadata.json" || (name.starts_with("group1-shard") && name.ends_with(".bin"));
}

bool has_compiler() {
  const char* folders = std::getenv("PATH");
  const std::vector<std::string> all = split(folders == nullptr ? "" : folders, ':');
  return std::ranges::any_of(all, [](const std::string& folder) {
    return !folder.empty() && ::access((fs::path(folder) / "c++").c_str(), X_OK) == 0;
  });
}

}  // namespace

const ExportForm& export_form(const std::string& name) {
  const auto found =
      std::ranges::find_if(kExportForms, [&](const ExportForm& one) { return name == one.name; });
  if (found == kExportForms.end())
    throw Refusal(400, cat("format: expected ",
                           comma_list(kExportForms, [](const ExportForm& one) { return one.name; })));
  return *found;
}

std::vector<std::string> exported_files(const fs::path& round, const ExportForm& form) {
  const fs::path first = round / form.file;
  const bool is_there = form.int8 ? has_int8_model(round) && is_of(first, round / kInt8Model)
                                  : is_of(first, round / kRoundModel);
  if (!is_there) return {};
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator all(first.parent_path(), error), end; !error && all != end;
       all.increment(error)) {
    std::error_code ignored;
    if (belongs_to(first, all->path().filename().string()) && all->is_regular_file(ignored))
      files.push_back(all->path().lexically_relative(round).string());
  }
  std::ranges::sort(files);
  files.insert(files.begin(), form.file);
  return files;
}

bool is_exported_file(const fs::path& round, const std::string& file) {
  return std::ranges::any_of(kExportForms, [&](const ExportForm& form) {
    const std::vector<std::string> files = exported_files(round, form);
    return std::ranges::find(files, file) != files.end();
  });
}

std::vector<std::string> export_arguments(const fs::path& round, const ExportForm& form,
                                          const ExportPhotos& photos) {
  const fs::path name = round.filename();
  if (form.int8 && photos.project.empty())
    throw Refusal(400, "8 bits are measured on the photos of the project, and it has none");
  if (form.int8 && !has_int8_model(round))
    return {"quantize", name.string(), photos.project,  "-o",    (name / kInt8Model).string(),
            "--force",  "--compare",   kComparedPhotos, "--json"};
  std::vector<std::string> arguments{"export", form.int8 ? (name / "int8").string() : name.string()};
  if (form.source) {
    arguments.insert(arguments.end(), photos.some.begin(), photos.some.end());
  } else if (!photos.project.empty()) {
    arguments.push_back(photos.project);
  }
  arguments.insert(arguments.end(), {"-o", (name / form.file).string(), "--force", "--json"});
  if (form.int8) arguments.emplace_back("--int8");
  if (form.source && has_compiler()) arguments.emplace_back("--verify");
  return arguments;
}

ExportChecks::ExportChecks(const fs::path& own_folder, const fs::path& round, const ExportForm& form)
    : exported_(round / form.file),
      place_(own_folder / "exports" / cat(round.filename().string(), "-", form.name, ".json")) {}

Json ExportChecks::read() const {
  constexpr std::uintmax_t kMost = std::uintmax_t{1} << 20;
  std::error_code ignored;
  if (!fs::exists(place_, ignored)) return {};
  const Json kept = Json::parse(read_file(place_, kMost), nullptr, false);
  if (!kept.is_object() || kept.value("stamp", "") != file_stamp(exported_)) return {};
  return kept.value("checks", Json());
}

void ExportChecks::keep(const std::string& output) const {
  const Json answer = Json::parse(output, nullptr, false);
  if (!answer.is_object() || !answer.contains("checks"))
    fail(ErrorKind::bad_file, "graft export did not say how it compared the file");
  fs::create_directories(place_.parent_path());
  write_file_atomically(place_, Json{{"stamp", file_stamp(exported_)}, {"checks", answer["checks"]}}.dump());
}

}  // namespace graft::serve::studio
