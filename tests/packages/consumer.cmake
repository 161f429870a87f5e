# Becomes CMakeLists.txt of a user's project. By default it uses an installed graft; with GRAFT_SOURCE it builds graft itself.
cmake_minimum_required(VERSION 3.24)
project(consumer LANGUAGES CXX)
set(GRAFT_SOURCE "" CACHE PATH "graft's source tree, to be built by FetchContent")

if(GRAFT_SOURCE)
  include(FetchContent)
  FetchContent_Declare(graft SOURCE_DIR "${GRAFT_SOURCE}")
  FetchContent_MakeAvailable(graft)
else()
  find_package(graft 0.1 REQUIRED)
endif()

add_executable(consumer consumer.cpp)
target_link_libraries(consumer PRIVATE graft::graft)
