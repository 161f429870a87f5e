// SPDX-License-Identifier: Apache-2.0
#include "graft/applications/weights_loader.hpp"

#include <atomic>

namespace graft::applications {
namespace {

constinit std::atomic<WeightsLoader> installed{
    nullptr};  // constant initialisation: set before any constructor runs

}  // namespace

bool install_weights_loader(WeightsLoader loader) noexcept {
  installed = loader;
  return true;
}

WeightsLoader installed_weights_loader() noexcept { return installed; }

}  // namespace graft::applications
