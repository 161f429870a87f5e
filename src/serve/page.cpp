// SPDX-License-Identifier: Apache-2.0
// The phone page as a constant, as the report's: docs/decisions/0041-embedded-page.md. src/CMakeLists.txt
// defines GRAFT_PHONE_PAGE, the name of the file.
#include "serve/api.hpp"

__asm__(
    ".section .rodata\n"
    ".hidden graft_phone_page\n"
    ".global graft_phone_page\n"
    "graft_phone_page:\n"
    ".incbin \"" GRAFT_PHONE_PAGE
    "\"\n"
    ".hidden graft_phone_page_end\n"
    ".global graft_phone_page_end\n"
    "graft_phone_page_end:\n"
    ".text\n");

extern "C" {
// NOLINTBEGIN(*-avoid-c-arrays, readability-identifier-naming): the assembler defines them
__attribute__((visibility("hidden"))) extern const char graft_phone_page[];
__attribute__((visibility("hidden"))) extern const char graft_phone_page_end[];
// NOLINTEND(*-avoid-c-arrays, readability-identifier-naming)
}

namespace graft::serve {

// NOLINTNEXTLINE(performance-unnecessary-value-param): the signature of every route
void answer_page(Api&, Request&, const std::string&, const Reply& reply) {
  reply({.content_type = "text/html; charset=utf-8",
         .body =
             std::string(graft_phone_page, static_cast<std::size_t>(graft_phone_page_end - graft_phone_page)),
         .headers = {{"Content-Security-Policy", "frame-ancestors 'none'"}}});
}

}  // namespace graft::serve
