// SPDX-License-Identifier: Apache-2.0
// A layer called on a tensor.
#include "graft/base/fail.hpp"
#include "graft/execution.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/core.hpp"
#include "graft/model.hpp"
#include "graft/plan/plan.hpp"

namespace graft {
namespace {

/// A call that is recorded only for as long as this lives, so that the layer's own calls keep their numbers.
class PassingCall {
 public:
  PassingCall(const Layer& layer, const SymbolicTensor& input, CallOptions options)
      : base_(layer.base()), output_(layer(input, options)) {}
  PassingCall(const PassingCall&) = delete;
  PassingCall& operator=(const PassingCall&) = delete;
  ~PassingCall() { base_->forget_last_call(); }

  [[nodiscard]] const SymbolicTensor& output() const { return output_; }

 private:
  std::shared_ptr<layers::LayerBase> base_;
  SymbolicTensor output_;
};

}  // namespace

Tensor Layer::operator()(const Tensor& input, CallOptions options) const {
  if (base_ == nullptr) fail(ErrorKind::invalid_argument, "an empty handle of a layer was called");
  if (input.shape().rank() == 0 || input.empty()) {
    fail(ErrorKind::shape_mismatch, class_name(), " '", name(), "': expected a batch (N, ...), received ",
         input.shape());
  }
  const bool training = options.training.value_or(false);
  const SymbolicTensor symbolic = Input(input.shape().without_batch(), "tensor");
  const PassingCall call(*this, symbolic, options);
  const plan::PlanOptions lowered{.mode = training ? plan::Mode::training : plan::Mode::inference,
                                  .batch_size = input.shape()[0],
                                  .execution = {.dtype_policy = DTypePolicy::float32}};
  plan::Plan plan = plan::Plan::lower(Model(symbolic, call.output()), lowered);
  plan.forward(input.to(DType::float32), random_seed(), training ? base_->count_tensor_call() : 0);
  return plan.output().clone();
}

}  // namespace graft
