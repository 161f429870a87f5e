// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/data/photo_set.hpp"

namespace graft::cli {

/// Files as named, and all photos below folders, in this order. Throws Error{not_found} for what is not
/// there.
[[nodiscard]] data::PhotoList list_images(const std::vector<std::string>& names);

/// Labels for the photos below one folder: the sub-folder that each lies in, where none lies in the folder
/// itself and the sub-folders are not train/, val/ and test/; else nothing changes.
void label_by_folder(const std::filesystem::path& folder, data::PhotoList& list);

/// Decodes them; those that cannot be are told on stderr with their reason. Nothing when none can be.
[[nodiscard]] std::optional<data::PhotoSet> load_images(const data::PhotoList& list,
                                                        const data::LoadPhotosOptions& options);

/// [{file, reason}]
[[nodiscard]] Json left_out_json(const std::vector<data::LeftOut>& left_out);

}  // namespace graft::cli
