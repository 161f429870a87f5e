// SPDX-License-Identifier: Apache-2.0
// Cross-entropy after the other activation: the numbers of Keras on TensorFlow (docs/decisions/0026).
#include <string>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/formats/npy.hpp"
#include "graft/saving.hpp"
#include "graft/training.hpp"

#include "support.hpp"

namespace graft {
namespace {

std::filesystem::path folder() { return test::goldens() / "cases" / "loss_of_other_activation"; }

double loss_of(const char* file, const LossPtr& loss, const char* labels) {
  Model model = saving::load_model(folder() / file).model;
  model.compile({.optimizer = SGD(), .loss = loss});
  return model
      .test_on_batch(formats::read_npy(folder() / "x.npy").to(DType::float32),
                     formats::read_npy(folder() / labels).to(DType::float32))
      .loss;
}

TEST(LossOfOtherActivation, BinaryAfterSoftmax) {
  EXPECT_NEAR(loss_of("ma.keras", BinaryCrossentropy(), "y2h.npy"), 0.69038, 1e-4);
}

TEST(LossOfOtherActivation, CategoricalAfterSigmoid) {
  EXPECT_NEAR(loss_of("mb.keras", CategoricalCrossentropy(), "yc.npy"), 1.22912, 1e-4);
}

}  // namespace
}  // namespace graft
