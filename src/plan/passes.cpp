// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/passes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "graft/base/debug_build.hpp"
#include "graft/base/fail.hpp"

namespace graft::plan {
namespace {

/// A pass that needs no options.
template <void (*kPass)(Program&)>
void plain(Program& program, const PlanOptions&) {
  kPass(program);
}

bool is_training(const Program& program, const PlanOptions&) { return program.training; }
bool is_mixed(const Program&, const PlanOptions&) { return dtype_policy() == DTypePolicy::mixed_bfloat16; }
bool is_int8(const Program&, const PlanOptions&) { return dtype_policy() == DTypePolicy::int8; }

void quantize_with_ranges(Program& program, const PlanOptions& options) {
  if (program.training) {
    fail(ErrorKind::invalid_argument,
         "int8 is for models that no longer train: train in float32 or mixed_bfloat16");
  }
  if (options.ranges == nullptr) {
    fail(ErrorKind::invalid_argument,
         "int8 needs the ranges of a model's values: make a model file that contains them with graft "
         "quantize");
  }
  quantize(program, *options.ranges);
}

/// In order. Fusing comes before the backward pass, so that it has fewer ops; types are chosen when all ops
/// exist; the passes after that only reorder ops. plan_memory follows.
constexpr std::array kPasses = {
    Pass{"strip_final_activation", plain<strip_final_activation>,
         [](const Program&, const PlanOptions& options) { return options.logits; }},
    Pass{"remove_dead", plain<remove_dead>},
    Pass{"fuse_flip", plain<fuse_flip>},
    Pass{"fuse_rescaling", plain<fuse_rescaling>},
    Pass{"fold_padding", plain<fold_padding>},
    Pass{"fold_batch_normalization", plain<fold_batch_normalization>},
    Pass{"fuse_add", plain<fuse_add>},
    Pass{"fuse_activation", plain<fuse_activation>},
    Pass{"add_gradients", plain<add_gradients>, is_training, false},
    Pass{"mix_precision", plain<mix_precision>, is_mixed},
    Pass{"quantize", quantize_with_ranges, is_int8},
    Pass{"put_frozen_first", plain<put_frozen_first>,
         [](const Program&, const PlanOptions& options) { return options.frozen_first; }},
    Pass{"put_sums_last", plain<put_sums_last>, nullptr, false},
    Pass{"split_batch",
         [](Program& program, const PlanOptions& options) { split_batch(program, options.cache_bytes); }},
    Pass{"finish_sums_early", plain<finish_sums_early>, is_training},
};

/// Throws for names that are not those of passes that can be disabled.
void check_disabled(const std::vector<std::string>& disabled) {
  for (const std::string& name : disabled) {
    const auto pass = std::ranges::find(kPasses, name, &Pass::name);
    if (pass != kPasses.end() && pass->can_be_disabled) continue;
    std::string known;
    for (const Pass& one : kPasses) {
      if (one.can_be_disabled) known += (known.empty() ? "" : ", ") + std::string(one.name);
    }
    fail(ErrorKind::invalid_argument, "'", name,
         pass == kPasses.end() ? "' is not a pass" : "' is a pass that no plan can do without",
         "; passes that can be disabled: ", known);
  }
}

void verify_after(const Pass& pass, const Program& program) {
  try {
    verify(program);
  } catch (const Error& error) {
    fail(ErrorKind::internal, "after the pass ", pass.name, ": ", error.what());
  }
}

}  // namespace

std::span<const Pass> passes() { return kPasses; }

std::vector<PassInfo> run_passes(Program& program, const PlanOptions& options) {
  using Clock = std::chrono::steady_clock;
  const PassOptions& how = options.passes;
  check_disabled(how.disabled);
  std::vector<PassInfo> log;
  for (const Pass& pass : kPasses) {
    if (!program.training) program.forward_ops = program.graph.ops().size();
    if (pass.applies != nullptr && !pass.applies(program, options)) continue;
    if (std::ranges::find(how.disabled, pass.name) != how.disabled.end()) continue;
    PassInfo info{.name = std::string(pass.name), .ops_before = program.graph.ops().size()};
    const Clock::time_point begin = Clock::now();
    pass.run(program, options);
    info.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    info.ops_after = program.graph.ops().size();
    if (how.verify.value_or(kDebugBuild)) verify_after(pass, program);
    if (how.print) info.program = to_text(program);
    log.push_back(std::move(info));
  }
  return log;
}

}  // namespace graft::plan
