# Run by ctest: see CMakeLists.txt. Stops at the first step that fails, with the output of that step.
cmake_minimum_required(VERSION 3.24)
unset(ENV{DESTDIR})

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what} failed (${result}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
run("cmake --install" "${CMAKE_COMMAND}" --install "${GRAFT_BUILD}" --prefix "${WORK}/first")
# An installed tree may be moved: nothing in it may name the folder it was installed to.
file(RENAME "${WORK}/first" "${WORK}/moved")

configure_file("${SOURCES}/consumer.cmake" "${WORK}/sources/CMakeLists.txt" COPYONLY)
file(COPY "${SOURCES}/consumer.cpp" DESTINATION "${WORK}/sources")
set(configure "${CMAKE_COMMAND}" -S "${WORK}/sources" -G Ninja -D "CMAKE_PREFIX_PATH=${WORK}/moved"
              -D CMAKE_BUILD_TYPE=Release -D "CMAKE_CXX_COMPILER=${CXX}" -D "CMAKE_CXX_FLAGS=${FLAGS}")
run("configuring the consumer" ${configure} -B "${WORK}/consumer" -D "GRAFT_WANTED=${GRAFT_VERSION}")
run("building the consumer" "${CMAKE_COMMAND}" --build "${WORK}/consumer")
run("running the consumer" "${WORK}/consumer/consumer")
if(NOT output MATCHES "^graft ${GRAFT_VERSION}\n")
  message(FATAL_ERROR "the consumer printed\n${output}\ninstead of graft ${GRAFT_VERSION}")
endif()

# The same program by pkg-config, without CMake.
find_program(PKG_CONFIG pkg-config REQUIRED)
file(GLOB_RECURSE pc "${WORK}/moved/*/graft.pc")
get_filename_component(pc_folder "${pc}" DIRECTORY)
set(ENV{PKG_CONFIG_PATH} "${pc_folder}")
run("pkg-config" "${PKG_CONFIG}" --cflags --libs "graft = ${GRAFT_VERSION}")
separate_arguments(pc_flags UNIX_COMMAND "${output}")
separate_arguments(flags UNIX_COMMAND "${FLAGS}")
run("pkg-config's libdir" "${PKG_CONFIG}" --variable=libdir graft)
string(STRIP "${output}" pc_libdir)
run("building the consumer by pkg-config" "${CXX}" -std=c++20 ${flags} "${WORK}/sources/consumer.cpp" -o "${WORK}/by_pkg_config"
    ${pc_flags} "-Wl,-rpath,${pc_libdir}")
run("running the consumer built by pkg-config" "${WORK}/by_pkg_config")
if(NOT output MATCHES "^graft ${GRAFT_VERSION}\n")
  message(FATAL_ERROR "the consumer built by pkg-config printed\n${output}\ninstead of graft ${GRAFT_VERSION}")
endif()

execute_process(COMMAND ${configure} -B "${WORK}/too_new" -D GRAFT_WANTED=99.0 RESULT_VARIABLE result OUTPUT_QUIET
                ERROR_VARIABLE output)
if(result EQUAL 0 OR NOT output MATCHES "99\\.0")
  message(FATAL_ERROR "find_package(graft 99.0) should have been refused by its version:\n${output}")
endif()

if(EXISTS "${WORK}/moved/${BINDIR}/graft")
  run("the installed program" "${WORK}/moved/${BINDIR}/graft" --version)
  if(NOT output MATCHES "${GRAFT_VERSION}")
    message(FATAL_ERROR "graft --version printed\n${output}")
  endif()
endif()
