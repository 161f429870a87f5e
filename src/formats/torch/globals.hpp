// SPDX-License-Identifier: Apache-2.0
// The names that graft lets a torch file use, and what they stand for.
#pragma once

#include <string>
#include <vector>

#include "formats/pickle/value.hpp"

namespace graft::formats::pickle {

/// The meaning of module.name. Error{unsupported} "the file asks to call os.system ..." for every other name;
/// file is the file's name.
[[nodiscard]] Global find_global(const std::string& module, const std::string& name, const std::string& file);

/// The result of calling the global with these arguments. Errors: Error{bad_file}.
[[nodiscard]] Value call_global(const Global& global, const std::vector<Value>& arguments, Arena& arena,
                                const std::string& file);

/// What a persistent id stands for: ('storage', class, key, location, elements, part). Errors:
/// Error{bad_file}, Error{unsupported} for a pickled module.
[[nodiscard]] Value load_persistent(const Value& id, Arena& arena, const std::string& file);

}  // namespace graft::formats::pickle
