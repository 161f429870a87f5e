# Becomes CMakeLists.txt of the consumer project: a user's own build file.
cmake_minimum_required(VERSION 3.24)
project(consumer LANGUAGES CXX)
find_package(graft ${GRAFT_WANTED} REQUIRED)
add_executable(consumer consumer.cpp)
target_link_libraries(consumer PRIVATE graft::graft)
