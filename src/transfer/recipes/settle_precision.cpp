// SPDX-License-Identifier: Apache-2.0
#include "transfer/recipes/settle_precision.hpp"

#include "transfer/base/precision.hpp"

namespace graft::transfer {

DTypePolicy settle_precision(const RunContext& run, const BaseModel& base, Trained& trained) {
  const PrecisionChoice choice = choose_precision(base, run.image_size, run.photos, run.options);
  trained.dtype_policy = choice.policy;
  trained.facts.weights = starting_weights(base.weights_file);
  trained.facts.precision = to_string(choice.policy);
  trained.facts.moved_by_bfloat16 = choice.moved;
  if (!choice.note.empty()) run.note(choice.note);
  return choice.policy;
}

}  // namespace graft::transfer
