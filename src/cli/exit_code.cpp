// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.hpp"

#include <array>

#include "graft/base/fail.hpp"

namespace graft::cli {
namespace {

struct Row {
  ErrorKind kind;
  int code;
  const char* meaning;
};

constexpr std::array kTable{
    Row{ErrorKind::invalid_argument, kUsage, "the command line or a value in it is wrong"},
    Row{ErrorKind::not_found, 3, "a file, folder, layer, class or the weights were not found"},
    Row{ErrorKind::bad_file, 4, "a file is broken or of another format"},
    Row{ErrorKind::unsupported, 5, "valid, but not supported by graft"},
    Row{ErrorKind::io, 6, "the system could not read or write a file"},
    Row{ErrorKind::shape_mismatch, 7, "weights or pixels have another shape than expected"},
    Row{ErrorKind::resource_limit, 8, "more memory or pixels than allowed"},
    Row{ErrorKind::numeric, 9, "training broke down: the loss became infinite"},
    Row{ErrorKind::internal, 10, "an error in graft itself: please report it"},
    Row{ErrorKind::interrupted, 130, "stopped before there was anything to save"},
};

}  // namespace

int exit_code(ErrorKind kind) {
  for (const Row& row : kTable) {
    if (row.kind == kind) return row.code;
  }
  return exit_code(ErrorKind::internal);
}

std::string exit_code_help() {
  std::string text = "Exit codes:\n  0    done\n  1    done, but some photos could not be read\n";
  for (const Row& row : kTable) {
    std::string code = std::to_string(row.code);
    code.resize(5, ' ');
    text += cat("  ", code, row.meaning, "\n");
  }
  return text;
}

}  // namespace graft::cli
