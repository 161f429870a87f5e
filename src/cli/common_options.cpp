// SPDX-License-Identifier: Apache-2.0
#include "cli/common_options.hpp"

#include <charconv>
#include <iostream>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/text.hpp"

namespace graft::cli {

void add_common_options(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--exif", options.exif, "turn photos as the camera noted (apply) or not, as Keras (ignore)")
      ->check(CLI::IsMember({"apply", "ignore"}));
  command.add_option("--threads", options.threads, "threads to compute with; default: one a core")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--json", options.json, "print JSON on standard output, and nothing else there");
  command.add_flag("--quiet", options.quiet, "no progress: only the result and errors");
}

void apply(const CommonOptions& options) {
  if (options.threads > 0) set_num_threads(options.threads);
}

data::Exif exif_of(const CommonOptions& options, data::Exif fallback) {
  if (options.exif.empty()) return fallback;
  return options.exif == "apply" ? data::Exif::apply : data::Exif::ignore;
}

std::vector<std::int64_t> read_numbers(const std::string& text, const Numbers& expected) {
  std::vector<std::int64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  bool good = true;
  while (good && at != end) {
    std::int64_t value = 0;
    const auto [rest, error] = std::from_chars(at, end, value);
    good = error == std::errc() && value > 0 && value <= 65536;
    numbers.push_back(value);
    at = rest;
    if (good && at != end) good = (*at == ',' || *at == 'x') && ++at != end;
  }
  if (good && numbers.size() >= expected.fewest && numbers.size() <= expected.most) return numbers;
  fail(ErrorKind::invalid_argument, expected.option, ": expected ",
       expected.most == expected.fewest ? cat(expected.most) : cat(expected.fewest, " to ", expected.most),
       " whole numbers above 0 as in ", expected.most == 3 ? "224,224,3" : "224 or 224,224", ", received '",
       text, "'");
}

void print_json(const Json& value) {
  std::cout << value.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

std::string in_words(const Interval& interval) {
  return cat("95 % interval ", percent(interval.low), " to ", percent(interval.high));
}

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return cat(count, " ", count == 1 ? one : many);
}

}  // namespace graft::cli
