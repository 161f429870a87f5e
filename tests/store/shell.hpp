// SPDX-License-Identifier: Apache-2.0
// graft as a shell runs it.
#pragma once

#include <string>

#include "server.hpp"

namespace graft::test {

/// The program.
extern const std::string kGraft;

/// What a command did.
struct Shell {
  int code = -1;
  std::string out;  ///< both streams
  double seconds = 0;
};
[[nodiscard]] Shell shell(const std::string& command);

/// A catalogue with one row, test/x, of the served file.
[[nodiscard]] std::string catalogue(const Server& server, const std::string& behaviour);

}  // namespace graft::test
