// SPDX-License-Identifier: Apache-2.0
// Downloads of weights, with progress on standard error.
#pragma once

#include <string>

#include "graft/catalogue.hpp"
#include "graft/weights_store.hpp"

#include "cli/command.hpp"
#include "cli/progress.hpp"

namespace graft::cli {

/// Shows work on files of weights in megabytes; the first Ctrl-C stops it.
class FileProgress {
 public:
  FileProgress(bool quiet, std::string stage);
  /// For PullOptions::progress and verify_weights().
  [[nodiscard]] WeightsProgress function();
  /// Removes the bar, so that other text can be printed.
  void clear() { display_.clear_bar(); }

 private:
  ProgressDisplay display_;
  std::string stage_;
};

/// Adds --download.
void add_download_option(CLI::App& command, bool& download);

/// Downloads these weights of an application where they are not on this computer and --download was given or
/// GRAFT_DOWNLOAD is set. Errors: as download_weights().
void fetch_if_asked(bool download, const applications::Application& application,
                    const applications::ApplicationOptions& options, const std::string& weights, bool quiet);

}  // namespace graft::cli
