// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"

#include <exception>
#include <iostream>
#include <new>

#include "graft/base/fail.hpp"

#include "cli/error_text.hpp"
#include "cli/exit_code.hpp"

namespace graft::cli {

Failure current_failure(const CLI::App& command, const std::string& less_memory) {
  try {
    throw;
  } catch (const Error& error) {
    return {error_text(error, command), exit_code(error.kind())};
  } catch (const std::bad_alloc&) {
    return {"out of memory; " + less_memory, exit_code(ErrorKind::resource_limit)};
  } catch (const std::exception& error) {
    return {cat("internal error, please report it: ", error.what()), exit_code(ErrorKind::internal)};
  }
}

void flush_output() {
  std::cout.flush();
  if (!std::cout) fail(ErrorKind::io, "standard output cannot be written");
}

}  // namespace graft::cli
