// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/extend/callback.hpp"

#include "transfer/context/reporter.hpp"

namespace graft {
inline namespace transfer {

/// A callback that reports each batch and epoch, and ends training when a stop is requested, or when a loss
/// is no longer a number: then it restores the weights of the last good epoch, or those from before the
/// phase.
/// It appends a row to history for each epoch; reporter and history must outlive it.
[[nodiscard]] CallbackPtr report_epochs(Reporter& reporter, std::vector<EpochRow>& history,
                                        const std::string& phase, std::int64_t last_epoch);

}  // namespace transfer
}  // namespace graft
