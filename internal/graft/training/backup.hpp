// SPDX-License-Identifier: Apache-2.0
// Training that loses nothing: the state of a fit() in a file, and a callback that writes it and goes on from
// it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "graft/extend/callback.hpp"

namespace graft {

/// Writes a state, whole or not at all: a header of JSON, the tensors' bytes, a checksum. Throws Error{io}.
void write_state(const std::filesystem::path& path, const StateBag& bag);
/// Reads it. Throws Error{not_found}; Error{bad_file} where it is damaged or not such a file.
[[nodiscard]] StateBag read_state(const std::filesystem::path& path);

struct BackupAndRestoreOptions {
  std::filesystem::path file;               ///< its folder is made at need
  std::optional<std::int64_t> save_freq;    ///< batches between two savings
  std::optional<double> save_seconds;       ///< time between two; longer where a saving takes long itself
  bool delete_checkpoint = true;            ///< removes the file when training ended by itself
  std::function<void(StateBag&)> decorate;  ///< adds the caller's own facts before a saving
  /// Looks at a state that was found: false starts anew, leaving the file until the next saving.
  std::function<bool(const StateBag&)> accept;
};
/// Keeps the whole state of training in a file, by default after each epoch, and always when training is
/// asked to stop; a fit() that finds the file goes on from it to the same weights, bit by bit, as a fit()
/// that was never disturbed with as many threads (keras.callbacks.BackupAndRestore, which takes a folder).
[[nodiscard]] CallbackPtr BackupAndRestore(BackupAndRestoreOptions options);

}  // namespace graft
