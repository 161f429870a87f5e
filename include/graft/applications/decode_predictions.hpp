// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "graft/tensor/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::applications {

struct ImagenetClass {
  std::string_view wnid;  ///< WordNet id: "n02107142"
  std::string_view name;  ///< "Doberman"
};

/// The 1000 classes of ImageNet (ILSVRC 2012) in the order of every application's outputs.
[[nodiscard]] std::span<const ImagenetClass> imagenet_classes();

struct ClassPrediction {
  std::string_view wnid;
  std::string_view name;
  float probability = 0;   ///< the model's output
  std::int64_t index = 0;  ///< 0..999
};

/// The top classes of each row, most probable first; equal ones by index.
///   predictions  float32 (N, 1000)
///   top          number of classes per row, at least 1; at most 1000 are returned
///   Throws       Error{shape_mismatch}, Error{invalid_argument}
[[nodiscard]] std::vector<std::vector<ClassPrediction>> decode_predictions(const Tensor& predictions,
                                                                           int top = 5);

}  // namespace graft::applications

#pragma GCC visibility pop
