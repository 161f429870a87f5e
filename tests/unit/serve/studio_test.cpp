// SPDX-License-Identifier: Apache-2.0
// graft studio: what its requests do to the folder of a project. The page: tests/web/studio_page.mjs.
#include "graft/serve/studio.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"

#include "serve/studio/child.hpp"
#include "serve/studio/names.hpp"
#include "serve/studio/refusal.hpp"
#include "studio_fixture.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;
using serve::studio::class_name_of;
using serve::studio::file_name_of;

TEST_F(StudioRequests, PhotosAreOrdinaryFilesAndNothingIsOverwritten) {
  make_class("red", 2);
  EXPECT_TRUE(fs::exists(project() / "red/0.ppm"));
  // The same photo again is known; another one of that name gets a number.
  EXPECT_EQ(post("/studio/photos?class=red&name=0.ppm", small_picture(0)), 200);
  EXPECT_EQ(post("/studio/photos?class=red&name=0.ppm", small_picture(77)), 201);
  EXPECT_TRUE(fs::exists(project() / "red/0-2.ppm"));
  EXPECT_EQ(post("/studio/photos?class=red&name=a.jpg", "no picture"), 400);
  EXPECT_EQ(post("/studio/photos?class=red&name=b.jpg", "P6\n900000 900000\n255\n"), 400);
  EXPECT_EQ(post("/studio/photos?class=nothing&name=0.ppm", small_picture(0)), 404);
  EXPECT_EQ(post("/studio/photos?class=..%2F..&name=0.ppm", small_picture(0)), 404);
  EXPECT_EQ(get("/studio/photos?class=red")["total"], 3);
  EXPECT_TRUE(fs::is_empty(project() / ".graft-studio/incoming"));
  // A photo that another program adds is seen.
  std::ofstream(project() / "red/other.ppm") << small_picture(9);
  EXPECT_EQ(get("/studio/photos?class=red")["total"], 4);
}

TEST_F(StudioRequests, PhotosMoveAndComeBack) {
  make_class("red", 3);
  make_class("blue", 1);
  const Json photo = get("/studio/photos?class=red&offset=1&count=1")["photos"][0];
  EXPECT_EQ(photo["name"], "1.ppm");
  const std::string key = "class=red&name=1.ppm&stamp=" + photo["stamp"].get<std::string>();
  EXPECT_EQ(post("/studio/move?" + key + "0&to=blue"), 409);  // it was another one when the page saw it
  EXPECT_EQ(post("/studio/move?" + key + "&to=green"), 404);
  EXPECT_EQ(post("/studio/move?" + key + "&to=blue"), 200);
  EXPECT_EQ(post("/studio/move?" + key + "&to=blue"), 409);  // another window did
  EXPECT_TRUE(fs::exists(project() / "blue/1.ppm"));
  // A taken name in the other class gets a number.
  EXPECT_EQ(Json::parse(request("POST", "/studio/move?class=red&name=0.ppm&to=blue").body)["name"],
            "0-2.ppm");
  const Json removed = Json::parse(request("POST", "/studio/remove?class=red&name=2.ppm").body);
  EXPECT_FALSE(fs::exists(project() / "red/2.ppm"));
  EXPECT_EQ(post("/studio/restore?class=red&kept=" + removed["kept"].get<std::string>()), 200);
  EXPECT_TRUE(fs::exists(project() / "red/2.ppm"));
  EXPECT_EQ(post("/studio/restore?class=red&kept=..%2Ftoken"), 400);
  EXPECT_EQ(post("/studio/restore?class=red&kept=never"), 409);
}

TEST_F(StudioRequests, ClassesChangeOnlyAsTheyWereSeen) {
  make_class("red", 1);
  EXPECT_EQ(post("/studio/classes?name=red"), 409);
  EXPECT_EQ(post("/studio/classes?name=Train"), 400);
  const std::string seen = get("/studio/state")["classes"][0]["revision"];
  ASSERT_EQ(post("/studio/photos?class=red&name=new.ppm", small_picture(5)), 201);
  EXPECT_EQ(post("/studio/classes/remove?name=red&revision=" + seen), 409);
  EXPECT_EQ(post("/studio/classes/rename?name=red&to=pink&revision=" + seen), 409);
  const std::string now = get("/studio/state")["classes"][0]["revision"];
  EXPECT_EQ(post("/studio/classes/rename?name=red&to=..&revision=" + now), 400);
  EXPECT_EQ(post("/studio/classes/rename?name=red&to=pink&revision=" + now), 200);
  EXPECT_TRUE(fs::exists(project() / "pink/new.ppm"));
  EXPECT_EQ(post("/studio/classes/remove?name=pink&revision=" + now), 200);
  EXPECT_TRUE(fs::exists(project() / ".graft-studio/removed-classes/pink/new.ppm"));
  EXPECT_EQ(post("/studio/classes/restore?name=red&kept=pink"), 200);
  EXPECT_TRUE(fs::exists(project() / "red/new.ppm"));
  EXPECT_EQ(post("/studio/classes/restore?name=red&kept=pink"), 409);
  EXPECT_EQ(post("/studio/classes/remove?name=red&revision=" + now), 200);
  EXPECT_TRUE(get("/studio/state")["classes"].empty());
}

using Names = std::vector<std::string>;

TEST_F(StudioRequests, FoldersWithinFoldersAreClassesWhereThatIsChosen) {
  for (const char* name : {"animal/dog", "animal/cat", "plant/rose"}) {
    fs::create_directories(project() / name);
    std::ofstream(project() / name / "a.ppm") << small_picture(1);
  }
  EXPECT_EQ(classes(), (Names{"animal 2", "plant 1"}));
  EXPECT_EQ(get("/studio/state")["classes"][0]["has_folders"], true);
  EXPECT_EQ(post("/studio/classes?name=animal%2Fcow"), 400);
  EXPECT_EQ(post("/studio/grouping?by=colour"), 400);
  ASSERT_EQ(post("/studio/grouping?by=nested"), 200);
  EXPECT_EQ(classes(), (Names{"animal/cat 1", "animal/dog 1", "plant/rose 1"}));
  EXPECT_EQ(get("/studio/photos?class=animal%2Fdog")["photos"][0]["name"], "a.ppm");
  // It stays so when the studio is started again.
  start();
  EXPECT_EQ(get("/studio/state")["grouping"], "nested");
  EXPECT_EQ(post("/studio/classes?name=animal%2Fcow"), 201);
  EXPECT_EQ(post("/studio/photos?class=animal%2Fcow&name=b.ppm", small_picture(2)), 201);
  EXPECT_TRUE(fs::exists(project() / "animal/cow/b.ppm"));
  EXPECT_EQ(post("/studio/move?class=animal%2Fcow&name=b.ppm&to=plant%2Frose"), 200);
  EXPECT_TRUE(fs::exists(project() / "plant/rose/b.ppm"));
  // What another program adds below is seen, also a new folder.
  fs::create_directories(project() / "plant/tree/oak");
  std::ofstream(project() / "plant/tree/oak/c.ppm") << small_picture(3);
  EXPECT_EQ(classes(),
            (Names{"animal/cat 1", "animal/cow 0", "animal/dog 1", "plant/rose 2", "plant/tree/oak 1"}));
  ASSERT_EQ(post("/studio/grouping?by=classes"), 200);
  EXPECT_EQ(classes(), (Names{"animal 2", "plant 3"}));
}

TEST_F(StudioRequests, NestedClassesAreRenamedRemovedAndRestored) {
  ASSERT_EQ(post("/studio/grouping?by=nested"), 200);
  make_class("animal", 1);  // its own photos, beside the class within
  make_class("animal/dog", 2);
  make_class("plant/rose", 1);
  EXPECT_EQ(post("/studio/classes?name=plant"), 409);
  EXPECT_EQ(post("/studio/classes/remove?name=plant%2Frose&revision=" + revision_of("plant/rose")), 200);
  EXPECT_EQ(classes(), (Names{"animal 1", "animal/dog 2"}));
  EXPECT_EQ(post("/studio/classes/rename?name=animal&to=pet&revision=" + revision_of("animal")), 409);
  EXPECT_EQ(post("/studio/classes/remove?name=animal&revision=" + revision_of("animal")), 409);
  const std::string dog = "/studio/classes/rename?name=animal%2Fdog&revision=" + revision_of("animal/dog");
  EXPECT_EQ(post(dog + "&to=animal%2Fdog%2Fpoodle"), 400);
  EXPECT_EQ(post(dog + "&to=..%2Fdog"), 400);
  EXPECT_EQ(post(dog + "&to=pet%2F%2Fdog"), 400);
  EXPECT_EQ(post(dog + "&to=animal"), 409);
  ASSERT_EQ(post(dog + "&to=pet%2Fdog"), 200);
  EXPECT_EQ(classes(), (Names{"animal 1", "pet/dog 2"}));
  const Json removed = Json::parse(
      request("POST", "/studio/classes/remove?name=pet%2Fdog&revision=" + revision_of("pet/dog")).body);
  EXPECT_EQ(removed["kept"], "pet/dog");
  EXPECT_FALSE(fs::exists(project() / "pet"));  // no empty class is left
  EXPECT_EQ(post("/studio/classes/restore?name=pet%2Fdog&kept=..%2Fremoved"), 400);
  EXPECT_EQ(post("/studio/classes/restore?name=animal&kept=pet%2Fdog"), 409);
  ASSERT_EQ(post("/studio/classes/restore?name=pet%2Fdog&kept=pet%2Fdog"), 200);
  EXPECT_EQ(classes(), (Names{"animal 1", "pet/dog 2"}));
  // The last photo of a class that holds another one comes back.
  ASSERT_EQ(post("/studio/classes?name=animal%2Fcat"), 201);
  ASSERT_EQ(post("/studio/remove?class=animal&name=0.ppm"), 200);
  EXPECT_EQ(classes(), (Names{"animal/cat 0", "pet/dog 2"}));
  EXPECT_EQ(post("/studio/restore?class=animal&kept=0.ppm"), 200);
  EXPECT_EQ(classes(), (Names{"animal 1", "animal/cat 0", "pet/dog 2"}));
  EXPECT_EQ(post("/studio/photos?class=pet&name=a.ppm", small_picture(9)), 201);  // beside the class within
  EXPECT_EQ(classes(), (Names{"animal 1", "animal/cat 0", "pet 1", "pet/dog 2"}));
  // Nothing is made behind a link.
  fs::create_directories(folder_.path() / "elsewhere");
  fs::create_directory_symlink(folder_.path() / "elsewhere", project() / "link");
  EXPECT_EQ(post("/studio/classes?name=link%2Fdog"), 409);
  EXPECT_TRUE(fs::is_empty(folder_.path() / "elsewhere"));
}

TEST_F(StudioRequests, PhotosAndListsWithoutAClassAreNamed) {
  make_class("red", 1);
  std::ofstream(project() / "a.ppm") << small_picture(1);
  std::ofstream(project() / "0.ppm") << small_picture(2);
  std::ofstream(project() / "labels.csv") << "path,labels\na.ppm,red|large\n";
  const Json loose = get("/studio/state")["loose"];
  EXPECT_EQ(loose["photos"], 2);
  EXPECT_EQ(loose["lists"], Json::array({"labels.csv"}));
  EXPECT_EQ(post("/studio/loose?to=blue"), 404);
  EXPECT_EQ(Json::parse(request("POST", "/studio/loose?to=red").body)["moved"], 2);
  EXPECT_TRUE(fs::exists(project() / "red/a.ppm"));
  EXPECT_TRUE(fs::exists(project() / "red/0-2.ppm"));  // the name was taken
  EXPECT_EQ(get("/studio/state")["loose"]["photos"], 0);
}

TEST_F(StudioRequests, RoundsOfLabelsAndNumbersAreListed) {
  for (const auto& [name, result] : std::map<std::string, std::string>{
           {"things-graft", R"({"classes": ["a", "b"], "several_labels": {}, "test_accuracy": 0.5})"},
           {"things-graft-2",
            R"({"classes": null, "test_accuracy": null, "test_accuracy_interval": null, "numbers": {}})"},
           {"things-graft-3", R"({"classes": ["x/a", "x/b", "y/c"], "test_accuracy": 1,
              "levels": [{"level": 1, "accuracy": 0.75, "names": ["x", "y"], "confusion": [[3, 1], [0, 0]]}]})"}}) {
    fs::create_directories(folder_.path() / name);
    std::ofstream(folder_.path() / name / "model.keras") << "model";
    std::ofstream(folder_.path() / name / "result.json") << result;
  }
  const Json rounds = get("/studio/state")["rounds"];
  ASSERT_EQ(rounds.size(), 3U);
  EXPECT_EQ(rounds[0]["kind"], "labels");
  EXPECT_EQ(rounds[1]["kind"], "numbers");
  EXPECT_TRUE(rounds[1]["classes"].is_array());  // the page counts them
  EXPECT_TRUE(rounds[1]["interval"].is_array());
  EXPECT_EQ(rounds[2]["kind"], "class");
  EXPECT_EQ(rounds[2]["levels"], Json::parse(R"([{"level": 1, "accuracy": 0.75, "names": ["x", "y"]}])"));
}

/// A program that prints what it was started with, and progress; as graft train does with
/// GRAFT_PROGRESS=json.
TEST_F(StudioRequests, ATrainingOfNestedClassesIsSaidSoAndHasARemainingTime) {
  const fs::path program = folder_.path() / "program";
  std::ofstream(program)
      << "#!/bin/sh\necho \"$*\" >&2\n"
         "echo '{\"stage\":\"features\",\"done\":0,\"total\":100,\"unit\":\"photos\"}' >&2\n"
         "sleep 1.5\n"
         "echo '{\"stage\":\"features\",\"done\":50,\"total\":100,\"unit\":\"photos\"}' >&2\n"
         "exec sleep 30\n";
  fs::permissions(program, fs::perms::owner_all);
  studio_.reset();
  studio_ = std::make_unique<serve::Studio>(
      serve::StudioOptions{.project = project(), .nested = true, .program = program, .port = 0});
  make_class("animal/dog", 1);
  make_class("animal/cat", 1);
  ASSERT_EQ(post("/studio/train?how=fast"), 202);
  Json job = get("/studio/state")["job"];
  EXPECT_TRUE(job["left"].is_null());
  for (int i = 0; i < 500 && job["done"] != 50; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    job = get("/studio/state")["job"];
  }
  ASSERT_EQ(job["done"], 50);
  EXPECT_NEAR(job["left"].get<double>(), 1.5, 1.0);
  EXPECT_EQ(job["lines"][0], "train things --out things-graft --json --nested --recipe head");
  static_cast<void>(post("/studio/cancel"));
  static_cast<void>(post("/studio/cancel"));
}

TEST_F(StudioRequests, OnlyItsOwnPageIsAnswered) {
  EXPECT_EQ(ask(studio_->port(), {.path = "/studio/state"}).status, 401);
  EXPECT_EQ(request("GET", "/studio/state", {}, "Origin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(ask(studio_->port(), {.path = "/?token=" + studio_->token()}).status, 200);
  EXPECT_EQ(ask(studio_->port(), {.path = "/"}).status, 200);
  EXPECT_EQ(ask(studio_->port(), {.path = "/?token=wrong"}).status, 401);
  EXPECT_EQ(request("GET", "/studio/picture?class=.graft-studio&name=token").status, 404);
  EXPECT_EQ(request("GET", "/studio/original?class=.graft-studio&name=token").status, 404);
  EXPECT_EQ(request("GET", "/studio/download?round=..&file=model.keras").status, 404);
  EXPECT_EQ(request("DELETE", "/studio/state").status, 405);
  EXPECT_EQ(request("GET", "/etc/passwd").status, 404);
  struct stat found {};
  ASSERT_EQ(stat((project() / ".graft-studio/token").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0077U, 0U);
  // Started again, the page that is open stays good.
  const std::string token = studio_->token();
  EXPECT_THROW(serve::Studio({.project = project(), .program = "/bin/false", .port = 0}), Error);
  start();
  EXPECT_EQ(studio_->token(), token);
}

TEST_F(StudioRequests, ACommandThatFailsIsReported) {
  EXPECT_EQ(post("/studio/train?how=fast"), 400);
  make_class("red", 1);
  make_class("blue", 1);
  EXPECT_EQ(post("/studio/train?how=best"), 400);
  ASSERT_EQ(post("/studio/train?how=fast"), 202);
  Json job = get("/studio/state")["job"];
  for (int i = 0; i < 200 && job["running"] == true; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    job = get("/studio/state")["job"];
  }
  // /bin/false ends with 1, as a command does that left a photo out; there is no round.
  EXPECT_EQ(job["running"], false);
  EXPECT_TRUE(get("/studio/state")["rounds"].empty());
}

TEST_F(StudioRequests, AModelIsExportedIntoItsRound) {
  make_class("red", 1);
  const fs::path round = folder_.path() / "things-graft";
  fs::create_directories(round);
  std::ofstream(round / "model.keras") << "model";
  std::ofstream(round / "result.json") << "{}";
  EXPECT_EQ(post("/studio/export?round=things-graft&format=exe"), 400);
  EXPECT_EQ(post("/studio/export?round=..&format=onnx"), 404);
  const Answer started = request("POST", "/studio/export?round=things-graft&format=onnx");
  EXPECT_EQ(started.status, 202) << started.body;
  EXPECT_EQ(Json::parse(started.body)["ready"], false);
  EXPECT_EQ(get("/studio/state")["job"]["kind"], "export");
  for (int i = 0; i < 200 && get("/studio/state")["job"]["running"] == true; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(request("GET", "/studio/download?round=things-graft&file=model.onnx").status, 404);
  std::ofstream(round / "model.onnx") << "exported";
  EXPECT_EQ(Json::parse(request("POST", "/studio/export?round=things-graft&format=onnx").body)["ready"],
            true);
  EXPECT_EQ(request("GET", "/studio/download?round=things-graft&file=model.onnx").body, "exported");
}

TEST(StudioNames, OfNestedClassesAreThoseOfTheirFolders) {
  EXPECT_EQ(class_name_of(" animal / dog ", true), "animal/dog");
  EXPECT_EQ(class_name_of("vehicle/train", true), "vehicle/train");
  EXPECT_EQ(class_name_of("dog", true), "dog");
  for (const char* bad : {"/dog", "animal/", "animal//dog", "animal/../dog", "animal/.dog", "train/dog",
                          "a\\b/c", "a/b/c/d/e/f/g/h/i"})
    EXPECT_THROW(static_cast<void>(class_name_of(bad, true)), serve::studio::Refusal) << bad;
}

TEST(StudioNames, BecomeNamesOfFiles) {
  EXPECT_EQ(class_name_of("  red roses "), "red roses");
  EXPECT_EQ(class_name_of("Rosen-Größe"), "Rosen-Größe");
  for (const char* bad : {"", " ", "a/b", ".hidden", "..", "a\nb", "test", "VALIDATION", "\xff"})
    EXPECT_THROW(static_cast<void>(class_name_of(bad)), serve::studio::Refusal) << bad;
  EXPECT_EQ(file_name_of("C:\\photos\\../x.JPG", "jpeg"), "x.JPG");
  EXPECT_EQ(file_name_of("...", "png"), "photo.png");
  EXPECT_EQ(file_name_of("a\r\nb.png", "png"), "ab.png");
  EXPECT_EQ(file_name_of("run.sh", "png"), "run.sh.png");
  EXPECT_EQ(file_name_of(std::string(500, 'x') + ".jpeg", "jpeg").size(), 120U);
}

TEST(StudioChild, LinesAndTheExitCodeArrive) {
  std::string lines;
  int code = 0;
  {
    std::atomic<bool> ended{false};
    serve::studio::Child child(
        {.program = "/bin/sh",
         .arguments = {"-c", "echo out; echo $GRAFT_PROGRESS >&2; exit 7"},
         .folder = "/",
         .line = [&](bool is_error,
                     const std::string& line) { lines += (is_error ? "e:" : "o:") + line + ";"; },
         .ended =
             [&](int with) {
               code = with;
               ended = true;
             }});
    for (int i = 0; i < 500 && !ended; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(code, 7);
  EXPECT_NE(lines.find("o:out;"), std::string::npos);
  EXPECT_NE(lines.find("e:json;"), std::string::npos);
}

TEST(StudioChild, EndsWithItsOwner) {
  const auto begin = std::chrono::steady_clock::now();
  {
    serve::studio::Child child(
        {.program = "/bin/sleep", .arguments = {"60"}, .folder = "/", .line = {}, .ended = [](int) {}});
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace graft::test
