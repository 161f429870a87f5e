// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/error.hpp"

#include "support.hpp"

namespace graft::applications {
namespace {

TEST(DecodePredictions, OrderAndNames) {
  Tensor predictions(Shape{2, 1000});
  auto values = predictions.data<float>();
  values[236] = 0.7F;
  values[0] = 0.2F;
  values[999] = 0.2F;
  values[1000 + 285] = 0.9F;
  const auto decoded = decode_predictions(predictions, 4);
  ASSERT_EQ(decoded.size(), 2U);
  ASSERT_EQ(decoded[0].size(), 4U);
  EXPECT_EQ(decoded[0][0].wnid, "n02107142");
  EXPECT_EQ(decoded[0][0].name, "Doberman");
  EXPECT_EQ(decoded[0][0].probability, 0.7F);
  EXPECT_EQ(decoded[0][0].index, 236);
  EXPECT_EQ(decoded[0][1].name, "tench");
  EXPECT_EQ(decoded[0][2].name, "toilet_tissue");
  EXPECT_EQ(decoded[0][3].index, 1);
  EXPECT_EQ(decoded[1][0].name, "Egyptian_cat");
}

TEST(DecodePredictions, StrangeNumbers) {
  Tensor predictions(Shape{1, 1000});
  predictions.data<float>()[5] = std::numeric_limits<float>::quiet_NaN();
  predictions.data<float>()[7] = std::numeric_limits<float>::infinity();
  const auto decoded = decode_predictions(predictions, 100000);
  ASSERT_EQ(decoded[0].size(), 1000U);
  EXPECT_EQ(decoded[0].front().index, 7);
  EXPECT_EQ(decoded[0].back().index, 5);
  EXPECT_THROW((void)decode_predictions(predictions, 0), Error);
  EXPECT_THROW((void)decode_predictions(Tensor(Shape{1, 1001})), Error);
  EXPECT_THROW((void)decode_predictions(Tensor(Shape{1000})), Error);
  EXPECT_TRUE(decode_predictions(Tensor(Shape{0, 1000})).empty());
}

TEST(DecodePredictions, ClassesEqualKeras) {
  GRAFT_REQUIRE_DATA(data);
  const Json index = test::read_json(data / "labels" / "imagenet_class_index.json");
  ASSERT_EQ(index.size(), imagenet_classes().size());
  for (const auto& [number, entry] : index.items()) {
    const ImagenetClass& ours = imagenet_classes()[std::stoul(number)];
    EXPECT_EQ(ours.wnid, entry.at(0).get<std::string>());
    EXPECT_EQ(ours.name, entry.at(1).get<std::string>());
  }
}

}  // namespace
}  // namespace graft::applications
