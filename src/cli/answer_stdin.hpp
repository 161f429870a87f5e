// SPDX-License-Identifier: Apache-2.0
// graft predict --stdin: stays, and answers another program photo by photo.
#pragma once

#include <functional>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"

namespace graft::cli {

/// An answer as predict --json has it. several: the labels of a photo in place of one answer.
[[nodiscard]] Json answer_with_file(const PhotoPrediction& answer, bool several);

/// Reads photos from standard input until its end, and prints one JSON line for each, in their order: a line
/// is the path of a photo, or "=LENGTH" (or "=LENGTH NAME") followed by as many bytes, a photo's file. What
/// cannot be answered has {"file", "reason"}.
///   open  opens the model; called again when its file has changed
/// Returns the exit code. Errors: those of open() at the start.
[[nodiscard]] int answer_stdin(const std::function<Classifier()>& open, const ClassifyOptions& options,
                               bool quiet);

}  // namespace graft::cli
