// SPDX-License-Identifier: Apache-2.0
#include "cli/network.hpp"

#include "graft/base/fail.hpp"

namespace graft::cli {

namespace fs = std::filesystem;

Network find_network(const std::string& name) {
  std::error_code ignored;
  const fs::path path = name;
  const applications::Application* application = applications::look_up_application(name);
  if (fs::is_directory(path, ignored)) {
    if (fs::exists(path / "model.keras", ignored)) return {.file = path / "model.keras"};
    if (application == nullptr) fail(ErrorKind::not_found, "the folder ", name, " holds no model.keras");
  } else if (fs::exists(path, ignored)) {
    return {.file = path};
  }
  if (application != nullptr) return {.application = application};
  std::string known;
  for (const applications::Application& one : applications::catalogue())
    known += cat(known.empty() ? "" : ", ", one.name);
  fail(ErrorKind::not_found, "there is no file or folder '", name,
       "', and no architecture of that name; known are ", known);
}

void check_weights(const Network& network, const std::string& weights) {
  if (network.application != nullptr || weights.empty()) return;
  fail(ErrorKind::invalid_argument, "--weights goes with the name of an architecture; ",
       network.file.string(), " is a model that has its own");
}

Classifier open_classifier(const std::string& name, const std::string& weights) {
  const Network network = find_network(name);
  check_weights(network, weights);
  if (network.application == nullptr) return Classifier::open(network.file);
  return Classifier::imagenet(std::string(network.application->name), weights.empty() ? "imagenet" : weights);
}

fs::path new_model_file(const NewModel& wanted, const Network& source) {
  fs::path file = wanted.name;
  std::error_code error;
  if (!file.has_filename() || !file.has_extension() || fs::is_directory(file, error)) file /= "model.keras";
  if (!wanted.force && fs::exists(file, error)) {
    const bool itself = !source.file.empty() && fs::equivalent(file, source.file, error);
    fail(ErrorKind::invalid_argument, "-o ", file.string(),
         itself ? " is the model itself" : " is there already",
         "; name another file, or write over it with --force");
  }
  return file;
}

}  // namespace graft::cli
