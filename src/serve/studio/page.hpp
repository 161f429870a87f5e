// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace graft::serve::studio {

/// The page, HTML.
[[nodiscard]] std::string page();

}  // namespace graft::serve::studio
