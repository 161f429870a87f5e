// SPDX-License-Identifier: Apache-2.0
#include "training/frozen_pass.hpp"

#include <utility>

namespace graft::training {
namespace {

std::size_t bytes_of(const std::vector<Tensor>& tensors) {
  std::size_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += tensor.size_bytes();
  return bytes;
}

}  // namespace

const data::Batch* FrozenPass::batch(std::size_t number) const {
  return number < kept_.size() ? &kept_[number].batch : nullptr;
}

bool FrozenPass::put_back(std::size_t number, const plan::Plan& plan) const {
  const Kept& kept = kept_[number];
  if (plan.frozen_version() != kept.version) return false;
  for (std::size_t i = 0; i < kept.values.size(); ++i) {
    Tensor place = plan.frozen_values()[i];
    place.copy_from(kept.values[i]);
  }
  return true;
}

void FrozenPass::keep(const data::Batch& batch, const plan::Plan& plan) {
  const std::vector<Tensor>& values = plan.frozen_values();
  const std::size_t bytes = bytes_of(values);
  if (values.empty() || bytes_ + bytes > most_bytes_) return;
  bytes_ += bytes;
  Kept kept{.batch = {.images = {}, .labels = batch.labels, .indices = batch.indices},
            .images = batch.images.shape(),
            .values = {},
            .version = plan.frozen_version()};
  for (const Tensor& value : values) kept.values.push_back(value.clone());
  kept_.push_back(std::move(kept));
}

void FrozenPass::drop_from(std::size_t number) {
  while (kept_.size() > number) {
    bytes_ -= bytes_of(kept_.back().values);
    kept_.pop_back();
  }
}

}  // namespace graft::training
