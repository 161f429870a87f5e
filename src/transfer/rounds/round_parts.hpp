// SPDX-License-Identifier: Apache-2.0
// What concerns the parts of a round.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/evaluation.hpp"
#include "graft/hash.hpp"

#include "transfer/rounds/load_round.hpp"

namespace graft {
inline namespace transfer {

/// One file and what it is for. A file may be tested on for several rounds.
struct RoundEntry {
  int label = 0;
  std::string print{};                 ///< of its content; empty: not looked at
  std::optional<Part> part{};          ///< of this round
  bool free = false;                   ///< new: its part is not decided yet
  std::vector<std::size_t> earlier{};  ///< rounds that were tested on it
};

/// Adds a photo's name, and what is known of it so far. Its folder may be elsewhere on another machine.
void add_to(Hasher& hasher, const std::string& file, const RoundEntry& photo);
/// Throws Error{invalid_argument} where ranks have other hashes. what: of what; for the message.
void agree_on_hash(cluster::Communicator& ranks, const char* what, const Hasher& hasher);

/// EvaluationOptions::group_by of files: a number each, equal for those that stay in one part. Empty: each is
/// by itself.
[[nodiscard]] std::vector<std::size_t> groups_of(const std::vector<std::string>& files,
                                                 const RoundRequest& request);

/// A part is empty. photos: in all. known: of them, those that keep the part that they had in earlier rounds.
[[noreturn]] void fail_without_photos(const std::filesystem::path& folder, Part part, std::size_t photos,
                                      std::size_t known);

}  // namespace transfer
}  // namespace graft
