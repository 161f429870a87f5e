// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/calibration_note.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::transfer {

std::string calibration_note(const classify::Calibration& found) {
  return cat("calibrated on answers for ", found.photos, " unseen photos: temperature ", found.temperature,
             "; measured on others, log loss ", found.loss_before, " -> ", found.loss_after,
             ", calibration error ", percent(found.ece_before), " -> ", percent(found.ece_after));
}

}  // namespace graft::transfer
