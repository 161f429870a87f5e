// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace graft::transfer {

/// How much of a pretrained network learns.
enum class Strategy {
  freeze_base,       ///< nothing of it: a new head alone
  freeze_part,       ///< what lies behind a frontier
  train_everything,  ///< all of it
};
/// "freeze the whole base", "freeze part", "train everything".
[[nodiscard]] std::string_view to_string(Strategy strategy);

}  // namespace graft::transfer
