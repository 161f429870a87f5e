// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "CLI/CLI.hpp"

namespace graft::cli {

/// Runs the command of the parsed command line; returns the exit code.
using Run = std::function<int()>;

// Each adds one command. When the command line names it, `run` is set to run it.
void add_train(CLI::App& app, Run& run);
void add_advise(CLI::App& app, Run& run);
void add_evaluate(CLI::App& app, Run& run);
void add_report(CLI::App& app, Run& run);
void add_compare(CLI::App& app, Run& run);
void add_predict(CLI::App& app, Run& run);
void add_serve(CLI::App& app, Run& run);
void add_studio(CLI::App& app, Run& run);
void add_summary(CLI::App& app, Run& run);
void add_features(CLI::App& app, Run& run);
void add_models(CLI::App& app, Run& run);
void add_profile(CLI::App& app, Run& run);
void add_lr_find(CLI::App& app, Run& run);
void add_preview(CLI::App& app, Run& run);
void add_edit(CLI::App& app, Run& run);
void add_quantize(CLI::App& app, Run& run);
void add_export(CLI::App& app, Run& run);
void add_similar(CLI::App& app, Run& run);
void add_map(CLI::App& app, Run& run);
void add_inspect(CLI::App& app, Run& run);
void add_explain(CLI::App& app, Run& run);
void add_cache(CLI::App& app, Run& run);
void add_weights(CLI::App& app, Run& run);
void add_manual(CLI::App& app, Run& run);
void add_completion(CLI::App& app, Run& run);

}  // namespace graft::cli
