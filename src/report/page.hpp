// SPDX-License-Identifier: Apache-2.0
// report.html: the page of web/ with a run's data in it.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "graft/base/json.hpp"

namespace graft {
inline namespace report {

/// Writes the page. thumbnails: called once, at their place, writes a line for each photo: a data URL, or
/// nothing where there is no picture.
void write_page(std::ostream& out, const Json& report,
                const std::function<void(std::ostream& out)>& thumbnails);

/// A JSON text that cannot end the <script> element it stands in.
[[nodiscard]] std::string json_for_script(const Json& value);
/// A text that HTML shows as it is.
[[nodiscard]] std::string html_text(std::string_view text);
/// web/ as one page with marks for the data; built by web/CMakeLists.txt.
[[nodiscard]] std::string_view page_template();

}  // namespace report
}  // namespace graft
