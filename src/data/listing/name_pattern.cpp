// SPDX-License-Identifier: Apache-2.0
#include "graft/data/name_pattern.hpp"

#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::data {
namespace {

// Longer paths would let the regular expression's backtracking run deep.
constexpr std::size_t kLongestPath = 1024;

}  // namespace

NamePattern::NamePattern(const std::string& text, std::string option, const std::string& other)
    : option_(std::move(option)) {
  try {
    pattern_ = std::regex(text);
  } catch (const std::regex_error& error) {
    fail_option(ErrorKind::invalid_argument, option_, option_, ": '", text, "' is ",
                other.empty() ? std::string("no") : cat("neither ", other, " nor a"),
                " regular expression: ", error.what());
  }
}

std::string NamePattern::find(const std::string& path) const {
  std::smatch match;
  try {
    if (path.size() > kLongestPath || !std::regex_search(path, match, pattern_)) return {};
  } catch (const std::regex_error& error) {
    fail_option(ErrorKind::invalid_argument, option_, option_, ": the regular expression is too costly on ",
                shown(path), ": ", error.what());
  }
  return match.size() > 1 && match[1].matched ? match[1].str() : match[0].str();
}

}  // namespace graft::data
