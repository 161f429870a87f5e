// SPDX-License-Identifier: Apache-2.0
// A user's program against an installed graft: it links, runs, and catches an error that the library throws.
#include <iostream>

#include "graft/error.hpp"
#include "graft/execution.hpp"
#include "graft/tensor.hpp"
#include "graft/version.hpp"
#if __has_include("graft/graft.hpp")
#include "graft/graft.hpp"
#endif

int main() {
  std::cout << "graft " << graft::version() << '\n';
  try {
    graft::set_num_threads(0);
  } catch (const graft::Error& error) {
    return error.kind() == graft::ErrorKind::invalid_argument ? 0 : 1;
  }
  return 1;
}
