// SPDX-License-Identifier: Apache-2.0
#include "graft/error.hpp"

namespace graft {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return "invalid_argument";
    case ErrorKind::shape_mismatch:
      return "shape_mismatch";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::bad_file:
      return "bad_file";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::io:
      return "io";
    case ErrorKind::resource_limit:
      return "resource_limit";
    case ErrorKind::numeric:
      return "numeric";
    case ErrorKind::interrupted:
      return "interrupted";
    case ErrorKind::internal:
      return "internal";
  }
  return "unknown";
}

}  // namespace graft
