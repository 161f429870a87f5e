// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/command.hpp"

namespace graft::cli {

/// What the program says of an exception, and the exit code for it.
struct Failure {
  std::string message;
  int code;
};

/// Of the exception that is being handled, in a catch block. less_memory: what to do where memory is short.
[[nodiscard]] Failure current_failure(
    const CLI::App& command,
    const std::string& less_memory = "a smaller --batch-size or --image-size needs less");

/// Writes what standard output holds back; throws Error{io} where it cannot be written.
void flush_output();

}  // namespace graft::cli
