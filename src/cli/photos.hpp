// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/data/photo_set.hpp"

namespace graft::cli {

/// Files as named, and all photos below folders, in this order. Throws Error{not_found} for what is not
/// there.
[[nodiscard]] data::PhotoList list_images(const std::vector<std::string>& names);

/// Decodes them; those that cannot be are told on stderr with their reason. Nothing when none can be.
[[nodiscard]] std::optional<data::PhotoSet> load_images(const data::PhotoList& list,
                                                        const data::LoadOptions& options);

/// [{file, reason}]
[[nodiscard]] Json left_out_json(const std::vector<data::LeftOut>& left_out);

}  // namespace graft::cli
