// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/error.hpp"

namespace graft::cli {

inline constexpr int kOk = 0;
/// The work was done, but some of the photos could not be read.
inline constexpr int kSomeFailed = 1;
/// The command line is wrong.
inline constexpr int kUsage = 2;

/// The exit code of the program for an error of this kind.
[[nodiscard]] int exit_code(ErrorKind kind);
/// The table of exit codes, for --help.
[[nodiscard]] std::string exit_code_help();

}  // namespace graft::cli
