// SPDX-License-Identifier: Apache-2.0
#include "graft/version.hpp"

#include "version_text.hpp"

namespace graft {

std::string_view version() { return GRAFT_VERSION_TEXT; }

}  // namespace graft
