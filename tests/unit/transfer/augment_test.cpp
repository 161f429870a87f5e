// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/recipes.hpp"

namespace graft::transfer {
namespace {

TEST(Augment, NamesMakeLayersAndChangesOfBatches) {
  EXPECT_EQ(augment_from_names("default").layers.size(), 2U);
  EXPECT_TRUE(augment_from_names("none").layers.empty());
  const Augment both = augment_from_names("light,mixup,randaugment=0.3");
  EXPECT_EQ(both.layers.size(), 3U);
  EXPECT_EQ(both.batches.size(), 2U);
  EXPECT_TRUE(both.mixes_labels);
  EXPECT_FALSE(augment_from_names("strong,erasing").mixes_labels);
  for (const char* wrong : {"", "flip,light", "mixup,cake", "flip,"})
    EXPECT_THROW((void)augment_from_names(wrong), Error) << wrong;
}

}  // namespace
}  // namespace graft::transfer
