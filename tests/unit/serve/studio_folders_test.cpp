// SPDX-License-Identifier: Apache-2.0
// The folders of a studio's project: which are classes, and what is left of those that were moved.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "serve/studio/class_folders.hpp"
#include "serve/studio/project.hpp"
#include "serve/studio/tags.hpp"
#include "studio_fixture.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;
using serve::studio::ClassFolder;
using serve::studio::ClassFolders;
using serve::studio::Grouping;
using FolderNames = std::vector<std::string>;

void put_file(const fs::path& file, const std::string& text = small_picture(1)) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

FolderNames names_of(const ClassFolders& folders) {
  FolderNames names;
  for (const ClassFolder& one : folders.all()) names.push_back(one.name);
  return names;
}

class StudioFolders : public testing::Test {
 protected:
  StudioFolders() {
    for (const char* photo : {"animal/b.ppm", "animal/a.ppm", "animal/dog/c.ppm", "animal/dog/small/d.ppm",
                              "plant/rose/e.ppm", "plant/.cache/f.ppm", "plant/run/g.ppm", "loose.ppm"})
      put_file(root() / photo);
    put_file(root() / "plant/run/model.keras", "model");
    put_file(root() / "animal/notes.txt", "no photo");
    put_file(root() / "list.csv", "path,labels\n");
    fs::create_directories(root() / "empty");
    fs::create_directories(folder_.path() / "elsewhere/deep");
    fs::create_directory_symlink(folder_.path() / "elsewhere", root() / "link");
  }
  [[nodiscard]] fs::path root() const { return folder_.path() / "things"; }

  TemporaryFolder folder_;
};

TEST_F(StudioFolders, NestedClassesAreThoseWithPhotosAndThoseWithoutFolders) {
  ClassFolders folders(root());
  folders.look(Grouping::nested);
  EXPECT_EQ(names_of(folders),
            (FolderNames{"animal", "animal/dog", "animal/dog/small", "empty", "plant/rose"}));
  ASSERT_NE(folders.find("animal"), nullptr);
  EXPECT_EQ(folders.find("animal")->photos, (FolderNames{"a.ppm", "b.ppm"}));
  EXPECT_EQ(folders.find("plant"), nullptr);
  // A folder of nothing but folders takes photos; a result of graft, a hidden folder and a link do not.
  EXPECT_TRUE(folders.takes_photos("plant"));
  for (const char* name : {"plant/run", "plant/.cache", "link", "link/deep", "missing"})
    EXPECT_FALSE(folders.takes_photos(name)) << name;
  EXPECT_EQ(folders.one_below("animal"), "animal/dog");
  EXPECT_EQ(folders.one_below("plant"), "plant/rose");
  EXPECT_EQ(folders.one_below("empty"), "");
  EXPECT_EQ(folders.one_below("anim"), "");
  EXPECT_EQ(folders.loose(), FolderNames{"loose.ppm"});
  EXPECT_EQ(folders.lists(), FolderNames{"list.csv"});
}

TEST_F(StudioFolders, WhatChangesIsSeenAtTheNextLook) {
  ClassFolders folders(root());
  folders.look(Grouping::nested);
  put_file(root() / "plant/h.ppm");
  put_file(root() / "plant/tree/oak/i.ppm");
  fs::remove(root() / "animal/a.ppm");
  fs::remove(root() / "animal/b.ppm");
  folders.look(Grouping::nested);
  EXPECT_EQ(names_of(folders), (FolderNames{"animal/dog", "animal/dog/small", "empty", "plant", "plant/rose",
                                            "plant/tree/oak"}));
  EXPECT_TRUE(folders.takes_photos("animal"));
  // The same names have other photos in another grouping.
  folders.look(Grouping::classes);
  EXPECT_EQ(names_of(folders), (FolderNames{"animal", "empty", "plant"}));
  EXPECT_EQ(folders.find("animal")->photos, (FolderNames{"dog/c.ppm", "dog/small/d.ppm"}));
  EXPECT_EQ(folders.find("plant")->photos, (FolderNames{"h.ppm", "rose/e.ppm", "tree/oak/i.ppm"}));
  EXPECT_EQ(folders.one_below("animal"), "");
  folders.look(Grouping::labels);
  EXPECT_EQ(names_of(folders), FolderNames{""});
  EXPECT_EQ(folders.find("")->photos,
            (FolderNames{"animal/dog/c.ppm", "animal/dog/small/d.ppm", "loose.ppm", "plant/h.ppm",
                         "plant/rose/e.ppm", "plant/tree/oak/i.ppm"}));
  folders.look(Grouping::nested);
  EXPECT_EQ(folders.find("plant")->photos, FolderNames{"h.ppm"});
}

TEST_F(StudioRequests, FoldersThatLedToAClassGoWithItUnlessSomethingIsInThem) {
  ASSERT_EQ(post("/studio/grouping?by=nested"), 200);
  make_class("animal/dog/small", 1);
  const std::string small = "/studio/classes/rename?name=animal%2Fdog%2Fsmall&to=cat&revision=";
  ASSERT_EQ(post(small + revision_of("animal/dog/small")), 200);
  EXPECT_FALSE(fs::exists(project() / "animal"));
  EXPECT_TRUE(fs::exists(project() / "cat/0.ppm"));
  make_class("animal/dog/large", 1);
  put_file(project() / "animal/notes.txt", "of a person");
  ASSERT_EQ(
      post("/studio/classes/remove?name=animal%2Fdog%2Flarge&revision=" + revision_of("animal/dog/large")),
      200);
  EXPECT_FALSE(fs::exists(project() / "animal/dog"));
  EXPECT_TRUE(fs::exists(project() / "animal/notes.txt"));
  EXPECT_TRUE(fs::exists(project()));
}

TEST(StudioTags, ForgetTakesTheRowOfOnePhoto) {
  const TemporaryFolder folder;
  put_file(folder.path() / "a.ppm");
  put_file(folder.path() / "labels.csv", "file,who,tags\na.ppm,me,red|large\nb.ppm,you,\n");
  serve::studio::Project project(folder.path(), Grouping::labels);
  serve::studio::Tags tags(project);
  EXPECT_EQ(tags.columns(), "path=file,label=tags");
  const auto written = fs::last_write_time(tags.file());
  EXPECT_EQ(tags.forget("missing.ppm"), std::nullopt);
  EXPECT_EQ(fs::last_write_time(tags.file()), written);  // nothing was changed
  EXPECT_EQ(tags.forget("a.ppm"), (serve::Labels{"large", "red"}));
  EXPECT_EQ(read_file(tags.file()), "file,who,tags\nb.ppm,you,\n");
  EXPECT_EQ(tags.forget("b.ppm"), serve::Labels{});  // looked at, with none of the labels
  EXPECT_EQ(tags.labels_of("b.ppm"), std::nullopt);
}

TEST(StudioProject, SomePhotosAreOfEveryClass) {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b"})
    for (int i = 0; i < 4; ++i) put_file(folder.path() / "things" / name / (std::to_string(i) + ".ppm"));
  serve::studio::Project project(folder.path() / "things");
  EXPECT_EQ(project.some_photos(4),
            (FolderNames{"things/a/0.ppm", "things/a/2.ppm", "things/b/0.ppm", "things/b/2.ppm"}));
  EXPECT_EQ(project.some_photos(100).size(), 8U);
}

TEST_F(StudioRequests, AFindingThatIsRightIsNotShownAgain) {
  make_class("red", 2);
  const fs::path inspection = project() / ".graft-studio/inspection";
  put_file(inspection / "labels.csv", "file,class,suggested,probability,suggested_probability\n");
  put_file(inspection / "dark.csv", "file\nthings/red/0.ppm\nthings/red/1.ppm\n");
  const auto shown = [this] {
    const Json found = get("/studio/findings");
    return std::to_string(found["findings"].size()) + " " + std::to_string(found["accepted"].get<int>());
  };
  EXPECT_EQ(shown(), "2 0");
  const Json one{{"kind", "dark"}, {"photos", Json::array({{{"class", "red"}, {"name", "0.ppm"}}})}};
  EXPECT_EQ(post("/studio/findings/accept", one.dump()), 200);
  EXPECT_EQ(shown(), "1 1");
  EXPECT_EQ(get("/studio/findings")["findings"][0]["photos"][0]["name"], "1.ppm");
  start();
  EXPECT_EQ(shown(), "1 1");
  EXPECT_EQ(post("/studio/findings/accept?right=false", one.dump()), 200);
  EXPECT_EQ(shown(), "2 0");
  for (const char* bad : {"", "[]", R"({"kind": 1})", R"({"kind": "dark", "photos": []})",
                          R"({"kind": "dark", "photos": [{"class": "red"}]})"})
    EXPECT_EQ(post("/studio/findings/accept", bad), 400) << bad;
}

}  // namespace
}  // namespace graft::test
