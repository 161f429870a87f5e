// SPDX-License-Identifier: Apache-2.0
#include "serve/photo_table.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support.hpp"

namespace graft::test {
namespace {

using serve::PhotoTable;
using serve::read_photo_table;

TEST(PhotoTable, IsWrittenAsItWasRead) {
  const std::optional<PhotoTable> table = read_photo_table(
      "\xEF\xBB\xBF image ;who; labels\r\na.ppm;\"me; you\";red\r\nshort.ppm\r\n\r\n;nobody;blue\r\n");
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(table->path_column, 0U);
  EXPECT_EQ(table->label_column(), 2U);
  ASSERT_EQ(table->rows.size(), 2U);  // without a path there is no row
  EXPECT_EQ(table->text(), "image,who,labels\na.ppm,me; you,red\nshort.ppm\n");
  EXPECT_FALSE(read_photo_table("").has_value());
  EXPECT_FALSE(read_photo_table("labels,x\na,b\n").has_value());
  EXPECT_FALSE(read_photo_table("path,labels\n\xff,b\n").has_value());
  EXPECT_FALSE(read_photo_table("path,x\n")->label_column().has_value());
}

TEST(PhotoTable, APhotoHasOneRow) {
  PhotoTable table{.header = {"path", "labels"},
                   .rows = {{"b.ppm"}, {"x/../a.ppm", "red"}, {"./b.ppm", "blue"}}};
  table.row_of("b.ppm")[1] = "new";
  EXPECT_EQ(table.text(), "path,labels\nb.ppm,new\nx/../a.ppm,red\n");
  table.row_of("c, d.ppm")[1] = "a \"b\"";
  EXPECT_EQ(table.text(), "path,labels\nb.ppm,new\nx/../a.ppm,red\n\"c, d.ppm\",\"a \"\"b\"\"\"\n");
}

TEST(PhotoTable, LabelsAreSeparatedByWhatAListHas) {
  EXPECT_EQ(serve::separator_in({"red", "red|a;b"}), '|');
  EXPECT_EQ(serve::separator_in({"red", "a;b,c"}), ';');
  EXPECT_EQ(serve::separator_in({"red, blue"}), ',');
  EXPECT_EQ(serve::separator_in({"red"}), '|');
  EXPECT_EQ(serve::labels_in_field(" red , blue,,red", ','), (serve::Labels{"blue", "red"}));
  EXPECT_EQ(serve::joined({"blue", "red"}), "blue|red");
  EXPECT_EQ(serve::joined({}), "");
}

TEST(PhotoTable, OnlyOneLocksAFolder) {
  const TemporaryFolder folder;
  auto first = std::make_unique<serve::FolderLock>(folder.path());
  std::chrono::steady_clock::time_point got;
  const auto begin = std::chrono::steady_clock::now();
  std::jthread other([&] {
    const serve::FolderLock second(folder.path());
    got = std::chrono::steady_clock::now();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  first.reset();
  other.join();
  EXPECT_GE(got - begin, std::chrono::milliseconds(100));
  const serve::FolderLock missing(folder.path() / "missing");  // nothing to lock is no error
}

}  // namespace
}  // namespace graft::test
