# One shared library `graft` made of all modules, and the files that `cmake --install` installs:
#   lib/libgraft.so*  include/graft/  bin/graft  lib/cmake/graft/ (find_package(graft), target graft::graft)
#   lib/pkgconfig/graft.pc (pkg-config graft)
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY GRAFT_MODULES)
set(objects "")
set(archives "")
foreach(module IN LISTS modules)
  get_target_property(type ${module} TYPE)
  # The command line belongs to the program, not to the library.
  if(type STREQUAL "STATIC_LIBRARY" AND NOT module STREQUAL "graft_cli")
    list(APPEND objects "$<TARGET_OBJECTS:${module}>")
    list(APPEND archives ${module})
  endif()
endforeach()

# The objects provide every symbol, also those not used inside. The archives add only the outside libraries that they need.
add_library(graft SHARED ${objects})
add_library(graft::graft ALIAS graft)
set_target_properties(graft PROPERTIES LINKER_LANGUAGE CXX BUILD_WITH_INSTALL_RPATH ON)  # as in src/cli/CMakeLists.txt
target_link_libraries(graft PRIVATE ${archives} PUBLIC nlohmann_json::nlohmann_json)
target_include_directories(graft INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
                                           "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
if(NOT GRAFT_SANITIZE)
  target_link_options(graft PRIVATE -Wl,--no-undefined)
endif()
# The functions of graft.h have versions: docs/decisions/0082-versions-of-c-functions.md.
set(symbols "${PROJECT_SOURCE_DIR}/src/c_api/symbols.map")
target_link_options(graft PRIVATE "-Wl,--version-script=${symbols}")
set_property(TARGET graft APPEND PROPERTY LINK_DEPENDS "${symbols}")
target_compile_features(graft INTERFACE cxx_std_20)
set_target_properties(graft PROPERTIES
  VERSION "${PROJECT_VERSION}"
  SOVERSION "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}"
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

install(TARGETS graft EXPORT graftTargets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/graft" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")

# The pages and examples for users, without links to what is not installed: docs/decisions/0052-one-package.md.
set(installed_pages "${PROJECT_BINARY_DIR}/package/pages")
file(RELATIVE_PATH headers_from_pages "/${CMAKE_INSTALL_DOCDIR}" "/${CMAKE_INSTALL_INCLUDEDIR}")
file(REMOVE_RECURSE "${installed_pages}")
execute_process(COMMAND "${GRAFT_NODE}" "${PROJECT_SOURCE_DIR}/packaging/pages.mjs" "${PROJECT_SOURCE_DIR}" "${installed_pages}"
                        "${headers_from_pages}" COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/*.md" "${PROJECT_SOURCE_DIR}/packaging/*"
     "${PROJECT_SOURCE_DIR}/examples/*.cpp" "${PROJECT_SOURCE_DIR}/examples/*.c" "${PROJECT_SOURCE_DIR}/examples/*.rs"
     "${PROJECT_SOURCE_DIR}/examples/*.go")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page_sources} "${PROJECT_SOURCE_DIR}/CHANGELOG.md")
install(DIRECTORY "${installed_pages}/" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES "${PROJECT_SOURCE_DIR}/data/weights.tsv" DESTINATION "${CMAKE_INSTALL_DOCDIR}/data")
install(FILES "${PROJECT_SOURCE_DIR}/packaging/examples.cmake" DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples" RENAME CMakeLists.txt)

if(TARGET graft_cli)
  get_target_property(type graft_cli TYPE)
  if(type STREQUAL "EXECUTABLE")
    install(TARGETS graft_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
    install(DIRECTORY "${PROJECT_BINARY_DIR}/package/man1" DESTINATION "${CMAKE_INSTALL_MANDIR}")
    install(DIRECTORY "${PROJECT_BINARY_DIR}/package/share/" DESTINATION "${CMAKE_INSTALL_DATADIR}")
  endif()
endif()

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/graft")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/graftConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/package/graftConfig.cmake" INSTALL_DESTINATION "${package_folder}"
                              NO_SET_AND_CHECK_MACRO)
# Until 1.0 a minor version may change the API.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/graftConfigVersion.cmake"
                                 VERSION "${PROJECT_VERSION}" COMPATIBILITY SameMinorVersion)
install(EXPORT graftTargets NAMESPACE graft:: DESTINATION "${package_folder}")
install(FILES "${PROJECT_BINARY_DIR}/package/graftConfig.cmake"
              "${PROJECT_BINARY_DIR}/package/graftConfigVersion.cmake" DESTINATION "${package_folder}")

# pkg-config finds the prefix from its own place, so that the tree may be moved.
file(RELATIVE_PATH GRAFT_PC_TO_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file("${CMAKE_CURRENT_LIST_DIR}/graft.pc.in" "${PROJECT_BINARY_DIR}/package/graft.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/package/graft.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
