// SPDX-License-Identifier: Apache-2.0
// What POST /v1/collect keeps of models of several labels and of numbers; which names are folders.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "http_client.hpp"
#include "serve_fixture.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

class ServeCollect : public Serve {
 protected:
  void start_labels() {
    start([this](serve::ServeOptions& options) {
      write_model(folder_.path() / "labels.keras", false,
                  {{"output", "sigmoid"}, {"labels", "several"}, {"thresholds", {0.6, 0.6}}}, "sigmoid");
      options.models = {{"labels", folder_.path() / "labels.keras"}};
      options.collect = kept();
    });
  }
  void start_numbers() {
    start([this](serve::ServeOptions& options) {
      write_model(folder_.path() / "numbers.keras", false, {{"output", "numbers"}}, "linear");
      options.models = {{"numbers", folder_.path() / "numbers.keras"}};
      options.collect = kept();
    });
  }
  [[nodiscard]] fs::path kept() const { return folder_.path() / "kept"; }
  [[nodiscard]] std::string list() const { return read_file(kept() / "labels.csv"); }
  /// The photo's path in the folder.
  std::string collect(const std::string& query, const std::string& bytes) const {
    const Answer answer = post("/v1/collect?" + query, bytes);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return Json::parse(answer.body).value("kept", "");
  }
};

TEST_F(ServeCollect, LabelsBecomeARowOfTheList) {
  start_labels();
  const std::string bytes = picture(200, 0, 200);
  const std::string photo = collect("labels=red%7Cblue", bytes);
  EXPECT_TRUE(photo.starts_with("photos/")) << photo;
  EXPECT_EQ(read_file(kept() / photo), bytes);
  EXPECT_EQ(list(), "path,labels\n" + photo + ",blue|red\n");
  // A person thinks again: the photo has one row.
  EXPECT_EQ(collect("labels=red", bytes), photo);
  EXPECT_EQ(list(), "path,labels\n" + photo + ",red\n");
  collect("labels=", bytes);
  EXPECT_EQ(list(), "path,labels\n" + photo + ",\n");
  EXPECT_EQ(post("/v1/collect", bytes).status, 400);
  EXPECT_EQ(post("/v1/collect?class=red", bytes).status, 400);
  EXPECT_EQ(post("/v1/collect?labels=red%7Cgreen", bytes).status, 404);
  EXPECT_EQ(post("/v1/collect?labels=red", "no photo").status, 400);
  EXPECT_EQ(list(), "path,labels\n" + photo + ",\n");
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(ServeCollect, ATrainingReadsTheLabels) {
  start_labels();
  collect("labels=red%7Cblue", picture(200, 0, 200));
  collect("labels=", picture(0, 200, 0));
  data::ListOptions options;
  options.labels = {.file = kept() / "labels.csv", .several = true, .separator = "|"};
  const data::PhotoList photos = data::list_photos(kept(), options);
  EXPECT_EQ(photos.class_names, (std::vector<std::string>{"blue", "red"}));
  ASSERT_EQ(photos.label_sets.size(), 2U);
  EXPECT_EQ(photos.label_sets[0].size() + photos.label_sets[1].size(), 2U);
}

TEST_F(ServeCollect, AListOfOthersKeepsItsRowsColumnsAndLabels) {
  start_labels();
  const std::string bytes = picture(200, 0, 0);
  const std::string photo = collect("labels=blue", bytes);
  // A later round has brought the label small.
  std::ofstream(kept() / "labels.csv") << "file;who;tags\na.ppm;me;red,small\n"
                                       << photo << ";;small,blue\n./" << photo << ";;large\n";
  collect("labels=red", bytes);
  EXPECT_EQ(list(), "file,who,tags\na.ppm,me,red|small\n" + photo + ",,large|red|small\n");
  for (const char* other : {"x,y\n1,2\n", "path,age\na.ppm,3\n", "path,labels\n\xff.ppm,a\n"}) {
    std::ofstream(kept() / "labels.csv") << other;
    const Answer answer = post("/v1/collect?labels=red", bytes);
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.body.find(folder_.path().string()), std::string::npos) << answer.body;
    EXPECT_EQ(list(), other);
  }
}

TEST_F(ServeCollect, NumbersBecomeColumnsOfTheList) {
  start_numbers();
  const std::string bytes = picture(200, 0, 50);
  const std::string photo = collect("numbers=12.5%7C-3e2", bytes);
  EXPECT_EQ(list(), "path,blue,red\n" + photo + ",12.5,-3e2\n");
  collect("numbers=7%7C8", bytes);
  EXPECT_EQ(list(), "path,blue,red\n" + photo + ",7,8\n");
  for (const char* bad : {"numbers=1", "numbers=1%7C2%7C3", "numbers=1%7Cx", "numbers=1%7C1e30",
                          "numbers=1%7Cnan", "numbers=1%7C", "labels=red", "class=red", ""})
    EXPECT_EQ(post(std::string("/v1/collect?") + bad, bytes).status, 400) << bad;
  data::ListOptions options;
  options.labels = {.file = kept() / "labels.csv", .targets = {"blue", "red"}};
  EXPECT_EQ(data::list_photos(kept(), options).targets, (std::vector<float>{7, 8}));
  std::ofstream(kept() / "labels.csv") << "path,blue\n";
  EXPECT_EQ(post("/v1/collect?numbers=7%7C8", bytes).status, 400);  // no column for the second one
  EXPECT_EQ(list(), "path,blue\n");
}

TEST_F(ServeCollect, ManyAtOnceAreAllInTheList) {
  start_labels();
  constexpr int kClients = 4, kPhotos = 10;
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.emplace_back([this, client] {
        for (int i = 0; i < kPhotos; ++i) collect("labels=red", picture(10 * client, i, 0));
      });
    }
  }
  const std::string text = list();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + kClients * kPhotos);
}

TEST_F(ServeCollect, ModelsThatAnswerInDifferentWaysNeedFoldersOfTheirOwn) {
  const auto both = [this](const fs::path& folder) {
    start([&](serve::ServeOptions& options) {
      write_model(folder_.path() / "numbers.keras", false, {{"output", "numbers"}}, "linear");
      options.models.push_back({"numbers", folder_.path() / "numbers.keras"});
      options.collect = folder;
    });
  };
  const std::string message = message_of([&] { both(kept()); }, ErrorKind::invalid_argument);
  EXPECT_NE(message.find("colours: class, numbers: numbers"), std::string::npos) << message;
  both({});  // nothing is kept
  EXPECT_EQ(get("/v1/models").status, 200);
}

TEST_F(ServeCollect, OnlyNamesOfFoldersBelowAreClasses) {
  // Names of classes, and the same in a query.
  const std::array<std::pair<const char*, const char*>, 6> names{{{"/etc", "%2Fetc"},
                                                                  {"a//b", "a%2F%2Fb"},
                                                                  {".hidden", ".hidden"},
                                                                  {"a/.b", "a%2F.b"},
                                                                  {"a\\b", "a%5Cb"},
                                                                  {"a/", "a%2F"}}};
  start([&](serve::ServeOptions& options) {
    options.models.clear();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const fs::path file = folder_.path() / (std::to_string(i) + ".keras");
      write_model(file, false, {{"class_names", {names[i].first, "good"}}});
      options.models.push_back({std::to_string(i), file});
    }
    options.collect = kept();
  });
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string path = "/v1/collect?model=" + std::to_string(i) + "&class=";
    EXPECT_EQ(post(path + names[i].second, picture(1, 2, 3)).status, 404) << names[i].first;
    EXPECT_EQ(post(path + "good&instead=" + names[i].second, picture(1, 2, 3)).status, 404) << names[i].first;
  }
  EXPECT_FALSE(fs::exists(kept()));
}

TEST_F(ServeCollect, APhotoLeavesTheClassForWhichItWasKept) {
  start([this](serve::ServeOptions& options) {
    options.collect = kept();
    write_model(folder_.path() / "nested.keras", false, {{"class_names", {"animal/dog", "animal/cat"}}});
    options.models = {{"nested", folder_.path() / "nested.keras"}};
  });
  const std::string bytes = picture(10, 0, 100), other = picture(9, 9, 9);
  const std::string dog = collect("class=animal%2Fdog", bytes);
  const std::string stays = collect("class=animal%2Fdog", other);
  const std::string cat = collect("class=animal%2Fcat&instead=animal%2Fdog", bytes);
  EXPECT_FALSE(fs::exists(kept() / dog));
  EXPECT_TRUE(fs::exists(kept() / cat));
  EXPECT_TRUE(fs::exists(kept() / stays));
  // Another photo was never kept there, and one that is already away is no error.
  collect("class=animal%2Fdog&instead=animal%2Fcat", other);
  collect("class=animal%2Fcat&instead=animal%2Fdog", bytes);
  EXPECT_TRUE(fs::exists(kept() / cat));
  EXPECT_TRUE(fs::exists(kept() / stays));
}

}  // namespace
}  // namespace graft::test
