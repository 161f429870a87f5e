// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/classifier.hpp"

#include "cli/common_options.hpp"
#include "cli/long_run.hpp"
#include "cli/progress.hpp"

namespace graft::cli {

/// Where the answers for many photos go.
struct AnswerFiles {
  std::string out;          ///< a folder, or a file that ends in .csv or .jsonl; empty: standard output
  bool json_lines = false;  ///< of a folder's file; a table otherwise
  std::string sort_into;    ///< a folder for links by class; empty: none
  LongRunOptions run;
};

/// Answers all photos into files; returns the exit code. options: also those that decide the answers.
int predict_into_files(const Classifier& classifier, const ClassifyOptions& options, const AnswerFiles& files,
                       const std::vector<std::string>& images, const CommonOptions& common);

}  // namespace graft::cli
