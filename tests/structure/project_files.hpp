// SPDX-License-Identifier: Apache-2.0
// The project's own files, for the tests that look at them.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace graft::structure {

/// The whole file as text.
inline std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The root of the checkout.
inline const std::filesystem::path& project() {
  static const std::filesystem::path result(GRAFT_PROJECT);
  return result;
}

}  // namespace graft::structure
