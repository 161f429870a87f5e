// SPDX-License-Identifier: Apache-2.0
// GRAFT_PRECISION: what --precision of a training is where it is not given.
#include <cstdlib>

#include <gtest/gtest.h>

#include "small_training.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

class CliPrecision : public SmallTraining {
 protected:
  void SetUp() override {
    for (int i = 0; i < 12; ++i) {
      write_picture(root() / "photos" / "red" / (std::to_string(i) + ".ppm"), 200 + i, 30, 20);
      write_picture(root() / "photos" / "blue" / (std::to_string(i) + ".ppm"), 30, 20, 200 + i);
    }
  }
  void TearDown() override { unsetenv("GRAFT_PRECISION"); }
};

TEST_F(CliPrecision, OfTheEnvironmentCountsWhereTheOptionIsNotGiven) {
  setenv("GRAFT_PRECISION", "mixed_bfloat16", 1);
  const Outcome named = train({"photos", "--recipe", "head", "--out", "named"});
  ASSERT_EQ(named.code, 0) << named.err;
  EXPECT_EQ(named.json()["facts"]["precision"], "mixed_bfloat16");
  const Outcome given = train({"photos", "--recipe", "head", "--precision", "float32", "--out", "given"});
  ASSERT_EQ(given.code, 0) << given.err;
  EXPECT_EQ(given.json()["facts"]["precision"], "float32");
}

TEST_F(CliPrecision, AnotherValueOfTheEnvironmentIsAMessage) {
  setenv("GRAFT_PRECISION", "float16", 1);
  const Outcome refused = train({"photos", "--out", "no"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(says(refused.err, "float16")) << refused.err;
  EXPECT_TRUE(says(refused.err, "mixed_bfloat16")) << refused.err;
}

}  // namespace
}  // namespace graft::test
