// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/photos.hpp"

namespace graft::cli {

/// The named files, and all photos below the named folders, in this order. Throws Error{not_found} for a name
/// that does not exist.
[[nodiscard]] data::PhotoList list_images(const std::vector<std::string>& names);

/// Labels the photos below one folder by their sub-folder, if no photo is in the folder itself and the
/// sub-folders are not train/, val/ and test/. Otherwise the list does not change.
void label_by_folder(const std::filesystem::path& folder, data::PhotoList& list);

/// Decodes photos; those that cannot be read are reported on standard error. Nothing when none can be read.
[[nodiscard]] std::optional<data::PhotoSet> load_images(const data::PhotoList& list,
                                                        const data::LoadPhotosOptions& options);

/// [{file, reason}]
[[nodiscard]] Json left_out_json(const std::vector<data::LeftOut>& left_out);

}  // namespace graft::cli
