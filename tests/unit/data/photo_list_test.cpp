// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

std::string message_of(const fs::path& folder, const data::ListOptions& options = {}) {
  try {
    (void)data::list_photos(folder, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

class PhotoList : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& bytes = test::ppm(1, 1, {1, 2, 3})) {
    test::write_file(root() / name, bytes);
  }
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(PhotoList, OrderIsKeras) {
  for (const char* name : {"b/2.jpg", "b/10.jpg", "b/sub/deep/1.jpg", "b/sub/1.jpg", "b/sub-1/1.jpg",
                           "b/Z.jpg", "a/x.JPG", "a/y.png"})
    add(name);
  add("readme.txt", "beside the classes nothing matters");
  const data::PhotoList list = data::list_photos(root());
  EXPECT_EQ(list.class_names, (Names{"a", "b"}));
  // Folders in the order of their paths as text: '-' comes before '/'.
  EXPECT_EQ(test::relative(list.paths, root()), (Names{"a/x.JPG", "a/y.png", "b/10.jpg", "b/2.jpg", "b/Z.jpg",
                                                       "b/sub/1.jpg", "b/sub-1/1.jpg", "b/sub/deep/1.jpg"}));
  EXPECT_EQ(list.labels, (std::vector<int>{0, 0, 1, 1, 1, 1, 1, 1}));
  EXPECT_TRUE(list.left_out.empty());
}

TEST_F(PhotoList, NestedFoldersAreClasses) {
  for (const char* name : {"animal/dog/1.jpg", "animal/dog/2.jpg", "animal/cat/1.jpg", "plant/rose/1.jpg",
                           "fern/1.jpg", "fern/young/2.jpg", "animal/dog-like/1.jpg", "old/left/1.jpg"})
    add(name);
  add("animal/readme.txt", "beside the classes nothing matters");
  add("loose.jpg");
  fs::create_directories(root() / "stone/grey");
  const data::PhotoList list = data::list_photos(root(), {.nested = true, .exclude = {"old/left"}});
  EXPECT_EQ(list.class_names,
            (Names{"animal/cat", "animal/dog", "animal/dog-like", "fern", "fern/young", "plant/rose"}));
  EXPECT_EQ(test::relative(list.paths, root()),
            (Names{"animal/cat/1.jpg", "animal/dog/1.jpg", "animal/dog/2.jpg", "animal/dog-like/1.jpg",
                   "fern/1.jpg", "fern/young/2.jpg", "plant/rose/1.jpg"}));
  EXPECT_EQ(list.labels, (std::vector<int>{0, 1, 1, 2, 3, 4, 5}));
  ASSERT_EQ(list.left_out.size(), 1U);
  EXPECT_EQ(list.left_out[0].path.filename(), "loose.jpg");
  const auto noted = [&](const std::string& text) {
    return std::ranges::any_of(list.notes, [&](const auto& note) { return note.find(text) != note.npos; });
  };
  EXPECT_TRUE(noted("fern itself are the class 'fern'"));
  EXPECT_TRUE(noted("stone/grey, an empty folder"));
  // Without nested all below a folder is one class; the same photos by name, in another order.
  EXPECT_EQ(data::list_photos(root(), {.exclude = {"stone"}}).class_names,
            (Names{"animal", "fern", "old", "plant"}));
  const data::PhotoList chosen =
      data::list_photos(root(), {.nested = true, .class_names = {"plant/rose", "animal/cat"}});
  EXPECT_EQ(chosen.labels, (std::vector<int>{0, 1}));
  EXPECT_NE(
      message_of(root(), {.nested = true, .class_names = {"plant"}}).find("there is not a folder 'plant'"),
      std::string::npos);
}

TEST_F(PhotoList, NestedFoldersWithLinksToThemselvesEnd) {
  add("animal/dog/1.jpg");
  add("plant/rose/1.jpg");
  fs::create_directory_symlink(root() / "animal", root() / "animal/dog/again");
  const data::PhotoList plain = data::list_photos(root(), {.nested = true});
  EXPECT_EQ(plain.class_names, (Names{"animal/dog", "plant/rose"}));
  ASSERT_EQ(plain.left_out.size(), 1U);
  EXPECT_EQ(data::list_photos(root(), {.nested = true, .follow_links = true}).class_names,
            (Names{"animal/dog", "plant/rose"}));
}

TEST_F(PhotoList, GoesByContentOrKerasExtension) {
  add("a/photo");                      // a picture without an extension
  add("a/photo.xyz");                  // and with a strange one
  add("a/broken.jpeg", "no picture");  // its name says so: decoding will fail
  add("a/notes.txt", "no picture");
  add("a/empty.dat", "");
  add("a/.hidden.jpg");
  add("a/.folder/1.jpg");
  add(".git/1.jpg");
  const data::PhotoList list = data::list_photos(root());
  EXPECT_EQ(list.class_names, (Names{"a"}));
  EXPECT_EQ(test::relative(list.paths, root()), (Names{"a/broken.jpeg", "a/photo", "a/photo.xyz"}));
  ASSERT_EQ(list.left_out.size(), 2U);
  EXPECT_EQ(list.left_out[0].path, root() / "a/empty.dat");
  EXPECT_EQ(list.left_out[1].path, root() / "a/notes.txt");
  EXPECT_EQ(list.left_out[1].reason, "not an image");
}

TEST_F(PhotoList, NamesOfAnyAlphabet) {
  add("кошки/мурка.jpg");
  add("Ängste/ß.png");
  add("猫/一.jpg");
  add("zebra/a b\n\"c\".jpg");
  const data::PhotoList list = data::list_photos(root());
  EXPECT_EQ(list.class_names, (Names{"zebra", "Ängste", "кошки", "猫"}));
  EXPECT_EQ(list.paths[2], root() / "кошки/мурка.jpg");
}

TEST_F(PhotoList, ChosenClassesKeepTheirOrder) {
  for (const char* name : {"a/1.jpg", "b/1.jpg", "c/1.jpg"}) add(name);
  const data::PhotoList list = data::list_photos(root(), {.class_names = {"c", "a"}});
  EXPECT_EQ(list.class_names, (Names{"c", "a"}));
  EXPECT_EQ(test::relative(list.paths, root()), (Names{"c/1.jpg", "a/1.jpg"}));
  EXPECT_NE(message_of(root(), {.class_names = {"x"}}).find("'x'"), std::string::npos);
}

TEST_F(PhotoList, WithoutLabelsAllFilesBelow) {
  for (const char* name : {"1.jpg", "b/1.jpg", "a/1.jpg"}) add(name);
  const data::PhotoList list = data::list_photos(root(), {.infer_labels = false});
  EXPECT_EQ(test::relative(list.paths, root()), (Names{"1.jpg", "a/1.jpg", "b/1.jpg"}));
  EXPECT_TRUE(list.labels.empty());
  EXPECT_TRUE(list.class_names.empty());
}

TEST_F(PhotoList, LinksAreFollowedOnRequestAndLoopsEnd) {
  add("a/1.jpg");
  add("elsewhere.d/2.jpg");
  fs::create_directory_symlink(root() / "elsewhere.d", root() / "a/link");
  fs::create_directory_symlink(root() / "a", root() / "a/loop");
  EXPECT_EQ(test::relative(data::list_photos(root(), {.class_names = {"a"}}).paths, root()),
            (Names{"a/1.jpg"}));
  EXPECT_EQ(
      test::relative(data::list_photos(root(), {.class_names = {"a"}, .follow_links = true}).paths, root()),
      (Names{"a/1.jpg", "a/link/2.jpg"}));
}

TEST_F(PhotoList, APipeIsNotWaitedFor) {
  add("a/1.jpg");
  ASSERT_EQ(mkfifo((root() / "a/pipe").c_str(), 0600), 0);
  const data::PhotoList list = data::list_photos(root());
  EXPECT_EQ(list.paths.size(), 1U);
  EXPECT_EQ(list.left_out.size(), 1U);
}

TEST_F(PhotoList, ErrorsNameTheMissingFolder) {
  EXPECT_NE(message_of(root() / "none").find("no such folder"), std::string::npos);
  EXPECT_NE(message_of(root()).find("no sub-folders"), std::string::npos);
  add("ants/1.jpg");
  add("bees/readme.txt", "later");
  EXPECT_NE(message_of(root()).find("class 'bees' has no photo"), std::string::npos);
}

}  // namespace
}  // namespace graft
