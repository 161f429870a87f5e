// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#pragma GCC visibility push(default)

namespace graft::transfer {

/// What to do with photos that occur twice, or nearly so (data::find_similar).
enum class Duplicates {
  report,  ///< reported before training; graft's own split keeps them in one part
  drop,    ///< training keeps one of each, and none that the test or validation folder has
  ignore,  ///< not looked for
};

/// How train() divides the photos and how often it measures.
struct EvaluationOptions {
  Duplicates duplicates = Duplicates::report;
  /// Photos of one group are never in two parts. "parent-folder": the folder that contains the photo;
  /// "prefix": its name up to the last _ or -; else a regular expression (ECMAScript) that is searched for in
  /// the path below the photos' folder: its first group, or without one what it matches, names the photo's
  /// group. Photos that it does not match have no group. Empty: no groups.
  std::string group_by;
  /// The recipe is also trained and tested on this many stratified (and grouped) folds; 0: not.
  std::size_t folds = 0;
  /// Number of seeds in total: the recipe is also trained with the seeds that follow, each with its own
  /// split.
  std::size_t seeds = 1;
};

}  // namespace graft::transfer

#pragma GCC visibility pop
