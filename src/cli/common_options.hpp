// SPDX-License-Identifier: Apache-2.0
// Options that most commands have.
#pragma once

#include <optional>

#include "graft/execution.hpp"
#include "graft/image.hpp"
#include "graft/photos.hpp"

#include "cli/command.hpp"

namespace graft::cli {

struct CommonOptions {
  std::optional<data::Exif> exif;                   ///< unset: as stored in the model, else `apply`
  std::optional<data::ResizeMethod> interpolation;  ///< unset: as stored in the model, else bilinear
  Execution execution;                              ///< --threads and, where the command has it, --precision
  bool json = false;
  bool quiet = false;
};

/// --exif, --threads, --json and --quiet.
void add_common_options(CLI::App& command, CommonOptions& options);
void add_exif_option(CLI::App& command, CommonOptions& options);
void add_threads_option(CLI::App& command, Execution& execution);
/// --interpolation of the commands that run a finished model.
void add_interpolation_option(CLI::App& command, CommonOptions& options);
/// --nested.
void add_nested_option(CLI::App& command, data::ListOptions& listing);
/// --exclude and --follow-links; --classes too where `classes` is set.
/// --labels, --columns and --label-from-name: labels from a list or from names of files.
void add_label_options(CLI::App& command, data::ListOptions& listing);
/// The folder that a list's paths are relative to, where none was named: the list's own. Throws
/// Error{invalid_argument} where there is neither folder nor list.
void complete_photos(std::string& photos, const data::ListOptions& listing);
void add_listing_options(CLI::App& command, data::ListOptions& listing, bool classes);
/// --json and --quiet.
void add_output_options(CLI::App& command, CommonOptions& options);

/// --precision of the commands that run a finished model.
void add_precision_option(CLI::App& command, Execution& execution);

/// Makes the thread count the default of the process, for work without its own Execution: decoding
/// photos, measuring. The only place where the program changes a default.
void use_threads(const Execution& execution);

}  // namespace graft::cli
