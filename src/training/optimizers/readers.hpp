// SPDX-License-Identifier: Apache-2.0
// One function for each optimizer that makes it of Keras's config; optimizer_from_config chooses among them.
#pragma once

#include "graft/training/optimizers.hpp"

#include "training/settings.hpp"

namespace graft::training {

/// What a reader is given: the config, and what all optimizers share, read already.
struct OptimizerSource {
  const Settings& settings;
  LearningRate learning_rate;
  OptimizerOptions shared;
};

[[nodiscard]] OptimizerPtr read_sgd(const OptimizerSource& source);
[[nodiscard]] OptimizerPtr read_rmsprop(const OptimizerSource& source);
[[nodiscard]] AdamOptions read_adam_options(const OptimizerSource& source);
[[nodiscard]] OptimizerPtr read_lion(const OptimizerSource& source);
[[nodiscard]] OptimizerPtr read_adagrad(const OptimizerSource& source);
[[nodiscard]] OptimizerPtr read_adadelta(const OptimizerSource& source);
[[nodiscard]] OptimizerPtr read_ftrl(const OptimizerSource& source);

}  // namespace graft::training
