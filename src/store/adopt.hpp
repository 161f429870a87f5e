// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "graft/weights_store.hpp"

#include "store/digest.hpp"

namespace graft {
inline namespace store {

/// The published files that a file with this content is, at least one.
using RowsOfContent = std::function<std::vector<PublishedFile>(const Digest::Result& content)>;

/// Copies a file into the store, verified, under the names of its rows; the file itself stays. origin: the
/// file that a person named. Errors: as import_weights().
StoredWeights adopt(const std::filesystem::path& file, const RowsOfContent& rows_of,
                    const std::string& origin);

}  // namespace store
}  // namespace graft
