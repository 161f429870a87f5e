// SPDX-License-Identifier: Apache-2.0
// graft cache, and how graft train uses the cache.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/plan/plan.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

class OwnCache {
 public:
  OwnCache() : before_(std::getenv("GRAFT_CACHE")) { setenv("GRAFT_CACHE", folder_.path().c_str(), 1); }
  ~OwnCache() { setenv("GRAFT_CACHE", before_.c_str(), 1); }
  OwnCache(const OwnCache&) = delete;
  OwnCache& operator=(const OwnCache&) = delete;

 private:
  TemporaryFolder folder_;
  std::string before_;
};

void write_photos(const std::filesystem::path& folder) {
  for (int i = 0; i < 12; ++i) {
    write_picture(folder / "red" / (std::to_string(i) + ".ppm"), 200 + i, 30, 20);
    write_picture(folder / "blue" / (std::to_string(i) + ".ppm"), 30, 20, 200 + i);
  }
}

Outcome train(const TemporaryFolder& folder, const std::string& out, const std::vector<std::string>& more,
              const std::string& precision = "float32") {
  std::vector<std::string> arguments{"train",        (folder.path() / "photos").string(),
                                     "--model",      "mobilenet_v2",
                                     "--weights",    "none",
                                     "--image-size", "32",
                                     "--recipe",     "head",
                                     "--precision",  precision,
                                     "--out",        (folder.path() / out).string(),
                                     "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_graft(arguments);
}

TEST(CliCache, SecondTrainingReadsTheFeatures) {
  const OwnCache cache;
  const TemporaryFolder folder;
  write_photos(folder.path() / "photos");
  const Outcome plain = train(folder, "plain", {"--no-cache", "--seed", "1"});
  ASSERT_EQ(plain.code, 0) << plain.err;
  EXPECT_EQ(run_graft({"cache", "--json"}).json()["bytes"], 0);
  const Outcome first = train(folder, "first", {"--seed", "1"});
  const Outcome second = train(folder, "second", {"--seed", "1"});
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(first.json()["facts"]["features"]["cached"], 0);
  EXPECT_EQ(second.json()["facts"]["features"]["computed"], 0);
  for (const char* what : {"test_accuracy", "validation_accuracy", "confusion"}) {
    EXPECT_EQ(first.json()[what], plain.json()[what]);
    EXPECT_EQ(second.json()[what], plain.json()[what]);
  }
  EXPECT_EQ(second.json()["facts"]["head"], plain.json()["facts"]["head"]);

  const Json listed = run_graft({"cache", "--json"}).json();
  EXPECT_EQ(listed["sections"].size(), 3U);  // features, those of test photos, and which photos are readable
  EXPECT_GT(listed["bytes"].get<int>(), 0);
  EXPECT_NE(run_graft({"cache"}).out.find("features of mobilenet_v2 32 x 32, float32"), std::string::npos);
  EXPECT_GT(run_graft({"cache", "--clear", "--json"}).json()["freed_bytes"].get<int>(), 0);
  EXPECT_EQ(run_graft({"cache", "--json"}).json()["bytes"], 0);
}

TEST(CliCache, TheEffectOfBfloat16IsMeasuredOnce) {
  const OwnCache cache;
  const TemporaryFolder folder;
  write_photos(folder.path() / "photos");
  const Outcome first = train(folder, "first", {}, "auto");
  const Outcome second = train(folder, "second", {}, "auto");
  ASSERT_EQ(first.code, 0) << first.err;
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(first.json()["facts"]["precision"], second.json()["facts"]["precision"]);
  if (!first.json()["facts"].contains("moved_by_bfloat16")) return;  // a processor without it
  EXPECT_EQ(first.json()["facts"]["moved_by_bfloat16"], second.json()["facts"]["moved_by_bfloat16"]);
  EXPECT_NE(run_graft({"cache"}).out.find("effects of bfloat16"), std::string::npos);
}

TEST(CliCache, ReportsThatBfloat16IsNotFasterHere) {
  const OwnCache cache;
  const TemporaryFolder folder;
  write_photos(folder.path() / "photos");
  const Outcome trained = train(folder, "low", {}, "mixed_bfloat16");
  ASSERT_EQ(trained.code, 0) << trained.err;
  const bool reported = trained.json()["notes"].dump().find("not faster in it") != std::string::npos;
  EXPECT_EQ(reported, !plan::has_fast_mixed_precision());
}

TEST(CliCache, PhotoThatBreaksLaterIsLeftOut) {
  const OwnCache cache;
  const TemporaryFolder folder;
  write_photos(folder.path() / "photos");
  ASSERT_EQ(train(folder, "first", {}).code, 0);
  std::filesystem::resize_file(folder.path() / "photos" / "red" / "3.ppm", 100);
  const Outcome second = train(folder, "second", {});
  ASSERT_EQ(second.code, 1) << second.err;
  EXPECT_EQ(second.json()["skipped_images"].size(), 1U);
}

}  // namespace
}  // namespace graft::test
