// SPDX-License-Identifier: Apache-2.0
// Times that graft profile measured on this machine, which graft weights list shows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace graft::cli {

/// Time of one photo in float32 with all threads.
struct KeptSpeed {
  std::string application;  ///< "mobilenet_v2"
  double alpha = 1;         ///< its width
  bool top = true;          ///< with its classifier
  std::int64_t image_size = 0;
  double milliseconds = 0;
};

/// Remembers a time, in place of an earlier one of the same network. Error{io}.
void keep_speed(const KeptSpeed& speed);

/// The times of this machine and this version of graft. Empty where there are none or their file cannot be
/// read.
[[nodiscard]] std::vector<KeptSpeed> kept_speeds();

}  // namespace graft::cli
