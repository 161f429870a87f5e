// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"

namespace graft::test {

/// What a run of the program left behind.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
  /// stdout as one JSON value; a discarded value when it is none.
  [[nodiscard]] Json json() const { return Json::parse(out, nullptr, false); }
};

/// Runs graft with these arguments and waits for it.
[[nodiscard]] Outcome run_graft(const std::vector<std::string>& arguments,
                                const std::filesystem::path& current_folder = {});

/// A picture of one colour, as PPM.
void write_picture(const std::filesystem::path& path, int red, int green, int blue);
/// A folder whose model.keras tells red from blue pictures.
void write_red_or_blue(const std::filesystem::path& folder);

}  // namespace graft::test
