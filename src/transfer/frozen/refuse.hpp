// SPDX-License-Identifier: Apache-2.0
// Options that runs for several labels or numbers have not.
#pragma once

#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// The words in which options are refused.
struct RefusedWords {
  const char* photos = "";             ///< "not possible with ...": "numbers in place of classes"
  const char* optimize = "";           ///< what is optimised, from the comma on
  const char* calibrate = nullptr;     ///< null: calibration is possible
  const char* class_weight = nullptr;  ///< null: balancing is possible
  bool fine_tunes = false, classical_heads = false, recalls = false, rejects = false;
};

/// Throws Error{unsupported} for options beside such a head, by name.
void refuse_with_frozen(const TrainOptions& options, const RefusedWords& words);

}  // namespace transfer
}  // namespace graft
