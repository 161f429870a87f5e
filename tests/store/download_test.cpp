// SPDX-License-Identifier: Apache-2.0
// Downloads from servers that behave badly: see server.py.
#include <algorithm>
#include <chrono>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/weights_store.hpp"

#include "server.hpp"
#include "store/layout.hpp"
#include "store/partial.hpp"

namespace graft::test {
namespace {

class Download : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!server_.runs()) GTEST_SKIP() << "needs python3 for the server";
  }

  /// The served file under this behaviour; hash: as its publisher states it.
  [[nodiscard]] PublishedFile file(const std::string& behaviour, bool hash = true) const {
    return {.name = "test/x",
            .file = "x.safetensors",
            .sha256 = hash ? sha256_of_file(server_.content()) : "",
            .urls = {server_.address(behaviour)}};
  }
  [[nodiscard]] static PullOptions options() {
    return {.attempts = 3, .first_pause = 0.01, .connect_timeout = 5, .stall_timeout = 1};
  }
  /// Pulls and expects the whole, right file.
  void arrives(const PublishedFile& wanted) const {
    const FoundWeights found = pull_weights(wanted, options());
    EXPECT_EQ(found.place, WeightsPlace::own);
    EXPECT_EQ(sha256_of_file(found.path), sha256_of_file(server_.content()));
    EXPECT_TRUE(partial().empty()) << partial().front();
  }
  /// Pulls and expects an error with address, target and import command, and no file.
  std::string fails(const PublishedFile& wanted, ErrorKind kind) const {
    try {
      static_cast<void>(pull_weights(wanted, options()));
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_EQ(error.kind(), kind) << text;
      EXPECT_NE(text.find(wanted.urls.front()), std::string::npos) << text;
      EXPECT_NE(text.find(path_in_store(wanted).string()), std::string::npos) << text;
      EXPECT_NE(text.find("graft weights import x.safetensors"), std::string::npos) << text;
      EXPECT_FALSE(std::filesystem::exists(path_in_store(wanted)));
      return text;
    }
    ADD_FAILURE() << "no error was thrown";
    return "";
  }
  /// Files of unfinished downloads, but for locks.
  [[nodiscard]] std::vector<std::string> partial() const {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(home_.store() / "partial", none)) {
      if (entry.path().extension() != ".lock") names.push_back(entry.path().filename());
    }
    return names;
  }
  [[nodiscard]] std::size_t requests_with(const std::string& text) const {
    const auto lines = server_.requests();
    return static_cast<std::size_t>(std::ranges::count_if(
        lines, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
  }

  EmptyHome home_;
  Server server_;
};

TEST_F(Download, ArrivesWithOneRequestAndNoHead) {
  arrives(file("plain"));
  EXPECT_EQ(server_.requests(), std::vector<std::string>{"GET /plain/x.safetensors -"});
  static_cast<void>(pull_weights(file("plain"), options()));  // it is here
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(Download, ServerBreaksOff) {
  arrives(file("breaks-off"));
  EXPECT_EQ(requests_with("bytes="), 1U);  // the second one asks for the rest
}

TEST_F(Download, ServerBreaksOffAlways) {
  EXPECT_NE(fails(file("breaks-off-always"), ErrorKind::io).find("3 times in a row"), std::string::npos);
}

TEST_F(Download, ContinuesAfterAnInterruption) {
  PullOptions stopping = options();
  stopping.attempts = 1;
  EXPECT_THROW(static_cast<void>(pull_weights(file("breaks-off"), stopping)), Error);
  EXPECT_EQ(partial().size(), 2U);  // the part and what it belongs to
  arrives(file("breaks-off"));
  EXPECT_EQ(requests_with("bytes="), 1U);
}

TEST_F(Download, ServerClaimsMoreThanItSends) { fails(file("claims-more"), ErrorKind::io); }

TEST_F(Download, ServerClaimsLessThanTheFileHas) { fails(file("claims-less"), ErrorKind::bad_file); }

TEST_F(Download, ServerClaimsLessAndNoHashIsPublished) {
  fails(file("claims-less", false), ErrorKind::bad_file);
}

TEST_F(Download, ServerSendsWrongContent) {
  EXPECT_NE(fails(file("wrong-content"), ErrorKind::bad_file).find("published is"), std::string::npos);
  EXPECT_TRUE(partial().empty());
}

TEST_F(Download, ServerSendsAPageWhereNoHashIsPublished) {
  EXPECT_NE(fails(file("page", false), ErrorKind::bad_file).find("a complete file of weights"),
            std::string::npos);
}

TEST_F(Download, FirstHashIsRecordedAndChecked) {
  arrives(file("plain", false));
  remove_weights("test/x");
  EXPECT_NE(fails(file("wrong-content", false), ErrorKind::bad_file).find("recorded when it first came"),
            std::string::npos);
  EXPECT_GE(remove_weights("test/x", true), 0U);  // forgotten
  const FoundWeights other = pull_weights(file("wrong-content", false), options());
  EXPECT_EQ(sha256_of_file(other.path), sha256_of_file(server_.other()));
}

TEST_F(Download, ServerRedirects) { arrives(file("redirects")); }

TEST_F(Download, ServerRedirectsForEver) { fails(file("redirects-forever"), ErrorKind::io); }

TEST_F(Download, ServerRedirectsToAFile) { fails(file("redirects-to-a-file"), ErrorKind::io); }

TEST_F(Download, ServerThrottles) { arrives(file("throttles")); }

TEST_F(Download, ServerStalls) { arrives(file("stalls")); }

TEST_F(Download, ServerRefusesRanges) { arrives(file("refuses-ranges")); }

TEST_F(Download, ServerChangesTheEtag) { arrives(file("changes-the-etag")); }

TEST_F(Download, ServerChangesTheEtagAndNoHashIsPublished) { arrives(file("changes-the-etag", false)); }

TEST_F(Download, ServerChangesTheEtagWithinAFile) { arrives(file("changes-the-etag-within", false)); }

TEST_F(Download, ServerSendsAnotherPart) { arrives(file("sends-another-part", false)); }

TEST_F(Download, ServerSendsNoLength) { arrives(file("no-length")); }

TEST_F(Download, ServerSendsNoLengthAndBreaksOff) { fails(file("no-length-broken"), ErrorKind::bad_file); }

TEST_F(Download, ServerSendsNoLengthAndBreaksOffAndNoHashIsPublished) {
  fails(file("no-length-broken", false), ErrorKind::bad_file);
}

TEST_F(Download, ServerStatesNoVersion) { arrives(file("no-version")); }

TEST_F(Download, ServerStatesNoVersionAndNoHashIsPublished) {
  arrives(file("no-version", false));
  EXPECT_EQ(requests_with("bytes="), 0U);  // begins again: nothing could tell whether parts fit
}

TEST_F(Download, Answer403) { EXPECT_NE(fails(file("403"), ErrorKind::io).find("403"), std::string::npos); }

TEST_F(Download, Answer404) {
  EXPECT_NE(fails(file("404"), ErrorKind::not_found).find("404"), std::string::npos);
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(Download, Answer416) {
  arrives(file("416"));
  EXPECT_EQ(requests_with("bytes="), 1U);
  EXPECT_EQ(server_.requests().size(), 3U);
}

TEST_F(Download, Answer429) { arrives(file("429")); }

TEST_F(Download, Answer429Always) {
  EXPECT_NE(fails(file("429-always"), ErrorKind::io).find("429"), std::string::npos);
  EXPECT_EQ(server_.requests().size(), 3U);  // as many as options().attempts
}

TEST_F(Download, Answer503) { arrives(file("503")); }

TEST_F(Download, SecondAddressIsAskedWhereTheFirstFails) {
  PublishedFile two = file("404");
  two.urls.push_back(server_.address("plain"));
  arrives(two);
}

TEST_F(Download, MirrorIsAskedFirst) {
  const std::string mirror = server_.address("plain");
  const Environment environment(Variables{{"GRAFT_WEIGHTS_MIRROR", mirror.substr(0, mirror.rfind('/') + 1)}});
  arrives(file("404"));
  EXPECT_EQ(server_.requests(), std::vector<std::string>{"GET /plain/x.safetensors -"});
}

/// Also where the publisher's own way is pip.
TEST_F(Download, MirrorIsAskedBeforePip) {
  const std::string mirror = server_.address("plain");
  const Environment environment(Variables{{"GRAFT_WEIGHTS_MIRROR", mirror.substr(0, mirror.rfind('/') + 1)}});
  PublishedFile packed = file("plain");
  packed.urls.clear();
  packed.package = "no_such_package_of_graft";
  arrives(packed);
  EXPECT_EQ(server_.requests(), std::vector<std::string>{"GET /plain/x.safetensors -"});
}

TEST_F(Download, ProxyIsAsked) {
  const std::string proxy = server_.address("plain");
  const Environment environment(
      Variables{{"http_proxy", proxy.substr(0, proxy.find("/plain"))}, {"no_proxy", ""}});
  PublishedFile outside = file("plain");
  outside.urls = {"http://weights.invalid/plain/x.safetensors"};
  arrives(outside);
  ASSERT_EQ(server_.requests().size(), 1U);
  EXPECT_TRUE(server_.requests()[0].starts_with("GET http://weights.invalid/plain/x.safetensors"));
}

TEST_F(Download, StateOfAPartialDownloadMayBeNonsense) {
  for (const char* text : {"{\"url\": 5}", "[]", "{\"url\": null, \"length\": -1}", "{", ""}) {
    const PublishedFile wanted = file("plain");
    const std::filesystem::path lock =
        store::PartialFile::lock_file(store::Layout(weights_home()), wanted.urls[0]);
    std::filesystem::create_directories(lock.parent_path());
    std::filesystem::path state = lock;
    std::ofstream(state.replace_extension(".json")) << text;
    std::ofstream(state.replace_extension(".part")) << "nonsense";
    arrives(wanted);
    static_cast<void>(remove_weights("test/x", true));
  }
}

TEST_F(Download, CatalogueWithoutAnAddress) {
  PublishedFile unknown = file("plain");
  unknown.urls.clear();
  try {
    static_cast<void>(pull_weights(unknown, options()));
    ADD_FAILURE() << "no error was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("no address"), std::string::npos) << error.what();
  }
}

TEST_F(Download, MirrorMayBeAFolder) {
  TemporaryFolder folder;
  std::filesystem::copy_file(server_.content(), folder.path() / "x.safetensors");
  const Environment environment(
      Variables{{"GRAFT_WEIGHTS_MIRROR", folder.path().string()}, {"GRAFT_OFFLINE", "1"}});
  EXPECT_EQ(find_weights(file("plain"))->place, WeightsPlace::mirror);
  arrives(file("plain"));
  EXPECT_TRUE(server_.requests().empty());
  std::filesystem::remove(folder.path() / "x.safetensors");
  EXPECT_EQ(pull_weights(file("plain"), options()).place, WeightsPlace::own);
}

TEST_F(Download, AWrongFileInAMirrorsFolderIsNotTaken) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "x.safetensors") << "something else";
  const Environment environment(Variables{{"GRAFT_WEIGHTS_MIRROR", folder.path().string()}});
  arrives(file("plain"));
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(Download, FromAFolderAndNowhereElse) {
  TemporaryFolder folder;
  PullOptions from = options();
  from.from = folder.path().string();
  const std::string missing =
      message_of([&] { static_cast<void>(pull_weights(file("plain"), from)); }, ErrorKind::not_found);
  EXPECT_NE(missing.find("has no file x.safetensors"), std::string::npos) << missing;
  std::ofstream(folder.path() / "x.safetensors") << "something else";
  static_cast<void>(
      message_of([&] { static_cast<void>(pull_weights(file("plain"), from)); }, ErrorKind::bad_file));
  EXPECT_FALSE(std::filesystem::exists(path_in_store(file("plain"))));
  std::filesystem::copy_file(server_.content(), folder.path() / "x.safetensors",
                             std::filesystem::copy_options::overwrite_existing);
  from.offline = true;
  const FoundWeights found = pull_weights(file("plain"), from);
  EXPECT_EQ(found.place, WeightsPlace::own);
  EXPECT_EQ(sha256_of_file(found.path), sha256_of_file(server_.content()));
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(Download, FromAnAddressAndNowhereElse) {
  const std::string wrong = server_.address("404"), right = server_.address("plain");
  PullOptions from = options();
  from.from = wrong.substr(0, wrong.rfind('/') + 1);
  const std::string text =
      message_of([&] { static_cast<void>(pull_weights(file("plain"), from)); }, ErrorKind::not_found);
  EXPECT_NE(text.find(wrong), std::string::npos) << text;
  from.from = right.substr(0, right.rfind('/') + 1);
  EXPECT_EQ(pull_weights(file("404"), from).place, WeightsPlace::own);
}

TEST_F(Download, OfflineAsksNobody) {
  for (const char* name : {"GRAFT_OFFLINE", "HF_HUB_OFFLINE"}) {
    const Environment environment(Variables{{name, "1"}});
    fails(file("plain"), ErrorKind::not_found);
  }
  PullOptions offline = options();
  offline.offline = true;
  EXPECT_THROW(static_cast<void>(pull_weights(file("plain"), offline)), Error);
  EXPECT_TRUE(server_.requests().empty());
  const Environment zero(Variables{{"GRAFT_OFFLINE", "0"}});
  arrives(file("plain"));
}

TEST_F(Download, ProgressStopsIt) {
  PullOptions stopping = options();
  std::uint64_t seen = 0;
  stopping.progress = [&](const std::string&, std::uint64_t done, std::uint64_t total) {
    EXPECT_TRUE(done <= total || total == 0);
    seen = std::max(seen, done);
    return done == 0;
  };
  try {
    static_cast<void>(pull_weights(file("throttles"), stopping));
    ADD_FAILURE() << "was not stopped";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  }
  EXPECT_GT(seen, 0U);
  EXPECT_LT(seen, std::filesystem::file_size(server_.content()));
}

TEST_F(Download, NobodyListens) {
  PublishedFile closed = file("plain");
  closed.urls = {"http://127.0.0.1:9/x.safetensors"};
  const auto begin = std::chrono::steady_clock::now();
  fails(closed, ErrorKind::io);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(Download, DamagedFileInAnotherCacheDoesNotMatter) {
  const auto keras = home_.path() / ".keras" / "models";
  std::filesystem::create_directories(keras);
  std::filesystem::copy_file(server_.other(), keras / "x.safetensors");
  const PublishedFile wanted = file("plain");
  EXPECT_EQ(find_weights(wanted)->place, WeightsPlace::keras);
  EXPECT_THROW(check_content(wanted, *find_weights(wanted)), Error);
  arrives(wanted);
  EXPECT_EQ(find_weights(wanted)->place, WeightsPlace::own);
}

TEST_F(Download, NotEnoughRoomIsSaidFirst) {
  PublishedFile huge = file("no-length");
  huge.bytes = std::uint64_t{1} << 60U;
  EXPECT_NE(fails(huge, ErrorKind::io).find("not enough room"), std::string::npos);
}

}  // namespace
}  // namespace graft::test
