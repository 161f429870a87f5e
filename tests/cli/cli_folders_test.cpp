// SPDX-License-Identifier: Apache-2.0
// The program with folders, lists and terminals as people have them.
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graft/classifier.hpp"
#include "graft/formats/npy.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// A folder with photos and a model for them.
class CliFolders : public testing::Test {
 protected:
  CliFolders() { write_red_or_blue(root() / "model"); }

  void add(const std::string& name, bool red) const {
    write_picture(root() / name, red ? 255 : 0, 0, red ? 0 : 255);
  }
  /// `count` photos of each class below a folder.
  void add_classes(const std::string& folder, int count, int first = 0) const {
    for (int i = first; i < first + count; ++i) {
      write_picture(root() / folder / "red" / (std::to_string(i) + ".ppm"), 200 + i, 10 * i, 0);
      write_picture(root() / folder / "blue" / (std::to_string(i) + ".ppm"), 0, 10 * i, 200 + i);
    }
  }
  [[nodiscard]] Outcome run(const Words& words) const { return run_graft(words, root()); }
  [[nodiscard]] Outcome train(const std::string& photos, const Words& more = {}) const {
    Words words{"train",        photos, "--weights", "none", "--model", "mobilenet_v2",
                "--image-size", "32",   "--recipe",  "head", "--json"};
    if (std::ranges::find(more, "--out") == more.end()) words.insert(words.end(), {"--out", "out"});
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

TEST_F(CliFolders, ANameThatIsNotUtf8IsRefusedBeforeTraining) {
  add_classes("photos", 4);
  fs::rename(root() / "photos/red", root() / "photos/caf\xE9");
  const Outcome outcome = train("photos");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.err, "caf\\xe9")) << outcome.err;
}

TEST_F(CliFolders, SplitFoldersOfOtherNamesAreUsed) {
  add_classes("k/training_set/training_set", 8);
  add_classes("k/test_set/test_set", 3, 20);
  const Outcome outcome = train("k");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["classes"], (Json{"blue", "red"}));
  EXPECT_EQ(outcome.json()["photos"]["test"], 6);
  EXPECT_TRUE(contains(outcome.err, "test_set/test_set")) << outcome.err;
}

TEST_F(CliFolders, ThreePhotosOfEachOfTwelveClassesAreEnough) {
  for (int k = 0; k < 12; ++k) {
    for (int i = 0; i < 3; ++i)
      write_picture(root() / "faces" / ("s" + std::to_string(k)) / (std::to_string(i) + ".ppm"), 20 * k,
                    10 * i, 255 - 20 * k);
  }
  EXPECT_EQ(train("faces").code, 0);
}

TEST_F(CliFolders, PartsMayLackClassesOrHaveOthers) {
  add_classes("p/train", 8);
  write_picture(root() / "p/val/Red/1.ppm", 250, 0, 0);
  write_picture(root() / "p/val/green/1.ppm", 0, 250, 0);
  write_picture(root() / "p/test/1.ppm", 0, 250, 0);
  const Outcome outcome = train("p");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["photos"]["validation"], 1);
  for (const char* part : {"'blue'", "val/green", "p/test"}) EXPECT_TRUE(contains(outcome.err, part)) << part;
  EXPECT_EQ(train("p", {"--out", "o2", "--test", "p/test"}).code, 2);
}

TEST_F(CliFolders, TestPhotosThatWereTrainedOnAreNotCalledNew) {
  add_classes("p/train", 8);
  add_classes("p/test", 3);  // the same pictures as the first three
  Words words{"train", "p",       "--weights", "none", "--model", "mobilenet_v2", "--image-size",
              "32",    "--quiet", "--recipe",  "head", "--out",   "out"};
  const Outcome outcome = run(words);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_FALSE(contains(outcome.out, "never used")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "6 of them also among")) << outcome.out;
}

TEST_F(CliFolders, ResultsHelpersAndEmptyFoldersAreNoClasses) {
  add_classes("p", 8);
  fs::create_directories(root() / "p/@eaDir");
  write_red_or_blue(root() / "p/p-graft");
  fs::create_directories(root() / "p/later");
  const Outcome outcome = train("p");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["classes"], (Json{"blue", "red"}));
  EXPECT_TRUE(contains(outcome.err, "p-graft"));
  EXPECT_EQ(run({"evaluate", "model", "p"}).code, 0);
}

TEST_F(CliFolders, ClassesCanBeChosenAndExcluded) {
  add_classes("p", 3);
  add("p/green/1.ppm", true);
  EXPECT_EQ(run({"evaluate", "model", "p"}).code, 3);
  EXPECT_EQ(run({"evaluate", "model", "p", "--exclude", "green"}).code, 0);
  EXPECT_EQ(run({"evaluate", "model", "p", "--classes", "red,blue", "--json"}).json()["photos"], 6);
}

TEST_F(CliFolders, OutputThatCannotBeWrittenIsFoundFirst) {
  add_classes("p", 3);
  std::ofstream(root() / "afile") << "text";
  EXPECT_EQ(train("p", {"--out", "afile/x"}).code, 6);
  EXPECT_EQ(train("p", {"--out", std::string(300, 'n')}).code, 6);
  EXPECT_EQ(train("p", {"--out", "a/" + std::string(300, 'n') + "/b"}).code, 6);
  for (const std::string file : {"nosuch/x.csv", "afile/x.csv"}) {
    const Outcome features = run({"features", "model", "p", "-o", file});
    EXPECT_EQ(features.code, 6) << features.err;
    EXPECT_FALSE(contains(features.err, "full")) << features.err;
  }
  EXPECT_EQ(run({"preview", "p", "-o", "nosuch/x.png"}).code, 6);
}

TEST_F(CliFolders, APhotoIsNotOverwrittenByAPreview) {
  add_classes("p", 3);
  fs::copy_file(root() / "p/red/0.ppm", root() / "p/red/a.png");
  const std::string before = read_file(root() / "p/red/a.png");
  EXPECT_EQ(run({"preview", "p", "-o", "p/red/0.ppm"}).code, 2);
  const Outcome outcome = run({"preview", "p", "-o", "p/red/a.png"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_TRUE(contains(outcome.err, "is one of the photos")) << outcome.err;
  EXPECT_EQ(read_file(root() / "p/red/a.png"), before);
}

TEST_F(CliFolders, AFolderWithoutPhotosIsSaid) {
  fs::create_directories(root() / "none");
  const Outcome text = run({"predict", "model", "none"});
  EXPECT_EQ(text.code, 3);
  EXPECT_TRUE(contains(text.err, "there is no photo in none")) << text.err;
  EXPECT_EQ(run({"predict", "model", "none", "--json"}).json(),
            (Json{{"photos", Json::array()}, {"skipped_images", Json::array()}}));
  EXPECT_EQ(run({"features", "model", "none", "-o", "f.npy"}).code, 3);
  add("file.ppm", true);
  EXPECT_TRUE(contains(run({"train", "file.ppm"}).err, "file.ppm is a file, not a folder"));
}

TEST_F(CliFolders, OneBadItemDoesNotStopAList) {
  add_classes("p", 2);
  std::ofstream(root() / "p/red/zero.jpg").flush();
  std::ofstream(root() / "p/red/notes.txt") << "text";
  const Outcome text = run({"predict", "model", "p/red/0.ppm", "gone.jpg", "p/blue/0.ppm"});
  EXPECT_EQ(text.code, 1);
  EXPECT_TRUE(contains(text.out, "p/blue/0.ppm"));
  EXPECT_TRUE(contains(text.err, "gone.jpg: "));
  const Outcome outcome = run({"predict", "model", "gone.jpg", "p", "--json"});
  EXPECT_EQ(outcome.code, 1);
  const Json json = outcome.json();
  EXPECT_EQ(json["photos"].size(), 4U) << outcome.out;
  EXPECT_EQ(json["skipped_images"].size(), 3U);
  EXPECT_EQ(run({"predict", "model", "gone.jpg", "gone2.jpg"}).code, 3);
  // Two broken photos and nothing else: still one object.
  std::ofstream(root() / "a.jpg").flush();
  const Outcome none = run({"predict", "model", "a.jpg", "p/red/zero.jpg", "--json"});
  EXPECT_EQ(none.code, 1);
  EXPECT_EQ(none.json()["skipped_images"].size(), 2U) << none.out;
  // Files that are no photos are listed, but nothing failed.
  fs::remove(root() / "p/red/zero.jpg");
  EXPECT_EQ(run({"predict", "model", "p"}).code, 0);
}

TEST_F(CliFolders, NamesAreReadFromStandardInput) {
  add_classes("p", 2);
  const std::string command = "cd '" + root().string() +
                              "' && printf 'p/red/0.ppm\\ngone.jpg\\r\\n\\np/blue/1.ppm\\n' | '" +
                              std::string(GRAFT_PROGRAM) + "' predict model - --json >out.json 2>err.txt";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 1);
  std::ifstream in(root() / "out.json");
  const Json json = Json::parse(in, nullptr, false);
  ASSERT_EQ(json["photos"].size(), 2U);
  EXPECT_EQ(json["photos"][1]["file"], "p/blue/1.ppm");
  EXPECT_EQ(json["skipped_images"][0]["file"], "gone.jpg");
}

TEST_F(CliFolders, NamesCannotCommandTheTerminal) {
  add("p/red/esc\x1B[2J\xC2\x9B.ppm", true);
  add("p/red/caf\xE9.ppm", true);
  std::ofstream(root() / "p/red/bad\x1B[31m.jpg").flush();
  for (const Words& words : {Words{"predict", "model", "p"}, Words{"evaluate", "model", "p"},
                             Words{"features", "model", "p", "-o", "f.csv"}}) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    EXPECT_FALSE(contains(outcome.out + outcome.err, "\x1B")) << words[0];
    EXPECT_FALSE(contains(outcome.out + outcome.err, "\xC2\x9B")) << words[0];
    EXPECT_TRUE(contains(outcome.err, "bad\\x1b[31m.jpg: ")) << outcome.err;
  }
  EXPECT_TRUE(contains(run({"predict", "model", "p"}).out, "caf\\xe9.ppm"));
  // JSON has all bytes of the name.
  const Json photos = run({"predict", "model", "p", "--json"}).json()["photos"];
  ASSERT_EQ(photos.size(), 2U);
  EXPECT_EQ(photos[0]["file_bytes"], "702f7265642f636166e92e70706d");
}

TEST_F(CliFolders, TrainNamesWhatItLeavesOutAndExitsWith1) {
  add_classes("p", 8);
  add("p/loose.ppm", true);
  std::ofstream(root() / "p/red/zero.jpg").flush();
  const Outcome outcome = train("p");
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "loose.ppm: not in a class folder")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "zero.jpg: ")) << outcome.err;
  EXPECT_EQ(run({"evaluate", "model", "p"}).code, 1);
}

/// The widest line that the terminal would draw; a line ends where the cursor goes to the left.
std::size_t widest(const std::string& bytes) {
  std::size_t widest = 0, columns = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\x1B') {
      while (i + 1 < bytes.size() && std::isalpha(static_cast<unsigned char>(bytes[i])) == 0) ++i;
    } else if (bytes[i] == '\r' || bytes[i] == '\n') {
      columns = 0;
    } else if ((static_cast<unsigned char>(bytes[i]) & 0xC0U) != 0x80U) {
      widest = std::max(widest, ++columns);
    }
  }
  return widest;
}

TEST_F(CliFolders, ProgressFitsIntoTheTerminal) {
  add_classes("p", 12);
  for (const int columns : {40, 80, 200}) {
    fs::remove_all(root() / "out");
    const Outcome outcome =
        run_graft_on({.columns = columns},
                     {"train", "p", "--weights", "none", "--model", "mobilenet_v2", "--image-size", "32",
                      "--recipe", "head", "--no-cache", "--out", "out"},
                     root());
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "\x1B[K")) << "a bar was drawn";
    EXPECT_LT(widest(outcome.err), static_cast<std::size_t>(columns)) << outcome.err;
  }
}

TEST_F(CliFolders, DumbTerminalsAndOtherLocalesGetPlainText) {
  add_classes("p", 12);
  const Outcome dumb = run_graft_on({.term = "dumb"}, {"evaluate", "model", "p"}, root());
  EXPECT_EQ(dumb.code, 0);
  EXPECT_FALSE(contains(dumb.err, "\x1B")) << dumb.err;
  for (const Words& words : {Words{"evaluate", "model", "p"}, Words{"predict", "model", "p", "--json"},
                             Words{"features", "model", "p", "-o", "f.npy"}}) {
    const Outcome plain = run_graft_on({.locale = "C"}, words, root());
    EXPECT_EQ(plain.code, 0);
    EXPECT_TRUE(contains(plain.err, "photos")) << "progress of " << words[0];
    for (const char c : plain.err) EXPECT_LT(static_cast<unsigned char>(c), 0x80U);
  }
}

TEST_F(CliFolders, SigtermStopsLikeCtrlC) {
  add_classes("p", 20);
  const pid_t child = fork();
  if (child == 0) {
    fs::current_path(root());
    if (std::freopen("err.txt", "w", stderr) == nullptr) _exit(127);
    execl(GRAFT_PROGRAM, "graft", "train", "p", "--weights", "none", "--model", "mobilenet_v2",
          "--image-size", "32", "--recipe", "tutorial", "--epochs", "100000", "--out", "out",
          static_cast<char*>(nullptr));
    _exit(127);
  }
  // Epochs are reported from the second on.
  for (int i = 0; i < 600; ++i) {
    std::ifstream in(root() / "err.txt");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    if (contains(text, "epoch")) break;
    usleep(100'000);
  }
  kill(child, SIGTERM);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(fs::exists(root() / "out/model.keras"));
}

/// Whether all means over 8 x 8 pixels are those of whole numbers.
bool are_means_of_bytes(const Tensor& means) {
  return std::ranges::all_of(means.data(), [](float mean) { return mean * 64 == std::floor(mean * 64); });
}

TEST_F(CliFolders, PixelsAreRoundedAsTheModelWasTrained) {
  std::string pixels = "P6\n41 37\n255\n";
  for (int at = 0; at < 41 * 37 * 3; ++at) pixels += static_cast<char>(at * at % 251);
  for (const char* photo : {"p/red/1.ppm", "p/red/2.ppm"}) {
    fs::create_directories((root() / photo).parent_path());
    std::ofstream(root() / photo, std::ios::binary) << pixels;
  }
  const Words words{"features", "model", "p", "-o", "f.npy"};
  ASSERT_EQ(run(words).code, 0);
  EXPECT_FALSE(are_means_of_bytes(formats::read_npy(root() / "f.npy")));
  write_red_or_blue(root() / "model", "uint8");
  ASSERT_EQ(run(words).code, 0);
  EXPECT_TRUE(are_means_of_bytes(formats::read_npy(root() / "f.npy")));
  // One file, a data set and pixels in memory have the same answer.
  const Classifier classifier = Classifier::open(root() / "model");
  const fs::path file = root() / "p/red/1.ppm";
  const data::PhotoSet set =
      data::load_photos(data::list_photos(root() / "p", {.infer_labels = false}), classifier.load_options());
  const double from_file = classifier.predict(file)[0].probability;
  const double in_memory = classifier.predict(data::read_image(file))[0].probability;
  EXPECT_EQ(from_file, in_memory);
  EXPECT_EQ(from_file,
            classifier.best(classifier.probabilities(set.all()).data().subspan(0, 2))[0].probability);
}

TEST_F(CliFolders, TrainingStoresHowPixelsAreKept) {
  add_classes("p", 8);
  for (const char* type : {"uint8", "float32"}) {
    fs::remove_all(root() / "out");
    ASSERT_EQ(train("p", {"--pixel-type", type}).code, 0);
    EXPECT_EQ(Classifier::open(root() / "out").metadata()["pixel_type"], type);
  }
}

TEST_F(CliFolders, WithoutAnyWeightsNoPhotoIsRead) {
  add_classes("p", 8);
  const TemporaryFolder weights;
  setenv("GRAFT_WEIGHTS", weights.path().c_str(), 1);
  setenv("HOME", weights.path().c_str(), 1);
  setenv("XDG_CACHE_HOME", weights.path().c_str(), 1);
  const Outcome none = run({"train", "p"});
  EXPECT_EQ(none.code, 3);
  EXPECT_FALSE(contains(none.err, "classes")) << none.err;
  // The tutorial recipe compares no networks: the one with the best published accuracy is taken, and named.
  std::ofstream(weights.path() / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5") << "x";
  std::ofstream(weights.path() / "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5") << "x";
  const Outcome chosen = run({"train", "p", "--recipe", "tutorial"});
  EXPECT_TRUE(contains(chosen.err, "network resnet50")) << chosen.err;
  EXPECT_TRUE(contains(chosen.err, "--model names another one")) << chosen.err;
  EXPECT_FALSE(contains(run({"train", "p", "--model", "mobilenet_v2"}).err, "network resnet50"));
}

}  // namespace
}  // namespace graft::test
