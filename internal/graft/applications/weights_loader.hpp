// SPDX-License-Identifier: Apache-2.0
// How applications load pretrained weights although the module that reads weight files is above this one.
#pragma once

#include "graft/applications.hpp"

namespace graft::applications {

/// Installs the function that loads weights where ApplicationOptions::weights_loader is null. The module that
/// searches weight files calls it once, while the program starts. Returns true.
bool install_weights_loader(WeightsLoader loader) noexcept;

/// The installed function; null in programs that link only this module.
[[nodiscard]] WeightsLoader installed_weights_loader() noexcept;

}  // namespace graft::applications
