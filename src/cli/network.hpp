// SPDX-License-Identifier: Apache-2.0
// The MODEL argument: a model file, a result folder or the name of an architecture.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "graft/applications.hpp"
#include "graft/classifier.hpp"
#include "graft/saving.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// What the command line specifies.
struct ModelArgument {
  std::string name;
  std::string weights;                 ///< of an architecture or of a .json; empty: "imagenet", or none
  double alpha = 1;                    ///< width of an architecture
  bool download = false;               ///< weights that are not here may be downloaded
  bool allow_missing_weights = false;  ///< of an architecture: see ClassifierOptions
  std::optional<applications::Preprocessing> pixels;  ///< how the program around a model file scaled pixels
  std::string class_names;                            ///< a file; empty: the model's own names
};

/// Adds MODEL.
void add_model_argument(CLI::App& command, ModelArgument& model);
/// Adds --weights, for commands that need the weights of an architecture.
void add_weights_option(CLI::App& command, ModelArgument& model);

/// Adds --class-names.
void add_class_names_option(CLI::App& command, ModelArgument& model);

/// Adds --alpha.
void add_alpha_option(CLI::App& command, ModelArgument& model);

/// Adds --pixels.
void add_pixels_option(CLI::App& command, std::optional<applications::Preprocessing>& pixels,
                       const std::string& help);

/// What MODEL names.
struct Network {
  std::filesystem::path file;                              ///< empty for an architecture
  const applications::Application* application = nullptr;  ///< null for a file

  [[nodiscard]] bool is_file() const { return application == nullptr; }
};

/// The weights of a network file or architecture: empty where "none" are wanted for a .json.
[[nodiscard]] std::string weights_of(const Network& network, const ModelArgument& model);
/// Loads a network file, a .json with the weights that the argument names. Says on standard error where it
/// has none. noise: what its answers are called there, "answers" or "features".
[[nodiscard]] saving::LoadedModel load_network_file(const Network& network, const ModelArgument& model,
                                                    std::string_view noise = "answers");

/// A file or folder has precedence over an architecture of the same name. Errors: Error{not_found};
/// Error{invalid_argument} for weights together with a model file.
[[nodiscard]] Network find_network(const ModelArgument& model);
/// Throws Error{invalid_argument} when an option that only an architecture has is given with a model file.
void check_architecture_option(const Network& network, const std::string& option, bool given);

/// The same for an option that only a model file has.
void check_file_option(const Network& network, const std::string& option, bool given);

/// Throws Error{invalid_argument} when int8 is requested and a model's metadata has no ranges for it.
void check_precision(const Execution& execution, const Json& metadata);
/// The classifier that MODEL names; its notes go to standard error. It computes with `execution`. Errors: as
/// find_network() and check_precision(). quiet: without the notes.
[[nodiscard]] Classifier open_classifier(const ModelArgument& model, const Execution& execution,
                                         bool quiet = false);

/// Where a command writes a new model file.
struct NewModel {
  std::string name;    ///< as given with -o; a name without extension is a folder, as graft train writes one
  bool force = false;  ///< overwrite an existing file
};
/// Adds -o and --force.
void add_new_model_options(CLI::App& command, NewModel& output);
/// The file; its folder may not exist yet. Throws Error{invalid_argument} when the file exists; the message
/// mentions when it is `source` itself.
[[nodiscard]] std::filesystem::path new_model_file(const NewModel& output, const Network& source);

}  // namespace graft::cli
