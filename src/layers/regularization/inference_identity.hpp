// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "graft/layers/registry.hpp"

namespace graft::layers {

/// Keras's classes that do nothing in inference, and in training what graft cannot.
[[nodiscard]] std::span<const LayerClass> inference_identity_classes();

}  // namespace graft::layers
