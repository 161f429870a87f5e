// SPDX-License-Identifier: Apache-2.0
// Which photos train, which choose and which test.
#pragma once

#include <filesystem>
#include <vector>

#include "transfer/run/session.hpp"

namespace graft::transfer {

/// The folders of the parts, from the options and from the layout of the photos' folder. Empty: a part of
/// train.
struct Folders {
  std::filesystem::path train, validation, test;
};
[[nodiscard]] Folders find_folders(const std::filesystem::path& photos, const TrainOptions& options);

/// Positions of the training set's photos in each part; a part with its own folder gets none.
struct Split {
  std::vector<std::size_t> train, validation, test;
};
[[nodiscard]] Split split_stratified(const std::vector<int>& labels, bool needs_validation, bool needs_test,
                                     std::uint64_t seed);

}  // namespace graft::transfer
