# `cpack` makes one Debian package with everything that `cmake --install` installs: docs/decisions/0052-one-package.md.
# scripts/build_packages calls it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME graft)
set(CPACK_PACKAGE_VENDOR "graft")
set(CPACK_PACKAGE_CONTACT "graft developers <maintainers@graft.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "transfer learning with pretrained image networks")
set(CPACK_PACKAGE_DESCRIPTION
"graft puts a new head for your classes on a pretrained network and
fine-tunes it on your photos. The result is a classifier, its accuracy on
photos that were not used for training, and a model file that Keras can
open. It computes on the processor and needs no Python.

This package has the program, the C++ library with its headers, and the
documentation with examples.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/packaging/debian.cmake")

# The version says for which system it was built, and sorts before a package of the system's own.
set(system "")
if(EXISTS /etc/os-release)
  file(STRINGS /etc/os-release lines REGEX "^(ID|VERSION_ID)=")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^([A-Z_]+)=\"?([^\"]*)\"?$" "\\2" value "${line}")
    string(REGEX REPLACE "=.*" "" key "${line}")
    set(system_${key} "${value}")
  endforeach()
  set(system "~${system_ID}${system_VERSION_ID}")
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE "1${system}")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/triggers")
# The public headers include nlohmann/json_fwd.hpp, and graft's CMake package looks for it. libheif is not linked: it is loaded
# when a HEIC or AVIF photo is read.
set(CPACK_DEBIAN_PACKAGE_DEPENDS nlohmann-json3-dev)
if(HEIF_FOUND)
  string(APPEND CPACK_DEBIAN_PACKAGE_DEPENDS ", libheif1")
endif()
# FFmpeg's libraries are loaded when a video is read: the program starts without them.
set(ffmpeg "")
foreach(library IN ITEMS libavformat libavcodec libavutil libswscale)
  string(REGEX MATCH "^[0-9]+" major "${VIDEO_${library}_VERSION}")
  string(APPEND ffmpeg ", ${library}${major}")
endforeach()
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates${ffmpeg}")
# pip fetches weights that are published in Python packages; graphviz draws `graft summary --plot`.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "g++, cmake, pkg-config, python3-pip, graphviz")
include(CPack)
