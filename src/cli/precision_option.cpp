// SPDX-License-Identifier: Apache-2.0
#include "cli/precision_option.hpp"

#include "graft/plan/plan.hpp"

namespace graft::cli {

void add_precision_option(CLI::App& command) {
  command
      .add_option_function<std::string>(
          "--precision", [](const std::string& name) { set_dtype_policy(dtype_policy_from_name(name)); },
          "compute in float32 (default), in mixed_bfloat16, faster where the processor knows bfloat16, or in "
          "int8, "
          "for model files that graft quantize wrote")
      ->check(CLI::IsMember({"float32", "mixed_bfloat16", "int8"}))
      ->type_name("NAME");
}

}  // namespace graft::cli
