// SPDX-License-Identifier: Apache-2.0
// Optimizers, losses, metrics and learning rates from Keras's serialised form or from a name. Each throws
// Error{bad_file} for another form and Error{unsupported} for a class that is neither graft's nor registered.
#pragma once

#include "graft/training.hpp"

namespace graft {

[[nodiscard]] LossPtr loss_from_config(const Json& config);
[[nodiscard]] MetricPtr metric_from_config(const Json& config);
/// "adam" and "Adam" are names too. The optimizer has no state.
[[nodiscard]] OptimizerPtr optimizer_from_config(const Json& config);
/// A number, or a serialised schedule.
[[nodiscard]] LearningRate learning_rate_from_config(const Json& config);

/// Keras's compile_config of these options (keras.Model.get_compile_config).
[[nodiscard]] Json compile_config(const CompileOptions& options);
/// The options of a compile_config. Throws Error{bad_file} for one without an optimizer or loss.
[[nodiscard]] CompileOptions compile_options_from_config(const Json& config);

}  // namespace graft
