// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "graft/base/json.hpp"
#include "graft/extend/callback.hpp"

#include "transfer/context/reporter.hpp"

namespace graft::inline transfer {

/// A callback that reports each batch and epoch, and ends training when a stop is requested, or when a loss
/// is no longer a number: then it restores the weights of the last good epoch, or those from before the
/// phase.
[[nodiscard]] CallbackPtr report_epochs(Reporter& reporter, Json& history, const std::string& phase,
                                        std::int64_t last_epoch);

}  // namespace graft::inline transfer
