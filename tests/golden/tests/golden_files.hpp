// SPDX-License-Identifier: Apache-2.0
// The goldens' files, found when the test program runs, and values compared with what a golden says of them.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "graft/base/json.hpp"

#include "support.hpp"

namespace graft::test {

/// Every *.json.gz in a folder of goldens(), in alphabetical order; none where the folder is absent.
[[nodiscard]] std::vector<std::filesystem::path> golden_files(const std::string& folder);

/// A file's name as a test's name: letters, digits and '_' only.
[[nodiscard]] std::string test_name(const std::filesystem::path& file);

/// How far numbers may differ that were summed in another order, as shares of the largest magnitude: see the
/// goldens' README. Errors grow with depth.
constexpr double kUsual = 1e-4;
constexpr double kDeepest = 1e-3;

/// Compares with an entry {mean, std, absmax, sample_index, sample}; absmax may be absent. Allowed are
/// share * (largest magnitude) + 1e-6. Returns the largest difference as a share of the largest magnitude.
double expect_values(std::span<const float> values, const Json& expected, double share);

/// Compares with a list of the first values.
double expect_first_values(std::span<const float> values, const Json& expected, double share);

}  // namespace graft::test
