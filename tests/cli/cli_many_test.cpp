// SPDX-License-Identifier: Apache-2.0
// graft predict --out and graft features -o FOLDER: many photos, killed, continued, shared by several jobs.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graft/base/json.hpp"
#include "graft/formats/npy.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// When graft is killed: `more` microseconds after `place`, a file or the files of a folder, has that many
/// bytes.
struct KillAt {
  fs::path place;
  std::uintmax_t bytes;
  std::uint64_t more;
};

/// 0 where there is nothing.
std::uintmax_t bytes_in(const fs::path& place) {
  std::error_code error;  // files come and go meanwhile
  if (!fs::is_directory(place, error)) {
    const std::uintmax_t size = fs::file_size(place, error);
    return error ? 0 : size;
  }
  std::uintmax_t sum = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(place, error)) {
    const std::uintmax_t size = entry.file_size(error);
    if (!error) sum += size;
  }
  return sum;
}

/// Starts graft and kills it then, however fast the machine is. False: it had ended before.
bool kill_graft(const Words& words, const fs::path& folder, const KillAt& at) {
  const pid_t child = fork();
  if (child == 0) {
    fs::current_path(folder);
    std::vector<char*> pointers{const_cast<char*>("graft")};
    for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    if (std::freopen("/dev/null", "w", stderr) == nullptr ||
        std::freopen("/dev/null", "w", stdout) == nullptr)
      _exit(127);
    execv(GRAFT_PROGRAM, pointers.data());
    _exit(127);
  }
  int status = 0;
  while (bytes_in(folder / at.place) < at.bytes) {
    if (waitpid(child, &status, WNOHANG) == child) return false;
    usleep(100);
  }
  usleep(static_cast<useconds_t>(at.more));
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

class CliMany : public testing::Test {
 protected:
  CliMany() { write_red_or_blue(root() / "model"); }

  [[nodiscard]] fs::path root() const { return folder_.path(); }
  [[nodiscard]] Outcome run(const Words& words) const { return run_graft(words, root()); }
  [[nodiscard]] std::string content(const fs::path& file) const {
    return fs::exists(root() / file) ? read_file(root() / file) : "no file " + file.string();
  }
  /// Photos in two folders, each of a colour of its own; every `broken`th cannot be read.
  void add_photos(int count, int broken = 1 << 30) const {
    for (int i = 0; i < count; ++i) {
      std::array<char, 32> name{};
      std::snprintf(name.data(), name.size(), "p/%c/%05d.ppm", i % 2 == 0 ? 'a' : 'b', i);
      write_picture(root() / name.data(), i % 200, 50, (i * 7) % 200);
      if (i % broken == broken - 1) std::ofstream(root() / name.data()) << "P6\n40 30\n255\nshort";
    }
  }
  [[nodiscard]] std::set<std::string> files_in(const fs::path& folder) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(root() / folder)) names.insert(entry.path().filename());
    return names;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(CliMany, AnswersGoIntoFilesWithTheRowsOfCsv) {
  add_photos(100);
  const Outcome outcome = run({"predict", "model", "p", "--out", "out"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "out/answers.csv  100 of 100 photos")) << outcome.out;
  EXPECT_EQ(content("out/answers.csv"), run({"predict", "model", "p", "--csv"}).out);
  EXPECT_EQ(content("out/failed.csv"), "file,reason\n");
  EXPECT_EQ(files_in("out"), (std::set<std::string>{"answers.csv", "failed.csv", "run.json"}));
  const Outcome lines = run({"predict", "model", "p", "--out", "a.jsonl", "--json"});
  EXPECT_EQ(lines.json()["answered"], 100) << lines.err;
  EXPECT_EQ(content("a.jsonl"), run({"predict", "model", "p", "--jsonl"}).out);
  EXPECT_EQ(content("a.failed.csv"), "file,reason\n");
}

TEST_F(CliMany, PhotosThatCannotBeReadDoNotStopIt) {
  add_photos(70, 10);
  std::ofstream(root() / "p/notes.txt") << "no photo";
  const Outcome outcome = run({"predict", "model", "p", "missing.jpg", "--out", "out"});
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "out/failed.csv  8 could not be read")) << outcome.out;
  const std::string failed = content("out/failed.csv");
  EXPECT_TRUE(contains(failed, "file,reason\np/b/00009.ppm,")) << failed;
  EXPECT_TRUE(contains(failed, "missing.jpg,there is no such file\n")) << failed;
  EXPECT_FALSE(contains(failed, "notes.txt")) << failed;
  const std::string answers = content("out/answers.csv");
  EXPECT_EQ(std::ranges::count(answers, '\n'), 64);
}

TEST_F(CliMany, KilledTenTimesAndContinuedItHasTheSameBytes) {
  add_photos(3000, 97);
  ASSERT_EQ(run({"predict", "model", "p", "--out", "whole"}).code, 1);
  const std::uintmax_t whole = fs::file_size(root() / "whole/answers.csv");
  std::mt19937 random(26);
  int killed_within = 0;
  for (int trial = 0; trial < 10; ++trial) {
    const std::string out = "out" + std::to_string(trial);
    const fs::path part = fs::path(out) / "answers.csv.part";
    const Words words{"predict", "model", "p", "--out", out, "--resume", "--quiet"};
    // The first before anything is written, the others within.
    if (kill_graft(words, root(), {part, trial == 0 ? 0 : 1 + random() % (whole / 2), random() % 5000}) &&
        bytes_in(root() / part) > 0)
      ++killed_within;
    ASSERT_EQ(run(words).code, 1) << trial;
    EXPECT_EQ(content(out + "/answers.csv"), content("whole/answers.csv")) << trial;
    EXPECT_EQ(content(out + "/failed.csv"), content("whole/failed.csv")) << trial;
    EXPECT_EQ(content(out + "/run.json"), content("whole/run.json")) << trial;
    EXPECT_EQ(files_in(out), (std::set<std::string>{"answers.csv", "failed.csv", "run.json"}));
  }
  EXPECT_GE(killed_within, 5) << "too few were killed in the middle";
}

TEST_F(CliMany, ATornLastRecordIsCutOff) {
  add_photos(3000, 50);  // enough that a kill meets the run while it writes
  ASSERT_EQ(run({"predict", "model", "p", "--out", "whole"}).code, 1);
  const std::string answers = content("whole/answers.csv"), failed = content("whole/failed.csv");
  // What a kill leaves within the last write: some of the bytes, and no line in the journal.
  const Words words{"predict", "model", "p", "--out", "torn", "--resume"};
  for (int trial = 0; trial < 10 && !fs::exists(root() / "torn/answers.csv.part"); ++trial) {
    fs::remove_all(root() / "torn");
    kill_graft(words, root(), {"torn/answers.csv.part", answers.size() / 4, 0});
  }
  ASSERT_TRUE(fs::exists(root() / "torn/answers.csv.part"));
  std::ofstream(root() / "torn/answers.csv.part", std::ios::app) << "p/a/000";
  std::ofstream(root() / "torn/failed.csv.part", std::ios::app) << "p/b/0";
  ASSERT_EQ(run(words).code, 1);
  EXPECT_EQ(content("torn/answers.csv"), answers);
  EXPECT_EQ(content("torn/failed.csv"), failed);
}

TEST_F(CliMany, ResumeIsRefusedWhereSomethingElseIsWanted) {
  add_photos(40);
  EXPECT_EQ(run({"predict", "model", "p", "--out", "out", "--resume"}).code, 0);
  const std::string before = content("out/answers.csv");
  const Outcome again = run({"predict", "model", "p", "--out", "out"});
  EXPECT_EQ(again.code, 2);
  EXPECT_TRUE(contains(again.err, "--resume")) << again.err;
  const Outcome same = run({"predict", "model", "p", "--out", "out", "--resume"});
  EXPECT_EQ(same.code, 0) << same.err;
  EXPECT_TRUE(contains(same.err, "finished before")) << same.err;
  const Outcome options = run({"predict", "model", "p", "--out", "out", "--resume", "--top", "1"});
  EXPECT_EQ(options.code, 2);
  EXPECT_TRUE(contains(options.err, "--top (5 then, 1 now)")) << options.err;
  write_picture(root() / "p/a/zz.ppm", 1, 2, 3);
  const Outcome list = run({"predict", "model", "p", "--out", "out", "--resume"});
  EXPECT_EQ(list.code, 2);
  EXPECT_TRUE(contains(list.err, "the number of photos (40 then, 41 now)")) << list.err;
  EXPECT_TRUE(contains(list.err, "the list of photos")) << list.err;
  fs::remove(root() / "p/a/zz.ppm");
  ASSERT_EQ(run({"edit", "model", "--class-names", "cold,warm", "-o", "renamed"}).code, 0);
  const Outcome model = run({"predict", "renamed", "p", "--out", "out", "--resume"});
  EXPECT_EQ(model.code, 2);
  EXPECT_TRUE(contains(model.err, "the names of the classes")) << model.err;
  EXPECT_EQ(content("out/answers.csv"), before);
}

TEST_F(CliMany, NothingOfTheUsersIsOverwritten) {
  add_photos(3);
  fs::create_directories(root() / "mine");
  std::ofstream(root() / "mine/answers.csv") << "mine";
  std::ofstream(root() / "x.csv") << "mine";
  std::ofstream(root() / "mine/features-00002.npy") << "mine";
  EXPECT_EQ(run({"predict", "model", "p", "--out", "mine", "--resume"}).code, 2);
  const Outcome file = run({"predict", "model", "p", "--out", "x.csv", "--resume"});
  EXPECT_EQ(file.code, 2);
  EXPECT_TRUE(contains(file.err, "x.csv exists already")) << file.err;
  EXPECT_EQ(run({"features", "model", "p", "-o", "mine", "--resume"}).code, 2);
  EXPECT_EQ(content("mine/answers.csv"), "mine");
  EXPECT_EQ(content("x.csv"), "mine");
  EXPECT_EQ(files_in("mine").size(), 2U);
}

TEST_F(CliMany, ShardsTogetherAreTheWholeRun) {
  add_photos(150, 40);
  ASSERT_EQ(run({"predict", "model", "p", "--out", "whole"}).code, 1);
  ASSERT_EQ(run({"features", "model", "p", "-o", "whole.jsonl"}).code, 1);
  std::string rows, failed, features;
  for (const std::string number : {"1", "2", "3"}) {
    const Outcome outcome =
        run({"predict", "model", "p", "--out", "out", "--shard", number + "/3", "--json"});
    EXPECT_LE(outcome.code, 1) << outcome.err;
    const std::string part = content("out/answers-" + number + "-of-3.csv");
    const std::string bad = content("out/failed-" + number + "-of-3.csv");
    rows += number == "1" ? part : part.substr(part.find('\n') + 1);
    failed += number == "1" ? bad : bad.substr(bad.find('\n') + 1);
    EXPECT_LE(run({"features", "model", "p", "-o", "f.jsonl", "--shard", number + "/3"}).code, 1);
    features += content("f-" + number + "-of-3.jsonl");
  }
  EXPECT_EQ(rows, content("whole/answers.csv"));
  EXPECT_EQ(failed, content("whole/failed.csv"));
  EXPECT_EQ(features, content("whole.jsonl"));
  // More jobs than there is work for: some have none.
  std::string many;
  for (int job = 1; job <= 12; ++job) {
    const std::string number = std::to_string(job);
    EXPECT_LE(run({"predict", "model", "p", "--out", "m.jsonl", "--shard", number + "/12"}).code, 1);
    many += content("m-" + std::string(2 - number.size(), '0') + number + "-of-12.jsonl");
  }
  EXPECT_EQ(many, run({"predict", "model", "p", "--jsonl"}).out);
}

TEST_F(CliMany, ShardsThatAreNoneAreRefused) {
  add_photos(3);
  for (const std::string shard :
       {"0/4", "5/4", "1/0", "a/b", "1", "1/", "/4", "-1/4", "1/4/2", "1.5/4", "", "2/ 4"}) {
    const Outcome outcome = run({"predict", "model", "p", "--out", "out", "--shard", shard});
    EXPECT_EQ(outcome.code, 2) << shard;
    EXPECT_TRUE(contains(outcome.err, "--shard")) << outcome.err;
  }
  EXPECT_EQ(run({"predict", "model", "p", "--shard", "1/2"}).code, 2);
  EXPECT_EQ(run({"predict", "model", "p", "--resume"}).code, 2);
  EXPECT_EQ(run({"features", "model", "p", "-o", "f.npy", "--shard", "1/2"}).code, 2);
  EXPECT_FALSE(fs::exists(root() / "out"));
  // The jobs of one folder do the same work.
  EXPECT_EQ(run({"predict", "model", "p", "--out", "out", "--shard", "1/2"}).code, 0);
  const Outcome other = run({"predict", "model", "p", "--out", "out", "--shard", "2/2", "--top", "1"});
  EXPECT_EQ(other.code, 2);
  EXPECT_TRUE(contains(other.err, "--top (5 then, 1 now)")) << other.err;
}

TEST_F(CliMany, ListsAndArchivesNamePhotosToo) {
  add_photos(40);
  std::string names, zeros;
  for (const char* folder : {"p/a", "p/b"}) {
    for (const std::string& name : files_in(folder)) {
      names += folder + ("/" + name) + "\r\n";
      zeros += folder + ("/" + name) + '\0';
    }
  }
  std::ofstream(root() / "names.txt") << names << "\n";
  std::ofstream(root() / "zeros") << zeros;
  const std::string expected = run({"predict", "model", "p", "--csv"}).out;
  EXPECT_EQ(run({"predict", "model", "--list", "names.txt", "--out", "n.csv"}).code, 0);
  EXPECT_EQ(content("n.csv"), expected);
  EXPECT_EQ(run({"predict", "model", "--list", "zeros", "--csv"}).out, expected);
  const std::string at = "cd '" + root().string() + "' && ";
  ASSERT_EQ(std::system((at + "'" GRAFT_PROGRAM "' predict model - --out s.csv --quiet < zeros").c_str()), 0);
  EXPECT_EQ(content("s.csv"), expected);
  EXPECT_EQ(run({"predict", "model", "--list", "none.txt", "--out", "x.csv"}).code, 3);
  EXPECT_EQ(run({"predict", "model", "p", "--stdin", "--list", "names.txt"}).code, 2);

  ASSERT_EQ(std::system((at + "cd p && tar cf ../p.tar a b").c_str()), 0);
  ASSERT_EQ(run({"predict", "model", "p.tar", "--out", "t.csv", "--sort-into", "sorted"}).code, 0);
  const std::string rows = content("t.csv");
  EXPECT_EQ(std::ranges::count(rows, '\n'), 41);
  EXPECT_TRUE(contains(rows, "p.tar/a/00000.ppm,")) << rows;
  EXPECT_TRUE(content("sorted/red/00030.ppm") == content("p/a/00030.ppm"));
  EXPECT_FALSE(fs::is_symlink(root() / "sorted/red/00030.ppm"));
}

TEST_F(CliMany, PhotosAreSortedByLinks) {
  write_picture(root() / "p/x/1.ppm", 200, 0, 0);
  write_picture(root() / "p/y/1.ppm", 190, 0, 0);
  write_picture(root() / "p/y/2.ppm", 0, 0, 200);
  write_picture(root() / "p/y/3.ppm", 100, 0, 100);
  std::ofstream(root() / "p/y/4.jpg") << "no photo";
  fs::create_directories(root() / "sorted/blue");
  std::ofstream(root() / "sorted/blue/2.ppm") << "mine";
  const Words words{"predict", "model", "p", "--sort-into", "sorted", "--reject-below", "0.9"};
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(run(words).code, 1);
    EXPECT_EQ(files_in("sorted"), (std::set<std::string>{"_broken", "_doubtful", "blue", "red"}));
    EXPECT_EQ(files_in("sorted/red").size(), 2U) << "two photos of one name";
    EXPECT_EQ(files_in("sorted/blue").size(), 2U);
    EXPECT_EQ(files_in("sorted/_doubtful"), std::set<std::string>{"3.ppm"});
    EXPECT_EQ(files_in("sorted/_broken"), std::set<std::string>{"4.jpg"});
    EXPECT_EQ(content("sorted/blue/2.ppm"), "mine");
    EXPECT_EQ(content("sorted/red/1.ppm"), content("p/x/1.ppm"));
    EXPECT_TRUE(fs::is_symlink(root() / "sorted/red/1.ppm"));
  }
  EXPECT_EQ(files_in("p/y").size(), 4U);
  const Outcome within = run({"predict", "model", "p", "--sort-into", "p/sorted"});
  EXPECT_EQ(within.code, 2);
  EXPECT_TRUE(contains(within.err, "is within p")) << within.err;
  EXPECT_FALSE(fs::exists(root() / "p/sorted"));
}

TEST_F(CliMany, FeaturesGoIntoNumpyFilesOfSomeRows) {
  add_photos(100, 30);
  ASSERT_EQ(run({"features", "model", "p", "-o", "whole.npy"}).code, 1);
  const Tensor whole = formats::read_npy(root() / "whole.npy");
  ASSERT_EQ(whole.shape(), Shape({97, 3}));
  const Outcome outcome = run({"features", "model", "p", "-o", "out", "--rows-per-file", "40"});
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  EXPECT_EQ(files_in("out"), (std::set<std::string>{"failed.csv", "features-00000.npy", "features-00001.npy",
                                                    "features-00002.npy", "files.csv", "run.json"}));
  std::int64_t row = 0;
  for (const auto& [name, rows] : {std::pair{"0", 40}, {"1", 40}, {"2", 17}}) {
    const Tensor part = formats::read_npy(root() / (std::string("out/features-0000") + name + ".npy"));
    ASSERT_EQ(part.shape(), Shape({rows, 3}));
    EXPECT_TRUE(std::ranges::equal(part.data(), whole.slice(row, row + rows).data()));
    row += rows;
  }
  const std::string files = content("out/files.csv");
  EXPECT_TRUE(files.starts_with("file,label\np/a/00000.ppm,a\n")) << files.substr(0, 100);
  EXPECT_EQ(std::ranges::count(files, '\n'), 98);
  ASSERT_EQ(run({"features", "model", "p", "-o", "f.jsonl"}).code, 1);
  std::istringstream lines(content("f.jsonl"));
  std::string line;
  std::getline(lines, line);
  const Json first = Json::parse(line);
  EXPECT_EQ(first["label"], "a");
  EXPECT_EQ(first["features"].size(), 3U);
  EXPECT_FLOAT_EQ(first["features"][1].get<float>(), whole.data()[1]);
}

TEST_F(CliMany, FeaturesAreContinuedToTheSameBytes) {
  add_photos(2000, 97);
  ASSERT_EQ(run({"features", "model", "p", "-o", "whole", "--rows-per-file", "150"}).code, 1);
  const std::uintmax_t all = bytes_in(root() / "whole");
  std::mt19937 random(7);
  int killed = 0;  // on a busy machine a run may end before this process sees its files
  for (int trial = 0; trial < 5; ++trial) {
    const std::string out = "out" + std::to_string(trial);
    const Words words{"features", "model", "p", "-o", out, "--rows-per-file", "150", "--resume", "--quiet"};
    for (const std::uintmax_t from : {std::uintmax_t{0}, all / 2})
      killed += kill_graft(words, root(), {out, from + random() % (all / 3), random() % 5000}) ? 1 : 0;
    ASSERT_EQ(run(words).code, 1) << trial;
    EXPECT_EQ(files_in(out), files_in("whole"));
    for (const std::string& name : files_in("whole"))
      EXPECT_TRUE(content(out + "/" + name) == content("whole/" + name)) << trial << ' ' << name;
  }
  EXPECT_GE(killed, 5) << "too few were killed";
}

}  // namespace
}  // namespace graft::test
