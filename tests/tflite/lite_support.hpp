// SPDX-License-Identifier: Apache-2.0
// What the tests with LiteRT share.
#pragma once

#include <cstdlib>

#include <gtest/gtest.h>

#include "graft/model.hpp"
#include "graft/tensor.hpp"
#include "graft/tflite.hpp"
#include "graft/tflite/runtime.hpp"

#include "support.hpp"

#define GRAFT_REQUIRE_LITERT()                       \
  if (std::getenv("GRAFT_LITERT_PYTHON") == nullptr) \
  GTEST_SKIP() << "set GRAFT_LITERT_PYTHON to a python that has ai-edge-litert"

namespace graft::test {

/// Saves the model and returns LiteRT's answer for the batch.
[[nodiscard]] inline Tensor lite_answer(const Model& model, const TfliteOptions& options,
                                        const Tensor& batch) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "m.tflite";
  save_tflite(model, file, options);
  return formats::run_engine(lite_rt(), file, batch, std::getenv("GRAFT_LITERT_PYTHON"), folder.path())
      .output;
}

}  // namespace graft::test
