// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/base/statistics.hpp"
#include "graft/data/decode.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// What most commands take.
struct CommonOptions {
  std::string exif;  ///< "apply", "ignore" or empty: as the model says
  int threads = 0;   ///< 0: one a core
  bool json = false;
  bool quiet = false;
};

void add_common_options(CLI::App& command, CommonOptions& options);
/// Sets the number of threads.
void apply(const CommonOptions& options);
/// fallback when the command line says nothing.
[[nodiscard]] data::Exif exif_of(const CommonOptions& options, data::Exif fallback);

/// "224,224,3" or "224x224x3" as numbers. Throws Error{invalid_argument} naming the option unless there are
/// between fewest and most of them, all above 0.
struct Numbers {
  std::string option;
  std::size_t fewest = 1;
  std::size_t most = 1;
};
[[nodiscard]] std::vector<std::int64_t> read_numbers(const std::string& text, const Numbers& expected);

/// One JSON value on stdout, on one line. Bytes of names that are no UTF-8 are replaced.
void print_json(const Json& value);
/// "95 % interval 92.1 % to 98.0 %"
[[nodiscard]] std::string in_words(const Interval& interval);
/// "1 photo", "3 photos"
[[nodiscard]] std::string counted(std::size_t count, const std::string& one, const std::string& many);

}  // namespace graft::cli
