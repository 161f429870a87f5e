// SPDX-License-Identifier: Apache-2.0
// The state of a fit() in a file, and a callback that writes it and resumes from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "graft/extend/callback.hpp"

namespace graft {

/// Writes a state as a whole or not at all: a header of JSON, the tensors' bytes, a checksum. Throws
/// Error{io}.
void write_state(const std::filesystem::path& path, const StateBag& bag);
/// Reads it. Throws Error{not_found}; Error{bad_file} where it is damaged or not such a file.
[[nodiscard]] StateBag read_state(const std::filesystem::path& path);

struct BackupAndRestoreOptions {
  std::filesystem::path file;               ///< its folder is created if missing
  std::optional<std::int64_t> save_freq;    ///< batches between two savings
  std::optional<double> save_seconds;       ///< time between two; longer where saving is slow
  bool writes = true;                       ///< false: only resumes; for all ranks but one
  bool delete_checkpoint = true;            ///< removes the file when training is complete
  std::function<void(StateBag&)> decorate;  ///< adds the caller's own facts before a saving
  /// Decides on a state that was found: false starts from the beginning and keeps the file until the next
  /// saving.
  std::function<bool(const StateBag&)> accept;
};
/// Saves the whole state of training in a file, by default after each epoch, and always when training is
/// stopped. A fit() that finds the file resumes from it. With the same number of threads it ends with the
/// same weights, bit by bit, as an uninterrupted fit() (keras.callbacks.BackupAndRestore, which has a folder
/// instead).
[[nodiscard]] CallbackPtr BackupAndRestore(BackupAndRestoreOptions options);

}  // namespace graft
