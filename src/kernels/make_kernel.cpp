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

/// Where native's loops are faster than oneDNN, if native has any: convolutions, Dense of a single row, which
/// only streams its weights from memory, and the kernel's gradient of depthwise convolutions.
bool is_native_faster(const Spec& spec) {
  if (std::holds_alternative<ops::Convolution>(spec.params) ||
      std::holds_alternative<ops::ConvolutionBackwardInput>(spec.params))
    return true;
  if (const auto* gradient = std::get_if<ops::ConvolutionBackwardKernel>(&spec.params))
    return gradient->groups > 1;
  return std::holds_alternative<ops::Dense>(spec.params) && rows(spec.in(ops::Dense::In::x).shape) == 1;
}

std::unique_ptr<Kernel> make_any(const Spec& spec) {
  if (is_native_faster(spec)) {
    if (auto kernel = native().make(spec)) return kernel;
  }
  for (const Backend* backend : {&onednn(), &native(), &reference()}) {
    if (auto kernel = backend->make(spec)) return kernel;
  }
  if (any_not_float32(spec)) return make_converting_kernel(spec);
  fail(ErrorKind::unsupported, "no kernel for the operation ", ops::name_of(spec.params));
}

/// One kernel for each thread, made of kernels that do not allow concurrent runs.
class PerThreadKernels final : public Kernel {
 public:
  explicit PerThreadKernels(std::vector<std::unique_ptr<Kernel>> kernels) : kernels_(std::move(kernels)) {}
  void pack(Inputs inputs) override {
    for (const auto& kernel : kernels_) kernel->pack(inputs);
  }
  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    RunContext only = context;
    only.thread = 0;
    kernels_.at(context.thread)->run(only, inputs, outputs);
  }
  [[nodiscard]] bool allows_concurrent_runs() const override { return true; }
  [[nodiscard]] std::string_view implementation() const override {
    return kernels_.front()->implementation();
  }

 private:
  std::vector<std::unique_ptr<Kernel>> kernels_;
};

std::unique_ptr<Kernel> make_concurrent(Spec spec) {
  const ExecutionScope one_thread({.threads = 1});
  auto kernel = make_any(spec);
  if (kernel->allows_concurrent_runs()) return kernel;
  std::vector<std::unique_ptr<Kernel>> kernels;
  kernels.push_back(std::move(kernel));
  const int threads = std::exchange(spec.concurrency, 1);
  while (kernels.size() < static_cast<std::size_t>(threads)) kernels.push_back(make_any(spec));
  return std::make_unique<PerThreadKernels>(std::move(kernels));
}

}  // namespace

std::unique_ptr<Kernel> make_kernel(const Spec& spec) {
  return spec.concurrency > 1 ? make_concurrent(spec) : make_any(spec);
}

bool has_bfloat16() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

}  // namespace graft::kernels
