# graft_add_module(NAME [LIGHT] [DEPENDS module...] [LINKS library...])
# One module is the folder src/NAME, the static target graft_NAME, and headers: in include/graft for users, in
# internal/graft/NAME for other modules, in src/NAME private ones.
# DEPENDS names the modules whose headers it may include, as in tests/structure/module_dependencies.txt. LINKS names outside
# libraries, which only this module uses. LIGHT: the module computes nothing on pixels or weights, so -O1 is enough, which
# compiles in three quarters of the time.
function(graft_add_module name)
  cmake_parse_arguments(ARG "LIGHT" "" "DEPENDS;LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp")
  if(NOT sources)
    message(FATAL_ERROR "module ${name} has no source in ${CMAKE_CURRENT_SOURCE_DIR}/${name}")
  endif()
  add_library(graft_${name} STATIC ${sources})
  target_include_directories(graft_${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/internal>"
                             PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_BINARY_DIR}/generated")
  target_link_libraries(graft_${name} PRIVATE $<BUILD_INTERFACE:graft_compiler> ${ARG_LINKS})
  if(ARG_LIGHT)
    target_compile_options(graft_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(graft_${name} PUBLIC graft_${dependency})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY GRAFT_MODULES graft_${name})
endfunction()

# graft_compile_alone(SOURCE...): sources that are compiled separately where CMAKE_UNITY_BUILD compiles several as one, because
# names in their unnamed namespaces also occur in others.
function(graft_compile_alone)
  set_source_files_properties(${ARGV} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
