// SPDX-License-Identifier: Apache-2.0
#include "serve/openapi.hpp"

#include <gtest/gtest.h>

namespace graft::test {
namespace {

TEST(ServeOpenApi, ParametersAreObjectsWithASchema) {
  const Json all = serve::openapi(true);
  std::size_t seen = 0;
  for (const auto& [path, methods] : all["paths"].items()) {
    for (const auto& [method, route] : methods.items()) {
      EXPECT_TRUE(route["responses"].contains("401")) << path;
      if (!route.contains("parameters")) continue;
      for (const Json& one : route["parameters"]) {
        EXPECT_TRUE(one.is_object() && one.contains("name") && one.contains("schema")) << path << ' ' << one;
        ++seen;
      }
    }
  }
  EXPECT_GT(seen, 10U);
}

}  // namespace
}  // namespace graft::test
