// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include "cli/output.hpp"

namespace graft::cli {
namespace {

std::string& kept_command_line() {
  static std::string text;
  return text;
}

}  // namespace

void set_command_line(int argc, const char* const* argv) {
  std::string& text = kept_command_line();
  text = "graft";
  for (int i = 1; i < argc; ++i) text += " " + quoted(argv[i]);
}

const std::string& command_line() { return kept_command_line(); }

}  // namespace graft::cli
