// SPDX-License-Identifier: Apache-2.0
#include "serve/openapi.hpp"

#include <gtest/gtest.h>

namespace graft::test {
namespace {

TEST(ServeOpenApi, ParametersAreObjectsWithASchema) {
  const Json all = serve::openapi(true, 64);
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

TEST(ServeOpenApi, HealthNeedsNoTokenAndFormsAreBounded) {
  const Json all = serve::openapi(true, 7);
  EXPECT_EQ(all["paths"]["/healthz"]["get"]["security"], Json::array());
  EXPECT_FALSE(all["paths"]["/v1/models"]["get"].contains("security"));
  const auto most = [&](const char* path) {
    return all["paths"][path]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
              ["image"]["maxItems"];
  };
  EXPECT_EQ(most("/v1/predict"), 7);
  EXPECT_EQ(most("/v1/explain"), 1);
}

}  // namespace
}  // namespace graft::test
