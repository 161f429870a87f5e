// SPDX-License-Identifier: Apache-2.0
// Folders as people have them: split folders of any name and depth, helper folders, links, loose files.
#include <algorithm>
#include <cerrno>
#include <functional>

#include <dirent.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace {

/// Entries of a folder that can be read before the next one fails; below 0: never.
thread_local int entries_left = -1;

}  // namespace

/// Stands before the C library's in this program: a network drive that fails in the middle of a listing.
extern "C" __attribute__((visibility("default"))) dirent* readdir(DIR* folder) {
  using Function = dirent* (*)(DIR*);
  static const auto next = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "readdir"));
  if (entries_left == 0) {
    errno = EIO;
    return nullptr;
  }
  if (entries_left > 0) --entries_left;
  return next(folder);
}

namespace graft {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using data::ListOptions;

class Layouts : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& bytes = test::ppm(1, 1, {1, 2, 3})) const {
    test::write_file(root() / name, bytes);
  }
  void add_all(const Names& names) const {
    for (const std::string& name : names) add(name);
  }
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }
  [[nodiscard]] data::PhotoList list(const std::string& name, const ListOptions& options = {}) const {
    return data::list_photos(root() / name, options);
  }
  [[nodiscard]] std::string error_of(const std::function<void()>& run) const {
    try {
      run();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

 private:
  test::TemporaryFolder folder_;
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

bool any_contains(const Names& texts, const std::string& part) {
  return std::ranges::any_of(texts, [&](const std::string& text) { return contains(text, part); });
}

TEST_F(Layouts, SplitFoldersAreFoundByAWordOfTheirNames) {
  add_all({"k/training_set/training_set/cats/1.ppm", "k/training_set/training_set/dogs/1.ppm",
           "k/test_set/test_set/cats/2.ppm", "k/test_set/test_set/dogs/2.ppm"});
  const data::Layout kaggle = data::find_layout(root() / "k");
  EXPECT_EQ(kaggle.train, root() / "k/training_set/training_set");
  EXPECT_EQ(kaggle.test, root() / "k/test_set/test_set");
  EXPECT_TRUE(any_contains(kaggle.notes, "training photos: "));

  add_all({"i/seg_train/seg_train/forest/1.ppm", "i/seg_train/seg_train/sea/1.ppm",
           "i/seg_test/seg_test/forest/2.ppm", "i/seg_test/seg_test/sea/2.ppm", "i/seg_pred/seg_pred/3.ppm"});
  const data::Layout intel = data::find_layout(root() / "i");
  EXPECT_EQ(intel.train, root() / "i/seg_train/seg_train");
  EXPECT_EQ(intel.test, root() / "i/seg_test/seg_test");
  EXPECT_TRUE(any_contains(intel.notes, "seg_pred"));

  add_all({"c/train2017/a/1.ppm", "c/train2017/b/1.ppm", "c/val2017/a/1.ppm", "c/val2017/b/1.ppm"});
  EXPECT_EQ(data::find_layout(root() / "c").validation, root() / "c/val2017");
}

TEST_F(Layouts, FoldersThatHoldOneFolderArePassedThrough) {
  add_all({"zip/flowers/tulips/1.ppm", "zip/flowers/roses/1.ppm", "zip/__MACOSX/flowers/._x"});
  const data::Layout plain = data::find_layout(root() / "zip");
  EXPECT_FALSE(plain.has_parts());
  EXPECT_EQ(plain.root, root() / "zip/flowers");
  add_all(
      {"deep/data/images/train/a/1.ppm", "deep/data/images/train/b/1.ppm", "deep/data/images/test/a/1.ppm"});
  EXPECT_EQ(data::find_layout(root() / "deep").train, root() / "deep/data/images/train");
}

TEST_F(Layouts, ClassesThatMayHaveTheNameOfAPartStayClasses) {
  add_all({"toys/train_station/1.ppm", "toys/test_tube/1.ppm", "toys/cup/1.ppm"});
  const data::Layout layout = data::find_layout(root() / "toys");
  EXPECT_FALSE(layout.has_parts());
  EXPECT_EQ(layout.root, root() / "toys");
}

TEST_F(Layouts, FoldersThatAllHoldTheSameFoldersAreRefusedUnlessTheyAreNamed) {
  add_all({"odd/left/cats/1.ppm", "odd/left/dogs/1.ppm", "odd/right/cats/1.ppm", "odd/right/dogs/1.ppm"});
  const std::string error = error_of([&] { (void)data::find_layout(root() / "odd"); });
  EXPECT_TRUE(contains(error, "left") && contains(error, "cats")) << error;
  EXPECT_FALSE(data::find_layout(root() / "odd", {.class_names = {"left", "right"}}).has_parts());
}

TEST_F(Layouts, ATestFolderWithoutClassesIsNotUsed) {
  add_all({"flat/train/a/1.ppm", "flat/train/b/1.ppm", "flat/test/1.ppm", "flat/test/2.ppm"});
  const data::Layout layout = data::find_layout(root() / "flat");
  EXPECT_TRUE(layout.has_parts());
  EXPECT_FALSE(layout.test.has_value());
  EXPECT_TRUE(any_contains(layout.notes, "test"));
}

TEST_F(Layouts, ClassesOfAnotherFolderMayBeMissing) {
  add_all({"val/Cats/1.ppm", "val/cafe\xCC\x81/1.ppm", "val/zebras/1.ppm", "val/zebras/2.ppm"});
  const data::PhotoList found =
      list("val", {.class_names = {"birds", "cats", "caf\xC3\xA9"}, .classes_may_be_missing = true});
  EXPECT_EQ(found.class_names, (Names{"birds", "cats", "caf\xC3\xA9"}));
  EXPECT_EQ(found.labels, (std::vector<int>{1, 2}));
  EXPECT_TRUE(any_contains(found.notes, "'birds'"));
  EXPECT_TRUE(any_contains(found.notes, "2 photos in"));
  EXPECT_THROW((void)list("val", {.class_names = {"fish"}, .classes_may_be_missing = true}), Error);
  // Each of two names that differ only in case finds its own folder.
  EXPECT_EQ(data::match_class_folders({"a", "A"}, {"A", "a"}), (std::vector<std::ptrdiff_t>{1, 0}));
  EXPECT_EQ(data::match_class_folders({"\xD0\x9A\xD0\x9E\xD0\xA2"}, {"\xD0\xBA\xD0\xBE\xD1\x82"}),
            (std::vector<std::ptrdiff_t>{0}));  // capital and small Cyrillic letters
  // A Hangul syllable, composed and as its letters.
  EXPECT_EQ(data::match_class_folders({"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"}, {"\xED\x95\x9C"}),
            (std::vector<std::ptrdiff_t>{0}));
}

TEST_F(Layouts, ClassNamesMustBeUtf8AndLookDifferent) {
  add_all({"l/caf\xE9/1.ppm", "l/tea/1.ppm"});
  const std::string latin = error_of([&] { (void)list("l"); });
  EXPECT_TRUE(contains(latin, "caf\\xe9") && contains(latin, "UTF-8")) << latin;
  EXPECT_EQ(list("l", {.exclude = {"caf*"}}).class_names, (Names{"tea"}));
  add_all({"n/caf\xC3\xA9/1.ppm", "n/cafe\xCC\x81/1.ppm"});
  EXPECT_TRUE(contains(error_of([&] { (void)list("n"); }), "look the same"));
  add_all({"c/Cats/1.ppm", "c/cats/1.ppm"});
  EXPECT_TRUE(any_contains(list("c").notes, "differ only in case"));
}

TEST_F(Layouts, ClassNamesHoldNoControlCharacters) {
  for (const std::string name : {"new\nline", "esc\x1b[2J", "c1\xc2\x9b"}) {
    add_all({"p/" + name + "/1.ppm", "p/other/1.ppm"});
    const std::string error = error_of([&] { static_cast<void>(list("p")); });
    EXPECT_NE(error.find("control character"), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    fs::remove_all(root() / "p");
  }
}

TEST_F(Layouts, HelperFoldersResultsAndEmptyFoldersAreNoClasses) {
  add_all({"p/a/1.ppm", "p/b/1.ppm", "p/__MACOSX/a/._1.ppm", "p/a/@eaDir/1.ppm/THUMB.ppm"});
  add("p/p-graft/model.keras", "zip");
  add("p/p-graft/result.json", "{}");
  fs::create_directories(root() / "p/later");
  const data::PhotoList found = list("p");
  EXPECT_EQ(found.class_names, (Names{"a", "b"}));
  EXPECT_EQ(found.paths.size(), 2U);
  for (const char* part : {"__MACOSX", "@eaDir", "p-graft", "later"})
    EXPECT_TRUE(any_contains(found.notes, part)) << part;
  EXPECT_EQ(list("p", {.infer_labels = false}).paths.size(), 2U);
  EXPECT_THROW((void)list("p", {.class_names = {"a", "later"}}), Error);
}

TEST_F(Layouts, WhatIsNotUsedIsNamed) {
  add_all({"p/a/1.ppm", "p/b/1.ppm", "p/loose.ppm", "elsewhere/9.ppm"});
  add("p/readme.txt", "text");
  fs::create_directory_symlink(root() / "elsewhere", root() / "p/a/more");
  const data::PhotoList found = list("p");
  ASSERT_EQ(found.left_out.size(), 2U);
  EXPECT_EQ(found.left_out[0].path.filename(), "loose.ppm");
  EXPECT_EQ(found.left_out[0].reason, "not in a class folder");
  EXPECT_TRUE(contains(found.left_out[1].reason, "link"));
  EXPECT_FALSE(found.left_out[1].unreadable);
  EXPECT_EQ(list("p", {.follow_links = true}).paths.size(), 3U);
  add("p/a/2.ppm");
  const data::PhotoList few = list("p", {.exclude = {"b/", "loose.ppm", "more", "a/1*"}});
  EXPECT_EQ(test::relative(few.paths, root()), (Names{"p/a/2.ppm"}));
  EXPECT_TRUE(few.left_out.empty());
}

TEST_F(Layouts, PicturesOfOtherFormatsAreNamed) {
  add_all({"p/a/1.ppm", "p/b/1.ppm"});
  add("p/a/2.jp2", std::string("\0\0\0\x0CjP  \r\n\x87\n", 12));
  add("p/a/3.tga", "no mark");
  const data::PhotoList found = list("p");
  ASSERT_EQ(found.left_out.size(), 2U);
  EXPECT_TRUE(contains(found.left_out[0].reason, "JPEG 2000")) << found.left_out[0].reason;
  EXPECT_TRUE(contains(found.left_out[1].reason, "TGA"));
  EXPECT_TRUE(found.left_out[0].unreadable);
}

/// Runs a check as a user for whom permissions count.
bool passes_as_nobody(const std::function<bool()>& check) {
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const bool changed = geteuid() != 0 || setuid(kNobody) == 0;
    _exit(changed && check() ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(Layouts, AnUnreadableFolderIsLeftOutWithTheReason) {
  add_all({"p/a/1.ppm", "p/b/1.ppm", "p/b/more/2.ppm"});
  ASSERT_EQ(chmod(root().c_str(), 0755), 0);
  ASSERT_EQ(chmod((root() / "p/b/more").c_str(), 0), 0);
  EXPECT_TRUE(passes_as_nobody([&] {
    const data::PhotoList found = list("p");
    return found.paths.size() == 2 && found.left_out.size() == 1 && found.left_out[0].unreadable &&
           contains(found.left_out[0].reason, "ermission denied");
  }));
  ASSERT_EQ(chmod((root() / "p/b/more").c_str(), 0755), 0);
}

TEST_F(Layouts, AListingThatFailsInTheMiddleIsAnError) {
  add_all({"p/a/1.ppm", "p/a/2.ppm", "p/a/3.ppm"});
  int failures = 0;
  for (int left = 0; left < 12; ++left) {
    entries_left = left;
    const std::string error = error_of([&] { (void)list("p", {.infer_labels = false}); });
    entries_left = -1;
    failures += contains(error, "ended early") ? 1 : 0;
  }
  EXPECT_GE(failures, 5);  // ., .., a; ., .., 1, 2, 3
  EXPECT_EQ(list("p").paths.size(), 3U);
}

TEST_F(Layouts, NestedClassesMayHaveTheSameNamesInEachFolder) {
  for (const char* name : {"left/good/1.ppm", "left/bad/1.ppm", "right/good/1.ppm", "right/bad/1.ppm"})
    add(name);
  EXPECT_THROW((void)data::find_layout(root()), Error);
  EXPECT_EQ(data::find_layout(root(), {.nested = true}).root, root());
}

TEST_F(Layouts, AFolderAroundNestedClassesIsPartOfTheirNames) {
  for (const char* name :
       {"set/train/animal/cat/1.ppm", "set/train/animal/dog/1.ppm", "set/test/animal/cat/1.ppm"})
    add(name);
  const data::Layout layout = data::find_layout(root() / "set", {.nested = true});
  EXPECT_EQ(layout.train, root() / "set/train");
  EXPECT_EQ(layout.test, root() / "set/test");
  EXPECT_EQ(data::list_photos(*layout.train, {.nested = true}).class_names,
            (Names{"animal/cat", "animal/dog"}));
}

}  // namespace
}  // namespace graft
