# Flags that every target of graft is compiled with.
add_library(graft_compiler INTERFACE)
target_compile_options(graft_compiler INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                                -Woverloaded-virtual -Wno-missing-field-initializers)
# No code reads errno after a square root, and setting it prevents the vectorisation of loops.
target_compile_options(graft_compiler INTERFACE -fno-math-errno)
# g++ 12 reports overlaps in std::string's code that do not exist (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(graft_compiler INTERFACE -Wno-restrict)
endif()
# g++ searches its own memory for what it no longer needs, from 128 MB on; from 1 GB on it compiles 4 to 10 % faster.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(graft_compiler INTERFACE "SHELL:--param ggc-min-heapsize=1000000")
endif()
# Exported is what the installed headers declare: docs/decisions/0025-exported-names.md.
target_compile_options(graft_compiler INTERFACE -fvisibility=hidden)
if(GRAFT_WARNINGS_AS_ERRORS)
  target_compile_options(graft_compiler INTERFACE -Werror)
endif()
if(GRAFT_SANITIZE)
  # g++ 12 reports the sanitizers' bookkeeping, for example in <regex>, as uses of uninitialised memory.
  target_compile_options(graft_compiler INTERFACE -Wno-maybe-uninitialized)
  add_compile_options(-fsanitize=${GRAFT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GRAFT_SANITIZE})
endif()
find_program(GRAFT_CCACHE ccache)
if(GRAFT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${GRAFT_CCACHE}")
endif()
