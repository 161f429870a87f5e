// SPDX-License-Identifier: Apache-2.0
// What a training takes from the folder of an earlier one.
#pragma once

#include <filesystem>

#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// Copies the options of an earlier run from the settings.json beside its model: model, precision, batch
/// size, seed, EXIF, JPEG decoding. Sets options.recipe to a RoundRecipe with the earlier recipe's name,
/// epochs, views and learning rate. Without that file (only a model file) the recipe is `head` for a frozen
/// model under a trained classifier and `network` for any other. Errors: Error{not_found}; Error{bad_file}
/// for broken settings; as saving::load_model.
void read_earlier_settings(const std::filesystem::path& from, TrainOptions& options);

/// True where options.model names the user's own model file (.keras, .h5, .hdf5, or .json: a config as
/// Keras's model.to_json() writes it) and no architecture.
[[nodiscard]] bool is_network_file(const TrainOptions& options);

/// Copies a result folder's record of its rounds (rounds.json, settings.json) to another folder that received
/// a rebuilt model. Does nothing where there is none, or where the other folder has its own. Throws
/// Error{io}.
void copy_round_files(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes the temporary files and folders of a killed run from its result folder: what it was writing at
/// that moment.
void remove_leftovers(const std::filesystem::path& folder);

}  // namespace transfer
}  // namespace graft
