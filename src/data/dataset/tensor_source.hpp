// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "data/dataset/sample_source.hpp"

namespace graft::data {

/// Samples from memory; see Dataset::from_tensors.
[[nodiscard]] std::shared_ptr<const SampleSource> make_tensor_source(
    const Tensor& images, const Tensor& labels, const std::vector<std::string>& class_names);

}  // namespace graft::data
