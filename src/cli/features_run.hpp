// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"

#include "cli/common_options.hpp"
#include "cli/feature_rows.hpp"
#include "cli/long_run.hpp"
#include "cli/progress.hpp"

namespace graft::cli {

/// Where the features of many photos go, and what decides them.
struct FeatureFiles {
  std::string out;  ///< a folder for .npy files, or a file that ends in .jsonl
  std::size_t rows_per_file = 10000;
  std::size_t block = 32;  ///< photos that are computed together
  LongRunOptions run;
  Json settings;  ///< of the model and how photos reach it
};

/// Whether a name is that of a folder or .jsonl file: results are written as they come.
[[nodiscard]] bool grows(const std::string& out);

/// Computes the features of all photos into files; returns the exit code.
int features_into_files(FeatureComputer& computer, const FeaturePhotos& found, const FeatureFiles& files,
                        const CommonOptions& common, PhotoProgress& progress);

}  // namespace graft::cli
