// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace graft {
inline namespace store {

/// Whether pip could find a package at all: this computer has a network, or the environment names a proxy, an
/// index or a folder of packages on this computer. Looked up without asking the network, as pip takes
/// seconds to say no.
[[nodiscard]] bool pip_can_find(const std::string& package);

}  // namespace store
}  // namespace graft
