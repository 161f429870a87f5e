// SPDX-License-Identifier: Apache-2.0
// graft weights on computers as people have them: stores that cannot be written to, full disks, damaged
// files, variables that forbid the network, catalogues with mistakes, interrupted downloads.
#include <csignal>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "graft/weights_store.hpp"

#include "run.hpp"
#include "server.hpp"
#include "shell.hpp"
#include "store/layout.hpp"
#include "store/partial.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

class People : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!server_.runs()) GTEST_SKIP() << "needs python3 for the server";
    home_.add_catalogue("test.tsv", catalogue(server_, "plain"));
    write_picture(photo(), 200, 30, 20);
  }
  [[nodiscard]] fs::path photo() const { return home_.path() / "a.ppm"; }
  [[nodiscard]] fs::path link() const { return home_.store() / "names" / "test" / "x" / "x.safetensors"; }
  /// A command that loads test/x.
  [[nodiscard]] std::vector<std::string> features() const {
    return {"features",  "mobilenet_v2", photo().string(), "-o", (home_.path() / "f.npy").string(),
            "--weights", "test/x"};
  }
  /// Runs a script in a namespace of its own, where it may mount; $GRAFT and $STORE are set.
  [[nodiscard]] Shell mounted(const std::string& script) const {
    return shell("GRAFT='" + kGraft + "' STORE='" + home_.store().string() + "' unshare -rm sh -e -c '" +
                 script + "'");
  }

  EmptyHome home_;
  Server server_;
};

TEST_F(People, WithoutGraftHomeTheDataFolderIsUsed) {
  const fs::path data = home_.path() / "data";
  const Environment environment(Variables{{"GRAFT_HOME", std::nullopt}, {"XDG_DATA_HOME", data.string()}});
  ASSERT_EQ(run_graft({"weights", "import", server_.content().string()}).code, 0);
  EXPECT_TRUE(fs::exists(data / "graft" / "names" / "local" / "content" / "content.safetensors"));
  const Environment nothing(
      Variables{{"XDG_DATA_HOME", std::nullopt}, {"HOME", std::nullopt}, {"XDG_CACHE_HOME", std::nullopt}});
  EXPECT_EQ(run_graft({"weights", "list", "--here"}).code, 0);
}

TEST_F(People, StoreThatCannotBeMade) {
  std::ofstream(home_.path() / "file") << "a file";
  const Environment environment(Variables{{"GRAFT_HOME", (home_.path() / "file" / "store").string()}});
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"weights", "import", server_.content().string()},
        {"weights", "pull", "vgg16"}}) {
    const Outcome refused = run_graft(command);
    EXPECT_EQ(refused.code, 6) << refused.err;
    EXPECT_NE(refused.err.find("cannot make the folder"), std::string::npos) << refused.err;
  }
  EXPECT_EQ(run_graft({"weights", "list"}).code, 0);
  EXPECT_EQ(run_graft({"weights", "gc"}).code, 0);
}

TEST_F(People, ReadOnlyStoreIsReadAndNotWritten) {
  ASSERT_EQ(run_graft({"weights", "pull", "test/x"}).code, 0);
  const std::string mount = "mount --bind $STORE $STORE; mount -o remount,bind,ro $STORE; ";
  if (mounted(mount).code != 0) GTEST_SKIP() << "unshare -rm may not mount here";
  EXPECT_EQ(
      mounted(mount + "$GRAFT weights where test/x; $GRAFT weights verify; $GRAFT weights list --here").code,
      0);
  const Shell refused =
      mounted(mount + "$GRAFT weights import " + server_.content().string() + " --name local/y");
  EXPECT_EQ(refused.code, 6) << refused.out;
  EXPECT_NE(refused.out.find("Read-only file system"), std::string::npos) << refused.out;
  EXPECT_EQ(mounted(mount + "$GRAFT weights remove test/x").code, 6);
  EXPECT_TRUE(fs::exists(link()));
}

TEST_F(People, StoreOnAnotherFileSystem) {
  const std::string mount = "mkdir -p $STORE; mount -t tmpfs -o size=64M none $STORE; ";
  if (mounted(mount).code != 0) GTEST_SKIP() << "unshare -rm may not mount here";
  const Shell imported = mounted(mount + "$GRAFT weights import " + server_.content().string() +
                                 " --name local/y; $GRAFT weights where local/y; $GRAFT weights verify");
  EXPECT_EQ(imported.code, 0) << imported.out;
  EXPECT_NE(imported.out.find("1 file, 0 broken"), std::string::npos) << imported.out;
}

TEST_F(People, FullDiskIsSaidAndLeavesNoFile) {
  const std::string tiny = "mkdir -p $STORE; mount -t tmpfs -o size=32k none $STORE; ";
  if (mounted(tiny).code != 0) GTEST_SKIP() << "unshare -rm may not mount here";
  std::ofstream(home_.path() / "no-length.tsv") << catalogue(server_, "no-length");
  const Environment environment(Variables{{"GRAFT_CATALOGUE", (home_.path() / "no-length.tsv").string()}});
  for (const std::string& command :
       {"import " + server_.content().string() + " --name test/x", std::string("pull test/x")}) {
    const Shell full =
        mounted(tiny + "$GRAFT weights " + command + " || echo failed $?; test ! -e $STORE/names");
    EXPECT_EQ(full.code, 0) << full.out;
    EXPECT_NE(full.out.find("failed 6"), std::string::npos) << full.out;
  }
}

TEST_F(People, DamagedFileInTheStoreIsSeenByVerifyAndByEveryUse) {
  ASSERT_EQ(run_graft({"weights", "pull", "test/x"}).code, 0);
  const fs::path blob = fs::canonical(link());
  fs::permissions(blob, fs::perms::owner_write, fs::perm_options::add);
  std::fstream(blob, std::ios::in | std::ios::out | std::ios::binary).seekp(-1, std::ios::end).put('!');
  const Outcome verified = run_graft({"weights", "verify"});
  EXPECT_EQ(verified.code, 1) << verified.out;
  EXPECT_NE(verified.out.find("BROKEN"), std::string::npos) << verified.out;
  const Outcome used = run_graft(features());
  EXPECT_EQ(used.code, 4) << used.err;
  EXPECT_NE(used.err.find("its SHA-256 is"), std::string::npos) << used.err;
  ASSERT_EQ(run_graft({"weights", "remove", "test/x"}).code, 0);
  ASSERT_EQ(run_graft({"weights", "pull", "test/x"}).code, 0);
  EXPECT_EQ(run_graft({"weights", "verify"}).code, 0);
}

TEST_F(People, VariablesForbidTheNetworkForEveryCommand) {
  write_picture(home_.path() / "photos" / "a" / "1.ppm", 200, 30, 20);
  write_picture(home_.path() / "photos" / "b" / "1.ppm", 20, 30, 200);
  const std::string photos = (home_.path() / "photos").string();
  for (const char* name : {"GRAFT_OFFLINE", "HF_HUB_OFFLINE"}) {
    const Environment environment(Variables{{name, "1"}, {"GRAFT_DOWNLOAD", "1"}});
    for (std::vector<std::string> command :
         {std::vector<std::string>{"weights", "pull", "test/x"},
          {"train", photos, "--model", "mobilenet_v2", "--weights", "test/x", "--download"},
          {"predict", "mobilenet_v2", "--weights", "test/x", photo().string(), "--download"},
          {"features", "mobilenet_v2", "--weights", "test/x", photo().string(), "-o", photos + "/f.npy",
           "--download"}}) {
      const Outcome refused = run_graft(command);
      EXPECT_EQ(refused.code, 3) << name << ' ' << command[0] << '\n' << refused.err;
      EXPECT_NE(refused.err.find("graft weights import"), std::string::npos) << command[0] << '\n'
                                                                             << refused.err;
    }
  }
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(People, MistakesInACatalogueNameFileAndLine) {
  home_.add_catalogue("bad.tsv", "name\tfile\nlab/a\ta.h5\nlab/a\tb.h5\n");
  const Outcome listed = run_graft({"weights", "list"});
  EXPECT_EQ(listed.code, 4);
  EXPECT_NE(listed.err.find("bad.tsv, line 3"), std::string::npos) << listed.err;
  const Environment environment(Variables{{"GRAFT_CATALOGUE", "/no/such/catalogue.tsv"}});
  EXPECT_NE(run_graft({"weights", "list"}).err.find("/no/such/catalogue.tsv"), std::string::npos);
}

TEST_F(People, InterruptedPullContinues) {
  home_.add_catalogue("test.tsv", catalogue(server_, "slow-at-first"));
  const std::string url = server_.address("slow-at-first");
  fs::path part = PartialFile::lock_file(Layout(home_.store()), url);
  part.replace_extension(".json");
  EXPECT_EQ(stop_graft({"weights", "pull", "test/x"}, home_.path(), part, SIGINT), 130);
  EXPECT_FALSE(fs::exists(link()));
  const Outcome again = run_graft({"weights", "pull", "test/x"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(sha256_of_file(link()), sha256_of_file(server_.content()));
  ASSERT_EQ(server_.requests().size(), 2U);
  EXPECT_NE(server_.requests()[1].find("bytes="), std::string::npos) << server_.requests()[1];
}

TEST_F(People, GarbageCollectionLeavesARunningDownloadAlone) {
  home_.add_catalogue("test.tsv", catalogue(server_, "slow"));
  Outcome pulled;
  std::thread pulling([&] { pulled = run_graft({"weights", "pull", "test/x"}); });
  fs::path part = PartialFile::lock_file(Layout(home_.store()), server_.address("slow"));
  part.replace_extension(".part");
  for (int i = 0; i < 500 && !fs::exists(part); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(run_graft({"weights", "gc", "--all"}).code, 0);
  pulling.join();
  EXPECT_EQ(pulled.code, 0) << pulled.err;
  EXPECT_EQ(server_.requests().size(), 1U);
  EXPECT_EQ(sha256_of_file(link()), sha256_of_file(server_.content()));
}

/// milliseconds: as graft profile measured them; docs/weights.md.
TEST_F(People, ListHasTheTimeThatProfileMeasured) {
  const Environment environment(Variables{{"GRAFT_CACHE", (home_.path() / "cache").string()}});
  const auto milliseconds = [] {
    for (const Json& row : run_graft({"weights", "list", "mobilenet", "--json"}).json())
      if (row["name"] == "keras/mobilenet_1.0_224-notop") return row["milliseconds"];
    return Json("no such row");
  };
  EXPECT_TRUE(milliseconds().is_null()) << milliseconds();
  ASSERT_EQ(run_graft({"profile", "mobilenet", "--no-top", "--runs", "1", "--threads", "1"}).code, 0);
  EXPECT_TRUE(milliseconds().is_null()) << "not with all threads";
  const Outcome profiled = run_graft({"profile", "mobilenet", "--no-top", "--runs", "1", "--json"});
  ASSERT_EQ(profiled.code, 0);
  EXPECT_EQ(milliseconds(), profiled.json()["ms"]);
  std::ofstream(home_.path() / "cache" / "speeds.json") << "{ nonsense";
  EXPECT_TRUE(milliseconds().is_null());
}

}  // namespace
}  // namespace graft::test
