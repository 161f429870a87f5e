// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <regex>
#include <string>

namespace graft::data {

/// A regular expression (ECMAScript) on paths.
class NamePattern {
 public:
  /// option: the options field that holds it, for errors; other: what else the field may be, for the same.
  /// Throws Error{invalid_argument} for a text that is none.
  NamePattern(const std::string& text, std::string option, const std::string& other = {});
  /// What the first group, or without groups the whole expression, matches; empty: it does not match, or the
  /// path is longer than file systems allow. Throws Error{invalid_argument} where matching takes too much.
  [[nodiscard]] std::string find(const std::string& path) const;

 private:
  std::regex pattern_;
  std::string option_;
};

}  // namespace graft::data
