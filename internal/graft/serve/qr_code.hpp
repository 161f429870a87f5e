// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace graft::serve {

/// A QR code for a terminal: lines of block characters (UTF-8), two rows of modules a line, dark on light
/// with the margin that scanners need. colours: escape codes set black and white, so that it can be read on
/// dark terminals too. Errors: Error{invalid_argument} for more text than a code holds.
[[nodiscard]] std::string qr_code(const std::string& text, bool colours);
/// The same as rows of "1" (dark) and "0", without a margin.
[[nodiscard]] std::vector<std::string> qr_modules(const std::string& text);

}  // namespace graft::serve
