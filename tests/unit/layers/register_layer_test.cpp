// SPDX-License-Identifier: Apache-2.0
// register_layer(): classes of layers that are not graft's.
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/registry.hpp"

namespace graft::layers {
namespace {

Layer dense_of(const Json& config) {
  return Dense({.units = 2, .name = config.at("name").get<std::string>()});
}

ErrorKind kind_of_registering(const std::string& package, const std::string& class_name) {
  try {
    register_layer(package, class_name, dense_of);
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::internal;
}

TEST(RegisterLayer, IsKnownByClassNameAndByRegisteredName) {
  EXPECT_FALSE(is_known("TwoUnits"));
  register_layer("lab", "TwoUnits", dense_of);
  EXPECT_TRUE(is_known("TwoUnits"));
  EXPECT_TRUE(is_known("lab>TwoUnits"));
  EXPECT_FALSE(is_known("other>TwoUnits"));
  EXPECT_EQ(registered_name("TwoUnits"), "lab>TwoUnits");
  EXPECT_EQ(registered_name("Dense"), "");
  EXPECT_EQ(from_config("lab>TwoUnits", {{"name", "two"}}).name(), "two");
}

TEST(RegisterLayer, RefusesOwnNamesDuplicatesAndNamesThatFilesCannotHold) {
  EXPECT_EQ(kind_of_registering("lab", "Conv2D"), ErrorKind::invalid_argument);
  register_layer("lab", "Twice", dense_of);
  EXPECT_EQ(kind_of_registering("lab", "Twice"), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of_registering("other", "Twice"), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of_registering("", "Nameless"), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of_registering("lab", ""), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of_registering("lab", "a>b"), ErrorKind::invalid_argument);
  EXPECT_FALSE(is_known("Nameless"));
}

TEST(RegisterLayer, MayBeCalledFromSeveralThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int k = 0; k < 20; ++k) {
        register_layer("lab", cat("Thread", i, "Layer", k), dense_of);
        static_cast<void>(from_config("Dense", {{"name", "d"}, {"units", 3}}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 4; ++i)
    for (int k = 0; k < 20; ++k) EXPECT_TRUE(is_known(cat("Thread", i, "Layer", k)));
}

}  // namespace
}  // namespace graft::layers
