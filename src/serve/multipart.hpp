// SPDX-License-Identifier: Apache-2.0
// Bodies of forms with files: multipart/form-data (RFC 7578).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace graft::serve {

/// One part. The views are into the body.
struct FormPart {
  std::string_view name;      ///< of the field
  std::string_view filename;  ///< empty: none was given
  std::string_view content;
};

/// The boundary of a Content-Type "multipart/form-data; boundary=..."; empty: it is another type, or has
/// none.
[[nodiscard]] std::string boundary_of(std::string_view content_type);

/// The parts in their order. Errors: Error{bad_file} for a body that does not have this form, or more than
/// `most` parts.
[[nodiscard]] std::vector<FormPart> form_parts(std::string_view body, std::string_view boundary,
                                               std::size_t most);

}  // namespace graft::serve
