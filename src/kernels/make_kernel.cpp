// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/kernels/kernel.hpp"

#include "kernels/arguments.hpp"
#include "kernels/converting_kernel.hpp"

namespace graft::kernels {

namespace {

/// Where native's own loops are faster, if it has any: convolutions, a single photo's Dense, which only
/// streams its weights from memory, and the kernel's gradient of depthwise convolutions.
bool is_native_faster(const Spec& spec) {
  if (std::holds_alternative<ops::Convolution>(spec.params) ||
      std::holds_alternative<ops::ConvolutionBackwardInput>(spec.params))
    return true;
  if (const auto* gradient = std::get_if<ops::ConvolutionBackwardKernel>(&spec.params))
    return gradient->groups > 1;
  return std::holds_alternative<ops::Dense>(spec.params) && rows(spec.inputs[0].shape) == 1;
}

std::unique_ptr<Kernel> make_any(const Spec& spec) {
  if (is_native_faster(spec)) {
    if (auto kernel = native().make(spec)) return kernel;
  }
  for (const Backend* backend : {&onednn(), &native(), &reference()}) {
    if (auto kernel = backend->make(spec)) return kernel;
  }
  if (any_low(spec)) return make_converting_kernel(spec);
  fail(ErrorKind::unsupported, "no kernel for the operation ", ops::name_of(spec.params));
}

/// A kernel for each thread, where one keeps something from run to run.
class EachItsOwn final : public Kernel {
 public:
  explicit EachItsOwn(std::vector<std::unique_ptr<Kernel>> kernels) : kernels_(std::move(kernels)) {}
  void pack(Inputs inputs) override {
    for (const auto& kernel : kernels_) kernel->pack(inputs);
  }
  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    RunContext only = context;
    only.thread = 0;
    kernels_.at(context.thread)->run(only, inputs, outputs);
  }
  [[nodiscard]] bool runs_at_once() const override { return true; }
  [[nodiscard]] std::string_view implementation() const override {
    return kernels_.front()->implementation();
  }

 private:
  std::vector<std::unique_ptr<Kernel>> kernels_;
};

std::unique_ptr<Kernel> make_at_once(Spec spec) {
  const ExecutionScope one_thread({.threads = 1});
  auto kernel = make_any(spec);
  if (kernel->runs_at_once()) return kernel;
  std::vector<std::unique_ptr<Kernel>> kernels;
  kernels.push_back(std::move(kernel));
  const int threads = std::exchange(spec.at_once, 1);
  while (kernels.size() < static_cast<std::size_t>(threads)) kernels.push_back(make_any(spec));
  return std::make_unique<EachItsOwn>(std::move(kernels));
}

}  // namespace

std::unique_ptr<Kernel> make_kernel(const Spec& spec) {
  return spec.at_once > 1 ? make_at_once(spec) : make_any(spec);
}

bool has_bfloat16() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

}  // namespace graft::kernels
