// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"

namespace graft::test {

/// Exit code and output of a run of the program.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
  /// Standard output as one JSON value; discarded when it is not JSON.
  [[nodiscard]] Json json() const { return Json::parse(out, nullptr, false); }
};

[[nodiscard]] inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Runs graft with these arguments and waits for it.
[[nodiscard]] Outcome run_graft(const std::vector<std::string>& arguments,
                                const std::filesystem::path& current_folder = {});

/// Runs graft until the file exists (at most a minute), then sends the signal. Returns the exit code; -1
/// where the signal ended it.
int stop_graft(const std::vector<std::string>& arguments, const std::filesystem::path& current_folder,
               const std::filesystem::path& file, int signal);

/// Runs graft with a terminal of this many columns as standard error. err: all that it sent there, its
/// commands included.
struct Terminal {
  int columns = 80;
  std::string term = "xterm";      ///< TERM
  std::string locale = "C.UTF-8";  ///< LC_ALL
};
[[nodiscard]] Outcome run_graft_on(const Terminal& terminal, const std::vector<std::string>& arguments,
                                   const std::filesystem::path& current_folder);

/// A picture of one colour, as PPM.
void write_picture(const std::filesystem::path& path, int red, int green, int blue);
/// A folder with a model.keras that classifies pictures as red or blue. pixel_type: of its metadata, or none.
void write_red_or_blue(const std::filesystem::path& folder, const std::string& pixel_type = {});

}  // namespace graft::test
