# graft_add_module(NAME [LIGHT] [PROGRAM] [FAST folder...] [DEPENDS module...] [LINKS library...])
# One module is the folder src/NAME, the static target graft_NAME, and headers: in include/graft for users, in
# internal/graft/NAME for other modules, in src/NAME private ones.
# DEPENDS names the modules whose headers it may include, as in tests/structure/module_dependencies.txt. LINKS names outside
# libraries, which only this module uses. LIGHT: the module has no loops over pixels or weights, so -O1 is enough, which
# compiles in two thirds of the time. FAST names folders of a LIGHT module that do have such loops. PROGRAM: belongs to the program
# graft only, not to the library.
function(graft_add_module name)
  cmake_parse_arguments(ARG "LIGHT;PROGRAM" "" "FAST;DEPENDS;LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp")
  if(NOT sources)
    message(FATAL_ERROR "module ${name} has no source in ${CMAKE_CURRENT_SOURCE_DIR}/${name}")
  endif()
  set(fast_sources "")
  foreach(folder IN LISTS ARG_FAST)
    set(in_folder ${sources})
    list(FILTER in_folder INCLUDE REGEX "/src/${name}/${folder}/")
    list(FILTER sources EXCLUDE REGEX "/src/${name}/${folder}/")
    list(APPEND fast_sources ${in_folder})
  endforeach()
  set(targets graft_${name})
  add_library(graft_${name} STATIC ${sources})
  if(ARG_LIGHT)
    target_compile_options(graft_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  if(fast_sources)
    # Other flags need another target. The two call each other, so each links the other.
    list(APPEND targets graft_${name}_fast)
    add_library(graft_${name}_fast STATIC ${fast_sources})
    target_link_libraries(graft_${name}_fast PUBLIC graft_${name})
    target_link_libraries(graft_${name} PUBLIC graft_${name}_fast)
  endif()
  foreach(target IN LISTS targets)
    # Where several sources are compiled as one, a module is one: docs/decisions/0020-several-sources-as-one.md.
    set_target_properties(${target} PROPERTIES UNITY_BUILD_BATCH_SIZE 0)
    target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/internal>"
                               PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_BINARY_DIR}/generated")
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:graft_compiler> ${ARG_LINKS})
    foreach(dependency IN LISTS ARG_DEPENDS)
      target_link_libraries(${target} PUBLIC graft_${dependency})
    endforeach()
    if(NOT ARG_PROGRAM)
      set_property(GLOBAL APPEND PROPERTY GRAFT_MODULES ${target})
    endif()
  endforeach()
endfunction()

# graft_compile_alone(SOURCE...): sources that are compiled separately where CMAKE_UNITY_BUILD compiles several as one, because
# names in their unnamed namespaces also occur in others.
function(graft_compile_alone)
  set_source_files_properties(${ARGV} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
