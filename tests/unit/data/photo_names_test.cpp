// SPDX-License-Identifier: Apache-2.0
// Names of many photos, packed.
#include "graft/data/photo_names.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "support.hpp"

namespace graft::data {
namespace {

std::vector<std::string> all_of(const PhotoNames& names) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < names.size(); ++i) result.emplace_back(names[i]);
  return result;
}

std::vector<std::string> listed(const std::string& text) {
  std::istringstream in(text);
  PhotoNames names;
  names.add_list(in);
  return all_of(names);
}

TEST(PhotoNames, KeepsManyNamesOfAllLengths) {
  PhotoNames names;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 3000; ++i)
    expected.push_back(std::to_string(i) + std::string(i * 7 % 5000, 'x'));
  expected.emplace_back(64U << 10U, 'y');
  for (const std::string& name : expected) names.add(name);
  EXPECT_EQ(all_of(names), expected);
}

TEST(PhotoNames, ReadsLinesAndZeroBytes) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(listed("a.jpg\nb c.jpg\r\n\nd"), (Names{"a.jpg", "b c.jpg", "d"}));
  EXPECT_EQ(listed(std::string("a\nb.jpg\0c.jpg\0", 14)), (Names{"a\nb.jpg", "c.jpg"}));
  EXPECT_EQ(listed(""), Names{});
  EXPECT_THROW(static_cast<void>(listed(std::string(70'000, 'a'))), Error);
}

TEST(PhotoNames, PhotosOfAFolderAreHandedOnInOrder) {
  const test::TemporaryFolder folder;
  for (const char* name : {"b/2.jpg", "a/1.jpg", "a/c/3.jpg", "a/notes.txt"}) {
    std::filesystem::create_directories((folder.path() / name).parent_path());
    std::ofstream(folder.path() / name) << "x";
  }
  std::vector<std::filesystem::path> seen;
  ListOptions options{.infer_labels = false};
  const PhotoList expected = list_photos(folder.path(), options);
  options.on_photo = [&](const std::filesystem::path& photo) { seen.push_back(photo); };
  const PhotoList list = list_photos(folder.path(), options);
  EXPECT_EQ(seen, expected.paths);
  EXPECT_EQ(seen.size(), 3U);
  EXPECT_TRUE(list.paths.empty());
  EXPECT_EQ(list.left_out.size(), 1U);
}

}  // namespace
}  // namespace graft::data
