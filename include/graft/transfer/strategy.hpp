// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#pragma GCC visibility push(default)

namespace graft::transfer {

/// How much of a pretrained network is trained.
enum class Strategy {
  freeze_base,       ///< nothing of it: only a new head
  freeze_part,       ///< the layers after a frontier
  train_everything,  ///< all of it
};
/// "freeze the whole base", "freeze part", "train everything".
[[nodiscard]] std::string_view to_string(Strategy strategy);

}  // namespace graft::transfer

#pragma GCC visibility pop
