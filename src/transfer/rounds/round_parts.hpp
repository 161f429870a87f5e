// SPDX-License-Identifier: Apache-2.0
// What concerns the parts of a round.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/evaluation.hpp"

#include "transfer/rounds/load_round.hpp"

namespace graft {
inline namespace transfer {

/// EvaluationOptions::group_by of files: a number each, equal for those that stay in one part. Empty: each is
/// by itself.
[[nodiscard]] std::vector<std::size_t> groups_of(const std::vector<std::string>& files,
                                                 const RoundRequest& request);

/// A part is empty. photos: in all. known: of them, those that keep the part that they had in earlier rounds.
[[noreturn]] void fail_without_photos(const std::filesystem::path& folder, Part part, std::size_t photos,
                                      std::size_t known);

}  // namespace transfer
}  // namespace graft
