// SPDX-License-Identifier: Apache-2.0
// Automatic names: as Keras counts them, per thread, and again from the start in a NameScope.
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "graft/layers.hpp"
#include "graft/layers/name_scope.hpp"

namespace graft::layers {
namespace {

std::string next_name() { return ReLU().name(); }

TEST(AutomaticNames, AreNumberedInTheOrderOfLayers) {
  clear_session();
  EXPECT_EQ(next_name(), "re_lu");
  EXPECT_EQ(next_name(), "re_lu_1");
  EXPECT_EQ(GlobalAveragePooling2D().name(), "global_average_pooling2d");
  clear_session();
  EXPECT_EQ(next_name(), "re_lu");
}

TEST(AutomaticNames, AreCountedPerThread) {
  clear_session();
  EXPECT_EQ(next_name(), "re_lu");
  std::string other;
  std::thread([&] { other = next_name(); }).join();
  EXPECT_EQ(other, "re_lu");
  EXPECT_EQ(next_name(), "re_lu_1");
}

TEST(AutomaticNames, AScopeStartsAgainAndRestores) {
  clear_session();
  EXPECT_EQ(next_name(), "re_lu");
  {
    const NameScope scope;
    EXPECT_EQ(next_name(), "re_lu");
    EXPECT_EQ(next_name(), "re_lu_1");
  }
  EXPECT_EQ(next_name(), "re_lu_1");
}

}  // namespace
}  // namespace graft::layers
