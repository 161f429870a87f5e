// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "graft/applications/catalogue.hpp"
#include "graft/transfer/classifier.hpp"

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
/// Throws the error of open_classifier about weights beside a model file.
void check_weights(const Network& network, const std::string& weights);

}  // namespace graft::cli
