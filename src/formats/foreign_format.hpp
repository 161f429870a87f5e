// SPDX-License-Identifier: Apache-2.0
// Formats that graft does not read, recognised so that a message can name them.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace graft::formats {

/// A format that graft does not read.
struct ForeignFormat {
  std::string_view what;     ///< "a Core ML model (.mlmodel)"
  std::string_view instead;  ///< what to do: "load the model in Keras and save it with ..."
};

/// What a file is by its first bytes (about 512) and its name; nothing for other files.
[[nodiscard]] std::optional<ForeignFormat> foreign_format(std::string_view head, std::string_view name);

}  // namespace graft::formats
