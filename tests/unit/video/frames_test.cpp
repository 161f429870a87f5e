// SPDX-License-Identifier: Apache-2.0
#include "graft/video/frames.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "graft/error.hpp"

#include "motion_jpeg.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

class Frames : public testing::Test {
 protected:
  [[nodiscard]] fs::path file(const std::string& name) const { return folder_.path() / name; }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(file(name), std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string bytes_of(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  std::vector<std::int64_t> numbers(const std::string& name, const FrameOptions& options) const {
    std::vector<std::int64_t> all;
    const std::size_t count = read_frames(file(name), options, [&](const Frame& frame) {
      all.push_back(frame.number);
      return true;
    });
    EXPECT_EQ(count, all.size());
    return all;
  }
  test::TemporaryFolder folder_;
};

using Numbers = std::vector<std::int64_t>;

TEST_F(Frames, AreThoseOfTheWantedTimes) {
  test::write_video(file("a.avi"), 200, 40, 20, {.frames_per_second = 10});
  EXPECT_TRUE(is_video(file("a.avi")));
  EXPECT_EQ(numbers("a.avi", {.per_second = 2}), (Numbers{0, 5, 10, 15}));
  EXPECT_EQ(numbers("a.avi", {.per_second = 4}), (Numbers{0, 3, 5, 8, 10, 13, 15, 18}));
  EXPECT_EQ(numbers("a.avi", {.every = 7}), (Numbers{0, 7, 14}));
  EXPECT_EQ(numbers("a.avi", {.per_second = 1000}).size(), 20U);
  EXPECT_EQ(numbers("a.avi", {.every = 1, .most = 3}), (Numbers{0, 1, 2}));
}

TEST_F(Frames, HaveTheirColoursAndTimes) {
  test::write_video(file("a.avi"), 200, 40, 6, {.width = 48, .height = 32, .frames_per_second = 5});
  std::size_t seen = 0;
  read_frames(file("a.avi"), {.every = 1}, [&](const Frame& frame) {
    EXPECT_EQ(frame.picture.shape(), (Shape{32, 48, 3}));
    EXPECT_NEAR(frame.seconds, static_cast<double>(frame.number) / 5, 1e-6);
    EXPECT_NEAR(frame.picture.at<std::uint8_t>(16, 24, 0), 200, 4);
    EXPECT_NEAR(frame.picture.at<std::uint8_t>(16, 24, 1), 10 * frame.number, 4);
    EXPECT_NEAR(frame.picture.at<std::uint8_t>(16, 24, 2), 40, 4);
    return ++seen < 4;
  });
  EXPECT_EQ(seen, 4U);
}

TEST_F(Frames, WhatIsNoVideoIsRefusedWithItsName) {
  write("photo.ppm", "P6 1 1 255\nabc");
  write("text.mp4", "nothing of the kind, but long enough to have a beginning");
  write("cut.avi", "");
  EXPECT_FALSE(is_video(file("photo.ppm")));
  EXPECT_FALSE(is_video(file("text.mp4")));
  EXPECT_FALSE(is_video(file("cut.avi")));
  EXPECT_FALSE(is_video(folder_.path()));
  for (const char* name : {"photo.ppm", "text.mp4", "cut.avi"}) {
    const std::string message = test::message_of([&] { (void)numbers(name, {}); }, ErrorKind::bad_file);
    EXPECT_NE(message.find(name), std::string::npos) << message;
  }
  EXPECT_THROW((void)numbers("absent.avi", {}), Error);
  test::write_video(file("a.avi"), 1, 2, 2);
  EXPECT_THROW((void)numbers("a.avi", {.per_second = 0}), Error);
  EXPECT_THROW((void)numbers("a.avi", {.every = 0}), Error);
}

TEST_F(Frames, AFileThatNamesOthersIsNotFollowed) {
  test::write_video(file("a.avi"), 1, 2, 2);
  write("list.m3u8",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n" + file("a.avi").string() + "\n#EXT-X-ENDLIST\n");
  write("list.txt", "ffconcat version 1.0\nfile '" + file("a.avi").string() + "'\n");
  EXPECT_THROW((void)numbers("list.m3u8", {}), Error);
  EXPECT_THROW((void)numbers("list.txt", {}), Error);
}

TEST_F(Frames, BrokenFilesGiveTheirGoodFramesOrAnError) {
  test::write_video(file("a.avi"), 90, 40, 8);
  const std::string good = bytes_of("a.avi");
  const std::vector<double> noise = test::u01("broken video", 400);
  for (std::size_t i = 0; i < 60; ++i) {
    std::string bytes = good.substr(0, static_cast<std::size_t>(noise[i] * static_cast<double>(good.size())));
    if (i % 2 == 0) bytes = good;
    for (std::size_t k = 0; i % 2 == 0 && k < 5; ++k) {
      const auto at = static_cast<std::size_t>(noise[60 + 5 * i + k] * static_cast<double>(good.size()));
      bytes[at] = static_cast<char>(bytes[at] ^ 0x5A);
    }
    write("broken.avi", bytes);
    try {
      EXPECT_LE(numbers("broken.avi", {.every = 1}).size(), 9U);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_file) << error.what();
    }
  }
}

}  // namespace
}  // namespace graft
