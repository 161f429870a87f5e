// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/plan/plan.hpp"

#include "transfer/run/base_model.hpp"
#include "transfer/run/session.hpp"

namespace graft::transfer {

/// Sets the global policy, and puts the former one back at its end.
class PolicyScope {
 public:
  PolicyScope() : before_(plan::global_policy()) {}
  ~PolicyScope() { plan::set_global_policy(before_); }
  PolicyScope(const PolicyScope&) = delete;
  PolicyScope& operator=(const PolicyScope&) = delete;

 private:
  plan::Precision before_;
};

/// Sets the global policy as options.precision says. "auto" takes mixed_bfloat16 where the processor is fast
/// at it and the base's features of some training photos stay as they are in float32; what was found goes to
/// the notes and facts of the result.
void set_precision(TrainResult& result, const BaseModel& base, const Photos& photos,
                   const TrainOptions& options, Reporter& reporter);

}  // namespace graft::transfer
