# Run by cpack on the installed tree before it is packed: what Debian's policy wants otherwise than `cmake --install` has it.
set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr")
set(doc "${root}/share/doc/graft")

file(WRITE "${doc}/copyright" "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: graft

Files: *
Copyright: 2026 the graft developers
License: Apache-2.0

License: Apache-2.0
 Licensed under the Apache License, Version 2.0. On Debian systems its text is in
 /usr/share/common-licenses/Apache-2.0.
")
file(REMOVE "${doc}/LICENSE")

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE "${doc}/changelog.Debian" "graft (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * See CHANGELOG.md in this folder.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
# Where Debian's zsh looks for what packages install.
file(RENAME "${root}/share/zsh/site-functions" "${root}/share/zsh/vendor-completions")
file(GLOB manual_pages "${root}/share/man/man1/*.1")
foreach(file "${doc}/changelog.Debian" ${manual_pages})
  execute_process(COMMAND gzip -9 -n -f "${file}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND chmod -R u=rwX,go=rX "${root}" COMMAND_ERROR_IS_FATAL ANY)
