// SPDX-License-Identifier: Apache-2.0
// What compile() was told, to and from the form in which Keras keeps it in model files.
#pragma once

#include <vector>

#include "graft/base/json_fwd.hpp"
#include "graft/training/training.hpp"

namespace graft {

/// Keras's compile_config of these options (keras.Model.get_compile_config).
[[nodiscard]] Json compile_config(const CompileOptions& options);

/// The options of a compile_config. Throws Error{bad_file} for one without an optimizer or loss, or of a form
/// that Keras does not write; Error{unsupported} naming what graft does not have.
[[nodiscard]] CompileOptions compile_options_from_config(const Json& config);

/// Compiles a model as its file says, so that fit() goes on where it stopped, here or in Keras:
///   auto loaded = saving::load_model("model.keras");
///   compile_from_config(loaded.model, loaded.compile_config, loaded.optimizer);
///   optimizer  its variables in Keras's order; empty: it starts anew
/// Throws as compile_options_from_config, and Error{shape_mismatch} for variables that do not fit the model.
void compile_from_config(Model& model, const Json& config, const std::vector<Tensor>& optimizer = {});

}  // namespace graft
