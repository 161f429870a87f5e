// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transfer/result/finish.hpp"
#include "transfer/result/trained.hpp"

namespace graft {
inline namespace transfer {

/// Writes the model with its metadata to TrainOptions::early_model, whole or not at all; makes its folder.
/// Errors: Error{io}.
void save_early_model(const ResultParts& parts, const Trained& trained);

}  // namespace transfer
}  // namespace graft
