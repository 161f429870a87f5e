// SPDX-License-Identifier: Apache-2.0
// The options of Model::compile(), fit() and evaluate().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graft/data/dataset.hpp"
#include "graft/models/model.hpp"
#include "graft/training/callback.hpp"
#include "graft/training/history.hpp"
#include "graft/training/loss.hpp"
#include "graft/training/optimizers.hpp"

namespace graft {

struct CompileOptions {
  OptimizerPtr optimizer;
  LossPtr loss;
  /// "accuracy" is the one known so far. On a binary loss it is BinaryAccuracy at a probability of one half,
  /// which for logits is 0 (Keras's "accuracy" compares logits with 0.5; its tutorial asks for 0 by hand).
  std::vector<std::string> metrics;
};

struct FitOptions {
  std::int64_t epochs = 1;         ///< the number of the last epoch, as in Keras
  std::int64_t initial_epoch = 0;  ///< the first epoch's number
  std::optional<data::Dataset> validation_data;
  std::map<int, double> class_weight;  ///< integer class -> weight of its samples; 1 for those not named
  std::vector<CallbackPtr> callbacks;
};

struct EvaluateResult {
  double loss = 0;
  double accuracy = 0;  ///< 0 where "accuracy" is not among the metrics
  std::int64_t samples = 0;
};

}  // namespace graft
