// SPDX-License-Identifier: Apache-2.0
#include "graft/pretrained.hpp"

#include <algorithm>
#include <fstream>
#include <functional>

#include "graft/applications/torch_names.hpp"
#include "graft/applications/weights_loader.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/formats/file_kind.hpp"
#include "graft/weights_store.hpp"

namespace graft::classify {
namespace {

namespace fs = std::filesystem;
using applications::Application;
using applications::ApplicationOptions;
using applications::PublishedWeights;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_none(const std::string& weights) { return weights.empty() || weights == "none"; }

PublishedFile row_of(const PublishedWeights& wanted) {
  if (const PublishedFile* row = published_file_named(wanted.file)) return *row;
  return {.name = "local/" + wanted.file, .file = wanted.file};
}

/// The files that serve, the best first: without the top also the one that has it.
std::vector<PublishedFile> candidates(const Application& application, const ApplicationOptions& options) {
  std::vector<PublishedFile> result{row_of(application.published_weights(options))};
  if (!options.include_top) {
    ApplicationOptions with_top = options;
    with_top.include_top = true;
    result.push_back(row_of(application.published_weights(with_top)));
  }
  return result;
}

/// A row and where its file is.
struct Located {
  PublishedFile row;
  FoundWeights found;
};

std::optional<Located> locate(const Application& application, const ApplicationOptions& options) {
  for (PublishedFile& row : candidates(application, options)) {
    if (const std::optional<FoundWeights> found = find_weights(row)) return Located{std::move(row), *found};
  }
  return std::nullopt;
}

std::string here_now() {
  const std::string names =
      comma_list(applications_here(), [](const Application* application) { return application->name; });
  return names.empty() ? "none" : names;
}

std::string searched_folders() {
  return comma_list(weights_folders(), [](const fs::path& folder) { return folder.string(); });
}

/// headline: "no ImageNet weights for VGG16 (without top)"; pull: the name for graft weights pull; instead: a
/// line about what else would do.
[[noreturn]] void fail_not_here(const PublishedFile& row, const std::string& headline,
                                const std::string& pull, const std::string& instead = "") {
  const bool offline = weights_offline();
  fail_option(ErrorKind::not_found, offline ? "" : "download", headline, " on this computer: the file ",
              row.file, " is missing\n",
              offline ? cat("  The network is not asked (GRAFT_OFFLINE, HF_HUB_OFFLINE).\n")
                      : cat("  Download it:  graft weights pull ", pull, "  (or set the option download)\n"),
              how_to_fetch(row), "\n  Looked in: ", searched_folders(), "\n  Here now: ", here_now(), instead,
              "\n  Weights none: random ones, to train a network from scratch");
}

/// Names of files of the same network for other sizes of photos that are on this computer: they fit too.
std::vector<std::string> other_sizes_here(const Application& application, const ApplicationOptions& options) {
  std::vector<std::string> names;
  for (const PublishedFile& wanted : candidates(application, options)) {
    for (const PublishedFile& row : other_sizes_of(wanted)) {
      if (find_weights(row)) names.push_back(row.name);
    }
  }
  return names;
}

[[noreturn]] void fail_not_here(const Application& application, const ApplicationOptions& options) {
  const PublishedFile row = row_of(application.published_weights(options));
  // What the network's name alone stands for: weights for the usual size, without the top.
  const PublishedFile usual = row_of(application.published_weights({.include_top = false}));
  const std::vector<std::string> here = other_sizes_here(application, options);
  fail_not_here(
      row,
      cat("no ImageNet weights for ", application.keras_name, options.include_top ? "" : " (without top)",
          row.image_size == usual.image_size ? ""
                                             : cat(" of ", row.image_size, " x ", row.image_size, " pixels")),
      usual.file == row.file ? std::string(application.name) : row.name,
      here.empty() ? ""
                   : cat("\n  Those for another size are here and fit: set weights to ", comma_list(here)));
}

/// Not a file, but a name: of the catalogue or of an imported file.
std::optional<FoundWeights> named(const std::string& weights) {
  if (is_none(weights) || weights == "imagenet" || is_file(weights)) return std::nullopt;
  return find_weights_named(weights);
}

[[noreturn]] void fail_unknown(const std::string& weights) {
  if (const std::optional<PublishedFile> row = look_up_published_file(weights))
    fail_not_here(*row, cat("no weights ", row->name), row->name);
  fail_option(ErrorKind::not_found, "weights", "weights: there is no file '", weights,
              "', and graft weights list has no such name; expected a file, a name, imagenet or none");
}

/// Text that names the network of a PyTorch file: its name, the folders of a download from a hub
/// (models--timm--NAME/snapshots/HASH/), and "architecture" in the config.json that timm puts beside it.
std::string origin_of(const fs::path& file) {
  constexpr int kFolders = 3;
  constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 20U;
  std::string origin = file.filename().string();
  fs::path folder = file.parent_path();
  for (int i = 0; i < kFolders; ++i, folder = folder.parent_path())
    origin += cat(" ", folder.filename().string());
  const fs::path config = file.parent_path() / "config.json";
  std::error_code error;
  if (!is_file(config) || fs::file_size(config, error) > kMaxBytes || error) return origin;
  std::ifstream stream(config);
  const Json facts = Json::parse(stream, nullptr, false);
  if (!facts.is_object() || !facts.contains("architecture")) return origin;
  const Json& architecture = facts.at("architecture");
  return architecture.is_string() ? origin + " " + architecture.get<std::string>() : origin;
}

/// Loads what ApplicationOptions::weights names, by the rules of load_pretrained().
void load_requested(Model& model, const applications::WeightsRequest& request) {
  load_pretrained(model, applications::find_application(request.application), *request.options,
                  request.weights);
}

[[maybe_unused]] const bool kInstalled = applications::install_weights_loader(load_requested);

}  // namespace

std::vector<fs::path> weights_folders() {
  std::vector<fs::path> folders;
  for (const WeightsFolder& folder : weights_places()) folders.push_back(folder.path);
  return folders;
}

std::optional<fs::path> find_published_weights(const Application& application,
                                               const ApplicationOptions& options) {
  if (const std::optional<Located> located = locate(application, options)) return located->found.path;
  return std::nullopt;
}

std::string weights_path(const Application& application, const ApplicationOptions& options,
                         const std::string& weights) {
  if (is_none(weights)) return {};
  if (weights != "imagenet") return file_of_weights(weights);
  const std::optional<Located> located = locate(application, options);
  return located ? located->found.path.string() : std::string();
}

std::string file_of_weights(const std::string& weights) {
  const std::optional<FoundWeights> found = named(weights);
  return found ? found->path.string() : weights;
}

void download_weights(const Application& application, const ApplicationOptions& options,
                      const std::string& weights, const PullOptions& pull) {
  if (is_none(weights) || is_file(weights)) return;
  if (weights == "imagenet") {
    if (!locate(application, options)) pull_weights(row_of(application.published_weights(options)), pull);
  } else if (!named(weights)) {
    const std::optional<PublishedFile> row = look_up_published_file(weights);
    if (!row) fail_unknown(weights);
    pull_weights(*row, pull);
  }
}

std::vector<const Application*> applications_here() {
  std::vector<const Application*> here;
  for (const Application& application : applications::catalogue()) {
    if (find_published_weights(application, {.include_top = false})) here.push_back(&application);
  }
  std::ranges::stable_sort(here, std::greater(),
                           [](const Application* application) { return application->accuracy.top1; });
  return here;
}

void check_weights_here(const Application& application, const ApplicationOptions& options,
                        const std::string& weights) {
  if (weights_download_allowed()) download_weights(application, options, weights);
  if (is_none(weights) || is_file(weights)) return;
  if (weights == "imagenet") {
    if (!locate(application, options)) fail_not_here(application, options);
  } else if (!named(weights)) {
    fail_unknown(weights);
  }
}

applications::Definition definition_for_weights(const Application& application, const std::string& weights) {
  using applications::Definition;
  const std::string file = file_of_weights(weights);
  if (!application.has_torch_definition || !is_file(file)) return Definition::keras;
  const formats::FileKind kind = formats::file_kind_of(file);
  if (kind != formats::FileKind::torch && kind != formats::FileKind::safetensors) return Definition::keras;
  std::vector<std::string> names;
  for (const formats::StoredTensor& tensor : formats::open_named_tensors(file, kind))
    names.push_back(tensor.path);
  names = applications::torchvision_names(std::move(names));
  // PyTorch calls "weight" what Keras calls kernel and gamma.
  const bool torch =
      std::ranges::any_of(names, [](const std::string& name) { return name.ends_with(".weight"); });
  return torch ? applications::torch_definition(names, origin_of(file)) : Definition::keras;
}

Model build_for_weights(const Application& application, ApplicationOptions options,
                        const std::string& weights) {
  const std::string file = file_of_weights(weights);
  options.weights = "none";  // load_pretrained() follows
  if (options.definition == applications::Definition::keras)
    options.definition = definition_for_weights(application, file);
  const std::string name = fs::path(file).filename().string();
  const std::vector<PublishedFile> published = candidates(application, options);
  const bool by_name = std::ranges::any_of(
      published, [&](const PublishedFile& row) { return !name.empty() && row.file == name; });
  if (file == "imagenet" || by_name) {
    options.weights = "imagenet";
    options.weights_loader = [](Model&, const applications::WeightsRequest&) {};
  }
  return application.build(options);
}

std::vector<fs::path> published_weights_here(const Application& application) {
  std::vector<fs::path> paths;
  for (const PublishedFile& row : known_files()) {
    if (row.application != application.name) continue;
    const std::optional<FoundWeights> found = find_weights(row);
    if (found && std::ranges::find(paths, found->path) == paths.end()) paths.push_back(found->path);
  }
  return paths;
}

saving::LoadReport load_pretrained(Model& model, const Application& application,
                                   const ApplicationOptions& options, const std::string& weights) {
  if (is_none(weights)) return {};
  check_weights_here(application, options, weights);
  if (is_file(weights)) return saving::load_weights(model, weights);
  if (weights == "imagenet") {
    const std::optional<Located> located = locate(application, options);
    if (!located) fail_not_here(application, options);
    check_content(located->row, located->found);
    return saving::load_weights(model, located->found.path);
  }
  const std::optional<FoundWeights> found = named(weights);
  if (!found) fail_unknown(weights);
  if (const std::optional<PublishedFile> row = look_up_published_file(weights)) check_content(*row, *found);
  return saving::load_weights(model, found->path);
}

}  // namespace graft::classify
