// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace graft::data {

/// Names of many photos in little memory: their characters and eight bytes each.
class PhotoNames {
 public:
  void add(std::string_view name);
  /// Adds the names of a list: one a line, or each ended by a zero byte where the list holds one (find
  /// -print0). Empty ones are passed by. Error{bad_file} for one longer than any path.
  void add_list(std::istream& in);

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// Valid as long as this object.
  [[nodiscard]] std::string_view operator[](std::size_t i) const;

 private:
  void add_listed(std::string_view name, char end);

  static constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;  // at least; of one block of characters

  std::deque<std::string> blocks_;     ///< never reallocated
  std::vector<std::uint64_t> places_;  ///< block * kBlockBytes + where the name begins in it; ends with 0
};

}  // namespace graft::data
