// SPDX-License-Identifier: Apache-2.0
// Options that most commands have.
#pragma once

#include <optional>

#include "graft/execution.hpp"
#include "graft/image.hpp"

#include "cli/command.hpp"

namespace graft::cli {

struct CommonOptions {
  std::optional<data::Exif> exif;  ///< unset: as stored in the model, else `apply`
  Execution execution;             ///< --threads and, where the command has it, --precision
  bool json = false;
  bool quiet = false;
};

/// --exif, --threads, --json and --quiet.
void add_common_options(CLI::App& command, CommonOptions& options);
void add_exif_option(CLI::App& command, CommonOptions& options);
void add_threads_option(CLI::App& command, Execution& execution);
/// --json and --quiet.
void add_output_options(CLI::App& command, CommonOptions& options);

/// --precision of the commands that run a finished model.
void add_precision_option(CLI::App& command, Execution& execution);

/// Makes the thread count the default of the process, for work without an Execution of its own: decoding
/// photos, measuring. The only place where the program changes a default.
void use_threads(const Execution& execution);

}  // namespace graft::cli
