// SPDX-License-Identifier: Apache-2.0
#include "cli/fetch_weights.hpp"

#include "graft/applications.hpp"
#include "graft/pretrained.hpp"

#include "cli/stop.hpp"

namespace graft::cli {

FileProgress::FileProgress(bool quiet, std::string stage)
    : display_(ProgressDisplay::style_for(quiet)), stage_(std::move(stage)) {
  watch_for_interrupt(Stopping::ends);
}

WeightsProgress FileProgress::function() {
  return [this](const std::string& name, std::uint64_t done, std::uint64_t total) {
    constexpr std::uint64_t kMega = 1000000;
    display_.show({.stage = stage_,
                   .done = static_cast<std::size_t>(done / kMega),
                   .total = static_cast<std::size_t>((total + kMega - 1) / kMega),
                   .unit = "MB of " + name,
                   .line = {}});
    return !interrupted();
  };
}

void add_download_option(CLI::App& command, bool& download) {
  command.add_flag("--download", download,
                   "download published weights that are not on this computer (see graft weights)");
}

void fetch_if_asked(bool download, const applications::Application& application,
                    const applications::ApplicationOptions& options, const std::string& weights, bool quiet) {
  if (!download && !weights_download_allowed()) return;
  FileProgress progress(quiet, "download");
  download_weights(application, options, weights, {.progress = progress.function()});
}

}  // namespace graft::cli
