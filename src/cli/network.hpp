// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "graft/applications/catalogue.hpp"
#include "graft/classify/classifier.hpp"

namespace graft::cli {

/// What MODEL|ARCHITECTURE names: a model file (or the folder with model.keras), else an architecture.
struct Network {
  std::filesystem::path file;                              ///< empty for an architecture
  const applications::Application* application = nullptr;  ///< null for a file
};

/// A file or folder goes before an architecture of the same name. Throws Error{not_found}.
[[nodiscard]] Network find_network(const std::string& name);
/// weights: empty for "imagenet"; Error{invalid_argument} when given beside a model file, which has its own.
[[nodiscard]] Classifier open_classifier(const std::string& name, const std::string& weights);
/// Where a command writes a new model file.
struct NewModel {
  std::string name;    ///< as given with -o; one without an ending is a folder, as graft train writes one
  bool force = false;  ///< write over what is there
};
/// The file, whose folder may not be there yet. Throws Error{invalid_argument} for a file that is there, told
/// when it is `source` itself.
[[nodiscard]] std::filesystem::path new_model_file(const NewModel& wanted, const Network& source);
/// Throws the error of open_classifier about weights beside a model file.
void check_weights(const Network& network, const std::string& weights);

}  // namespace graft::cli
