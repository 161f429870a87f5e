// SPDX-License-Identifier: Apache-2.0
// The built page as a constant: the assembler reads the file (docs/decisions/0041-embedded-page.md).
// src/CMakeLists.txt defines GRAFT_REPORT_PAGE, the name of the file.
#include "report/page.hpp"

__asm__(
    ".section .rodata\n"
    ".hidden graft_report_page\n"
    ".global graft_report_page\n"
    "graft_report_page:\n"
    ".incbin \"" GRAFT_REPORT_PAGE
    "\"\n"
    ".hidden graft_report_page_end\n"
    ".global graft_report_page_end\n"
    "graft_report_page_end:\n"
    ".text\n");

extern "C" {
// NOLINTBEGIN(*-avoid-c-arrays, readability-identifier-naming): the assembler defines them
__attribute__((visibility("hidden"))) extern const char graft_report_page[];
__attribute__((visibility("hidden"))) extern const char graft_report_page_end[];
// NOLINTEND(*-avoid-c-arrays, readability-identifier-naming)
}

namespace graft::report {

std::string_view page_template() {
  return {graft_report_page, static_cast<std::size_t>(graft_report_page_end - graft_report_page)};
}

}  // namespace graft::report
