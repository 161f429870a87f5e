// SPDX-License-Identifier: Apache-2.0
// Names of classes and files as requests give them.
#pragma once

#include <string>
#include <string_view>

namespace graft::serve::studio {

/// A name for a class's folder, without spaces around it. Errors: Refusal 400 for an empty or long one, one
/// with / or control characters, a hidden one, and one that means a part (train, test, ...). nested: a path
/// such as animal/dog, whose parts are such names.
[[nodiscard]] std::string class_name_of(std::string_view given, bool nested = false);
/// A name for a photo's file from what a browser calls it: its last part, without control characters and
/// leading dots, at most 120 bytes, with this extension where it has none of a picture.
[[nodiscard]] std::string file_name_of(std::string_view given, std::string_view extension);
/// Whether a file is a picture by its name.
[[nodiscard]] bool has_picture_name(std::string_view name);
/// Whether a file may be a list of labels by its name: .csv, .tsv, .jsonl.
[[nodiscard]] bool has_list_name(std::string_view name);
/// "a.jpg", 3 -> "a-3.jpg".
[[nodiscard]] std::string numbered(const std::string& name, int number);

}  // namespace graft::serve::studio
