// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/formats/stored_tensor.hpp"
#include "graft/model.hpp"

#include "saving/pairing/staged_weights.hpp"

namespace graft {
inline namespace saving {

/// Stages weights out of a list of tensors that has our own names and axis order, as save_weights writes it
/// to .safetensors and .npz. False, with nothing staged, when not one name is the model's.
[[nodiscard]] bool pair_named(const Model& model, const formats::StoredTensors& tensors,
                              StagedWeights& staged);

/// Stages weights out of a PyTorch state_dict, under the names that PyTorch's definitions of the same network
/// have, turned into Keras's axis order. Error{unsupported} when no definition of this network is known;
/// Error{shape_mismatch} unless skip_mismatch.
void pair_torch(const Model& model, const formats::StoredTensors& stored, StagedWeights& staged);

}  // namespace saving
}  // namespace graft
