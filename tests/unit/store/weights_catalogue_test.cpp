// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/error.hpp"
#include "graft/weights_store.hpp"

#include "server.hpp"
#include "store/parse_catalogue.hpp"

namespace graft::store {
namespace {

TEST(WeightsCatalogue, EveryRowIsUsable) {
  std::set<std::string> names;
  for (const PublishedFile& row : published_files()) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(names.insert(row.name).second);
    EXPECT_NE(applications::look_up_application(row.application), nullptr);
    EXPECT_NE(row.urls.empty(), row.package.empty());
    EXPECT_EQ(row.may_be_passed_on(), std::optional(row.licence != "unknown")) << row.licence;
    EXPECT_FALSE(row.training_set.empty());
    EXPECT_GT(row.image_size, 0);
    EXPECT_EQ(row.mean.has_value(), row.deviation.has_value());
    EXPECT_LE(row.top1, 1);
    EXPECT_LE(row.crop, 1);
  }
  EXPECT_GT(names.size(), 300U);
}

/// docs/decisions/0053-unknown-licences.md
TEST(WeightsCatalogue, LicencesThatNobodyStatedAreUnknown) {
  for (const PublishedFile& row : published_files()) {
    const bool unstated = row.name.starts_with("keras/") && (row.application.starts_with("efficientnet_") ||
                                                             row.application.starts_with("convnext_") ||
                                                             row.application.starts_with("mobilenet_v3_"));
    EXPECT_EQ(row.licence == "unknown", unstated) << row.name;
  }
}

TEST(WeightsCatalogue, HasThePublishedFilesOfEveryApplication) {
  for (const applications::Application& application : applications::catalogue()) {
    for (const bool top : {true, false}) {
      const applications::PublishedWeights weights = application.published_weights({.include_top = top});
      const PublishedFile* row = published_file_named(weights.file);
      ASSERT_NE(row, nullptr) << weights.file;
      EXPECT_EQ(row->application, application.name);
      EXPECT_EQ(row->preprocessing == "none", application.preprocessing == applications::Preprocessing::none)
          << row->name;
    }
  }
  const applications::PublishedWeights vgg = applications::find_application("vgg16").published_weights({});
  EXPECT_EQ(vgg.md5, "64373286793e3c8b2b4e3219cbf3544b");
  EXPECT_EQ(vgg.url,
            "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
            "vgg16_weights_tf_dim_ordering_tf_kernels.h5");
}

TEST(WeightsCatalogue, NamesFindTheirRows) {
  EXPECT_EQ(look_up_published_file("timm/resnet50.a1_in1k")->file, "resnet50_a1_0-14fe96d1.pth");
  EXPECT_EQ(look_up_published_file("resnet50.a1_in1k")->name, "timm/resnet50.a1_in1k");
  EXPECT_EQ(look_up_published_file("efficientnetb0.h5")->name, "keras/efficientnet_b0");
  EXPECT_FALSE(look_up_published_file("no_such_net"));
  EXPECT_FALSE(look_up_published_file(""));
}

TEST(WeightsCatalogue, OtherSizesOfANetwork) {
  const auto names = [](const std::string& name) {
    std::vector<std::string> result;
    for (const PublishedFile& row : other_sizes_of(*look_up_published_file(name))) result.push_back(row.name);
    return result;
  };
  EXPECT_EQ(
      names("keras/mobilenet_v2_1.0_224-notop"),
      (std::vector<std::string>{"keras/mobilenet_v2_1.0_96-notop", "keras/mobilenet_v2_1.0_128-notop",
                                "keras/mobilenet_v2_1.0_160-notop", "keras/mobilenet_v2_1.0_192-notop"}));
  EXPECT_EQ(names("keras/mobilenet_0.25_128"),
            (std::vector<std::string>{"keras/mobilenet_0.25_160", "keras/mobilenet_0.25_192",
                                      "keras/mobilenet_0.25_224"}));
  EXPECT_TRUE(names("keras/vgg16-notop").empty());
  EXPECT_TRUE(names("timm/resnet50.a1_in1k").empty());
}

TEST(WeightsCatalogue, UsersRowsComeFirst) {
  const test::EmptyHome home;
  home.add_catalogue("mine.tsv",
                     "# my own\nname\tfile\turl\tlicence\n"
                     "clinic/xray\txray.h5\thttps://clinic.example/xray.h5\tLicenseRef-clinic\n"
                     "keras/vgg16\tvgg16_ours.h5\thttps://clinic.example/vgg16_ours.h5\t\n");
  EXPECT_EQ(known_files().size(), published_files().size() + 1);
  EXPECT_EQ(look_up_published_file("keras/vgg16")->file, "vgg16_ours.h5");
  EXPECT_EQ(look_up_published_file("clinic/xray")->may_be_passed_on(), std::optional(false));
  EXPECT_EQ(look_up_published_file("keras/vgg16")->may_be_passed_on(), std::nullopt);
}

TEST(WeightsCatalogue, BrokenCataloguesNameTheirLine) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      static_cast<void>(parse_catalogue(text, "mine.tsv"));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_file);
      return error.what();
    }
    return "";
  };
  EXPECT_NE(refusal("name\turl\nx\thttps://a/b\n").find("no column 'file'"), std::string::npos);
  EXPECT_NE(refusal("name\tfile\nx\tb.h5\nx\tc.h5\n").find("line 3: line 2 has the name 'x' already"),
            std::string::npos);
  EXPECT_NE(refusal("name\tfile\n../x\tb.h5\n").find("line 2, column name"), std::string::npos);
  EXPECT_NE(refusal("name\tfile\n/x\tb.h5\n").find("column name"), std::string::npos);
  EXPECT_NE(refusal("name\tfile\nx\t../b.h5\n").find("column file"), std::string::npos);
  EXPECT_NE(refusal("name\tfile\nx\t.b.h5\n").find("column file"), std::string::npos);
  EXPECT_NE(refusal("name\tfile\turl\nx\tb.h5\tfile:///etc/passwd\n").find("column url"), std::string::npos);
  EXPECT_NE(refusal("name\tfile\thash\nx\tb.h5\tsha256:abc\n").find("column hash"), std::string::npos);
  EXPECT_NE(refusal("name\tfile\tbytes\nx\tb.h5\t-3\n").find("column bytes"), std::string::npos);
  EXPECT_NE(refusal("name\tfile\nx\tb.h5\tmore\n").find("at most 2 cells"), std::string::npos);
  EXPECT_TRUE(parse_catalogue("", "empty").empty());
}

}  // namespace
}  // namespace graft::store
