// SPDX-License-Identifier: Apache-2.0
// The studio's page as a constant, as the phone page: docs/decisions/0041-embedded-page.md.
#include "serve/studio/page.hpp"

#include <cstddef>

__asm__(
    ".section .rodata\n"
    ".hidden graft_studio_page\n"
    ".global graft_studio_page\n"
    "graft_studio_page:\n"
    ".incbin \"" GRAFT_STUDIO_PAGE
    "\"\n"
    ".hidden graft_studio_page_end\n"
    ".global graft_studio_page_end\n"
    "graft_studio_page_end:\n"
    ".text\n");

extern "C" {
// NOLINTBEGIN(*-avoid-c-arrays, readability-identifier-naming): the assembler defines them
__attribute__((visibility("hidden"))) extern const char graft_studio_page[];
__attribute__((visibility("hidden"))) extern const char graft_studio_page_end[];
// NOLINTEND(*-avoid-c-arrays, readability-identifier-naming)
}

namespace graft::serve::studio {

std::string page() {
  return {graft_studio_page, static_cast<std::size_t>(graft_studio_page_end - graft_studio_page)};
}

}  // namespace graft::serve::studio
