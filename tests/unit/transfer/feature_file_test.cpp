// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/feature_file.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/formats/npy.hpp"

#include "support.hpp"

namespace graft::transfer {
namespace {

FeatureTable make_table() {
  Tensor features(Shape{2, 3});
  const std::vector<float> values{1.5F, 0.0F, 0.1F, 0.0F, -2e-8F, 0.0F};
  std::ranges::copy(values, features.data<float>().begin());
  return {.features = features,
          .files = {"a/1.jpg", "b/2, \"big\".jpg"},
          .labels = {0, 1},
          .class_names = {"a", "b"}};
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(FeatureFile, CsvQuotesNamesAndKeepsEveryDigit) {
  const test::TemporaryFolder folder;
  write_features(folder.path() / "f.csv", make_table());
  EXPECT_EQ(text_of(folder.path() / "f.csv"),
            "path,label,f0,f1,f2\na/1.jpg,a,1.5,0,0.1\n\"b/2, \"\"big\"\".jpg\",b,0,-2e-08,0\n");
  FeatureTable unlabelled = make_table();
  unlabelled.labels.clear();
  unlabelled.class_names.clear();
  write_features(folder.path() / "g.csv", unlabelled);
  EXPECT_NE(text_of(folder.path() / "g.csv").find("a/1.jpg,,1.5"), std::string::npos);
}

TEST(FeatureFile, SvmlightCountsFromOneAndLeavesZerosOut) {
  const test::TemporaryFolder folder;
  for (const char* name : {"f.svm", "f.libsvm"}) {
    write_features(folder.path() / name, make_table());
    EXPECT_EQ(text_of(folder.path() / name), "0 1:1.5 3:0.1\n1 2:-2e-08 3:0\n");
  }
}

TEST(FeatureFile, NpyIsTheFeaturesInTheirShape) {
  const test::TemporaryFolder folder;
  FeatureTable table = make_table();
  table.features = table.features.reshape(Shape{2, 1, 3});
  write_features(folder.path() / "f.npy", table);
  EXPECT_EQ(formats::read_npy(folder.path() / "f.npy").shape(), (Shape{2, 1, 3}));
}

TEST(FeatureFile, RefusesOtherEndingsAndTablesThatDoNotFit) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(check_feature_file("features.txt"), Error);
  EXPECT_THROW(check_feature_file("features"), Error);
  EXPECT_NO_THROW(check_feature_file("features.npz"));
  FeatureTable table = make_table();
  table.files.pop_back();
  EXPECT_THROW(write_features(folder.path() / "f.csv", table), Error);
  table = make_table();
  table.labels[1] = 2;
  EXPECT_THROW(write_features(folder.path() / "f.csv", table), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace graft::transfer
