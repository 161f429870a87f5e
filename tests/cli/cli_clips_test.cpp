// SPDX-License-Identifier: Apache-2.0
// graft train on a folder of video files.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"
#include "graft/saving.hpp"

#include "motion_jpeg.hpp"
#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

/// Ten red and ten blue clips of eight frames, and a network of 8 x 8 pixels.
class CliClips : public testing::Test {
 protected:
  CliClips() {
    for (int i = 0; i < 10; ++i) {
      write_video(folder_.path() / ("clips/red/" + std::to_string(i) + ".avi"), 200, 3 * i, 8);
      write_video(folder_.path() / ("clips/blue/" + std::to_string(i) + ".avi"), 3 * i, 200, 8);
    }
    const SymbolicTensor input = Input({8, 8, 3}, "image");
    SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}})(input);
    x = layers::GlobalAveragePooling2D()(x);
    Model(input, layers::Dense({.units = 2, .activation = "softmax", .name = "head"})(x))
        .save(folder_.path() / "own.keras");
  }
  [[nodiscard]] Outcome train(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"train", "clips", "--model", "own.keras", "--epochs", "2", "--no-report"};
    words.insert(words.end(), more.begin(), more.end());
    return run_graft(words, folder_.path());
  }
  [[nodiscard]] std::set<std::string> frames(const std::string& clip) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path() / "clips-frames" / (clip + ".frames")))
      names.insert(entry.path().filename().string());
    return names;
  }
  TemporaryFolder folder_;
};

TEST_F(CliClips, FramesOfAClipAreNeverInTwoParts) {
  const Outcome trained = train({"--every-frame", "2", "--out", "out"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(trained.err.find("20 videos in clips: 80 frames in clips-frames"), std::string::npos)
      << trained.err;
  EXPECT_EQ(frames("red/red-3.avi"),
            (std::set<std::string>{"000000.jpg", "000002.jpg", "000004.jpg", "000006.jpg", "clip.json"}));
  std::map<std::string, std::set<std::string>> parts;
  std::ifstream table(folder_.path() / "out/predictions.csv");
  std::string line;
  std::getline(table, line);
  std::size_t rows = 0;
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::string file, part;
    std::getline(fields, file, ',');
    std::getline(fields, part, ',');
    parts[fs::path(file).parent_path().string()].insert(part);
    ++rows;
  }
  EXPECT_EQ(rows, 80U);
  EXPECT_EQ(parts.size(), 20U);
  for (const auto& [clip, in] : parts) EXPECT_EQ(in.size(), 1U) << clip;

  // A later round keeps them together too.
  for (int i = 10; i < 16; ++i) {
    write_video(folder_.path() / ("more/red/" + std::to_string(i) + ".avi"), 210, 5 * i, 8);
    write_video(folder_.path() / ("more/blue/" + std::to_string(i) + ".avi"), 5 * i, 210, 8);
  }
  const Outcome again =
      run_graft({"train", "more", "--from", "out", "--every-frame", "2", "--out", "round2", "--no-report"},
                folder_.path());
  ASSERT_EQ(again.code, 0) << again.err;
  std::map<std::string, std::set<std::string>> later;
  const Json round = read_json(folder_.path() / "round2/rounds.json")["rounds"].back();
  for (const char* part : {"train", "validation", "test"}) {
    for (const Json& photo : round[part])
      later[fs::path(photo["file"].get<std::string>()).parent_path().string()].insert(part);
  }
  EXPECT_EQ(later.size(), 12U);
  for (const auto& [clip, in] : later) EXPECT_EQ(in.size(), 1U) << clip;
}

TEST_F(CliClips, FramesAreMadeOnceAndFollowTheVideos) {
  ASSERT_EQ(train({"--out", "out", "--frames-per-second", "5"}).code, 0);
  const fs::path kept = folder_.path() / "clips-frames/red/red-1.avi.frames/000000.jpg";
  const auto made = fs::last_write_time(kept);
  fs::remove(folder_.path() / "clips/red/0.avi");
  write_video(folder_.path() / "clips/red/2.avi", 180, 20, 2);
  write_picture(folder_.path() / "clips/blue/photo.ppm", 5, 5, 190);
  ASSERT_EQ(train({"--out", "two", "--frames-per-second", "5"}).code, 0);
  EXPECT_EQ(fs::last_write_time(kept), made);
  EXPECT_FALSE(fs::exists(folder_.path() / "clips-frames/red/red-0.avi.frames"));
  EXPECT_EQ(frames("red/red-2.avi").size(), 2U);  // a frame and what it was made from
  EXPECT_TRUE(fs::is_symlink(folder_.path() / "clips-frames/blue/photo.ppm"));
  ASSERT_EQ(train({"--out", "three", "--every-frame", "1"}).code, 0);
  EXPECT_EQ(frames("red/red-1.avi").size(), 9U);
}

TEST_F(CliClips, ABrokenVideoIsNamedAndNothingElseIsWrittenOver) {
  std::ofstream(folder_.path() / "clips/red/broken.mkv", std::ios::binary) << "\x1A\x45\xDF\xA3 and no more";
  const Outcome trained = train({"--out", "out"});
  EXPECT_EQ(trained.code, 1) << trained.err;
  EXPECT_NE(trained.err.find("clips/red/broken.mkv: cannot be opened as a video"), std::string::npos)
      << trained.err;
  EXPECT_TRUE(fs::exists(folder_.path() / "out/model.keras"));
  fs::create_directories(folder_.path() / "mine");
  std::ofstream(folder_.path() / "mine/letter.txt") << "Dear";
  const Outcome refused = train({"--out", "two", "--frames", "mine"});
  EXPECT_EQ(refused.code, 6);
  EXPECT_NE(refused.err.find("--frames"), std::string::npos) << refused.err;
  EXPECT_EQ(train({"--out", "two", "--group-by", "prefix"}).code, 2);
}

}  // namespace
}  // namespace graft::test
