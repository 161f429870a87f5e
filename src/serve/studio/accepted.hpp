// SPDX-License-Identifier: Apache-2.0
// Findings of inspections that a person has looked at and called right.
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>

#include "graft/base/json.hpp"

namespace graft::serve::studio {

/// Kept in the studio's own folder, so that they are not shown again; commands do not read it. A finding is
/// known by its kind and its photos. Threads: all members may be called from any.
class AcceptedFindings {
 public:
  /// own_folder: the studio's, in the project.
  explicit AcceptedFindings(const std::filesystem::path& own_folder);
  /// finding: {kind, photos: [{class, name}]}. Errors: Refusal 400 for another form; Error{io}.
  void set(const Json& finding, bool accepted);
  /// Takes them out of a list of findings; returns how many.
  [[nodiscard]] std::size_t take_out(Json& findings);

 private:
  std::filesystem::path file_;
  std::mutex mutex_;
  std::set<std::string> known_;
};

}  // namespace graft::serve::studio
