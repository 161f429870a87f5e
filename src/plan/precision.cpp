// SPDX-License-Identifier: Apache-2.0
#include "graft/base/error.hpp"
#include "graft/kernels/kernel.hpp"
#include "graft/plan/plan.hpp"

namespace graft::plan {
namespace {

Precision policy = Precision::float32;

}  // namespace

std::string_view to_string(Precision precision) {
  if (precision == Precision::int8) return "int8";
  return precision == Precision::float32 ? "float32" : "mixed_bfloat16";
}

Precision precision_from_name(std::string_view name) {
  for (const Precision precision : {Precision::float32, Precision::mixed_bfloat16, Precision::int8}) {
    if (name == to_string(precision)) return precision;
  }
  fail(ErrorKind::invalid_argument, "precision: expected float32, mixed_bfloat16 or int8, received '", name,
       "'");
}

void set_global_policy(Precision precision) { policy = precision; }
Precision global_policy() { return policy; }
bool has_fast_mixed_precision() { return kernels::has_fast_bfloat16(); }

}  // namespace graft::plan
