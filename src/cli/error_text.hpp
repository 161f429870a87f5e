// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/error.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// The message of an error. An error about an options field of the library (Error::option()) names the flag
/// of the command instead: "budget must be positive" becomes "--budget must be positive".
[[nodiscard]] std::string error_text(const Error& error, const CLI::App& command);

/// A note of the library for a user of the program: "the option model" becomes "--model".
[[nodiscard]] std::string note_text(const std::string& note);

}  // namespace graft::cli
