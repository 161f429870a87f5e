// SPDX-License-Identifier: Apache-2.0
// What the tests of ONNX files share.
#pragma once

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "graft/model.hpp"
#include "graft/onnx.hpp"
#include "graft/tensor.hpp"

namespace graft::test {

/// Weights and statistics that no formula forgives: every gamma, mean and variance differs from its initial
/// value.
void randomize(Model& model);
/// (n, H, W, C), whole numbers from 0 to 255.
[[nodiscard]] Tensor random_pixels(std::int64_t count, const Shape& input);

/// (N, H, W, C) as (N, C, H, W).
[[nodiscard]] Tensor channels_first(const Tensor& batch);

/// Largest difference, as a part of the largest number where that is above 1.
[[nodiscard]] double part_of_largest(const Tensor& one, const Tensor& other);
/// Saves the model, checks the file with onnx.checker where the Python has it, and returns ONNX Runtime's
/// answer for the batch.
[[nodiscard]] Tensor runtime_answer(const Model& model, const OnnxOptions& options, const Tensor& batch);

}  // namespace graft::test

#define GRAFT_REQUIRE_ONNX_RUNTIME()               \
  if (std::getenv("GRAFT_ONNX_PYTHON") == nullptr) \
  GTEST_SKIP() << "set GRAFT_ONNX_PYTHON to a python that has onnx and onnxruntime"
