// SPDX-License-Identifier: Apache-2.0
// graft studio with photos that have several labels: the list labels.csv, and rounds of it.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "serve/studio/refusal.hpp"
#include "serve/studio/tags.hpp"
#include "studio_fixture.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class StudioLabels : public StudioRequests {
 protected:
  [[nodiscard]] fs::path list() const { return project() / "labels.csv"; }
  void put(const std::string& name, int red) const {
    fs::create_directories((project() / name).parent_path());
    std::ofstream(project() / name) << small_picture(red);
  }
  [[nodiscard]] Json tags() const { return get("/studio/state")["tags"]; }
  [[nodiscard]] int change(const std::string& name, const Json& from, const Json& to) const {
    return post("/studio/tags", Json::array({{{"name", name}, {"from", from}, {"to", to}}}).dump());
  }
};

TEST_F(StudioLabels, BeginWithTheNamesOfClassFolders) {
  put("roses/a.ppm", 1);
  put("tulips/b.ppm", 2);
  put("c.ppm", 3);
  EXPECT_TRUE(tags().is_null());
  ASSERT_EQ(post("/studio/grouping?by=labels"), 200);
  EXPECT_EQ(text_of(list()), "path,labels\nroses/a.ppm,roses\ntulips/b.ppm,tulips\n");
  const Json found = tags();
  EXPECT_EQ(found["photos"], 3);
  EXPECT_EQ(found["open"], 1);
  EXPECT_EQ(found["none"], 0);
  EXPECT_EQ(found["labels"][1], (Json{{"name", "tulips"}, {"photos", 1}}));
  EXPECT_TRUE(get("/studio/state")["classes"].empty());
  // The photos did not move, and the choice stays.
  start();
  EXPECT_EQ(get("/studio/state")["grouping"], "labels");
  ASSERT_EQ(post("/studio/grouping?by=classes"), 200);
  EXPECT_EQ(get("/studio/state")["classes"].size(), 2U);
}

TEST_F(StudioLabels, ChangeOnlyAsTheyWereSeen) {
  ASSERT_EQ(post("/studio/grouping?by=labels"), 200);
  put("a.ppm", 1);
  put("b.ppm", 2);
  EXPECT_EQ(change("a.ppm", nullptr, Json::array({"red", "large"})), 200);
  EXPECT_EQ(change("a.ppm", nullptr, Json::array({"blue"})), 409);  // another window was faster
  EXPECT_EQ(change("a.ppm", Json::array({"large", "red"}), Json::array({"large"})), 200);
  EXPECT_EQ(change("b.ppm", nullptr, Json::array()), 200);
  EXPECT_EQ(text_of(list()), "path,labels\na.ppm,large\nb.ppm,\n");
  EXPECT_EQ(tags()["none"], 1);
  EXPECT_EQ(change("c.ppm", nullptr, Json::array({"red"})), 409);
  EXPECT_EQ(change("../c.ppm", nullptr, Json::array({"red"})), 409);
  EXPECT_EQ(change("a.ppm", Json::array({"large"}), Json::array({"a|b"})), 400);
  EXPECT_EQ(post("/studio/tags", "[{}]"), 400);
  EXPECT_EQ(post("/studio/tags", "no list"), 400);
  // All of a request's changes, or none.
  const Json both =
      Json::array({{{"name", "a.ppm"}, {"from", Json::array({"large"})}, {"to", Json::array({"red"})}},
                   {{"name", "b.ppm"}, {"from", Json::array({"red"})}, {"to", Json::array({"red"})}}});
  EXPECT_EQ(post("/studio/tags", both.dump()), 409);
  EXPECT_EQ(text_of(list()), "path,labels\na.ppm,large\nb.ppm,\n");
  EXPECT_EQ(change("b.ppm", Json::array(), nullptr), 200);
  EXPECT_EQ(text_of(list()), "path,labels\na.ppm,large\n");
}

TEST_F(StudioLabels, PhotosAreFoundByLabel) {
  ASSERT_EQ(post("/studio/grouping?by=labels"), 200);
  for (const char* name : {"a.ppm", "b.ppm", "c.ppm", "d.ppm"}) put(name, name[0]);
  ASSERT_EQ(post("/studio/tags/add?label=red", R"(["a.ppm", "b.ppm", "gone.ppm"])"), 200);
  ASSERT_EQ(post("/studio/tags/add?label=large", R"(["b.ppm"])"), 200);
  ASSERT_EQ(change("c.ppm", nullptr, Json::array()), 200);
  const auto names = [this](const std::string& query) {
    std::string all;
    const Json page = get("/studio/tagged?" + query);
    for (const Json& photo : page["photos"]) all += photo["name"].get<std::string>().substr(0, 1);
    return all;
  };
  EXPECT_EQ(names("group=all"), "abcd");
  EXPECT_EQ(names("group=all&offset=1&count=2"), "bc");
  EXPECT_EQ(names("group=label&label=red"), "ab");
  EXPECT_EQ(names("group=none"), "c");
  EXPECT_EQ(names("group=open"), "d");
  EXPECT_EQ(request("GET", "/studio/tagged?group=other").status, 400);
  EXPECT_EQ(get("/studio/tagged?group=label&label=large")["photos"][0]["labels"], (Json{"large", "red"}));
  EXPECT_TRUE(get("/studio/tagged?group=open")["photos"][0]["labels"].is_null());
  // Renamed to a label that a photo has already: it has it once. The answer undoes it.
  const Json changed = Json::parse(request("POST", "/studio/tags/rename?label=large&to=red").body)["changes"];
  EXPECT_EQ(changed,
            Json::array({{{"name", "b.ppm"}, {"from", {"large", "red"}}, {"to", Json::array({"red"})}}}));
  EXPECT_EQ(post("/studio/tags/rename?label=large&to=red"), 404);
  EXPECT_EQ(Json::parse(request("POST", "/studio/tags/rename?label=red").body)["changes"].size(), 2U);
  EXPECT_EQ(tags()["none"], 3);
}

TEST_F(StudioLabels, PhotosThatAreAddedAndRemovedTakeTheirRowWithThem) {
  ASSERT_EQ(post("/studio/grouping?by=labels"), 200);
  ASSERT_EQ(post("/studio/photos?class=&name=a.ppm", small_picture(1)), 201);
  EXPECT_TRUE(fs::exists(project() / "photos/a.ppm"));
  ASSERT_EQ(change("photos/a.ppm", nullptr, Json::array({"red"})), 200);
  EXPECT_EQ(request("GET", "/studio/picture?class=&name=photos%2Fa.ppm").status, 200);
  EXPECT_EQ(request("GET", "/studio/original?class=&name=photos%2Fa.ppm").body, small_picture(1));
  EXPECT_EQ(request("GET", "/studio/original?class=&name=labels.csv").status, 409);  // no photo
  EXPECT_EQ(request("GET", "/studio/tags/list").body, text_of(list()));
  const Json removed = Json::parse(request("POST", "/studio/remove?class=&name=photos%2Fa.ppm").body);
  EXPECT_EQ(removed["labels"], Json::array({"red"}));
  EXPECT_EQ(text_of(list()), "path,labels\n");
  const std::string kept = in_query(removed["kept"].get<std::string>());
  EXPECT_EQ(Json::parse(request("POST", "/studio/restore?class=&kept=" + kept).body)["name"], "photos/a.ppm");
  EXPECT_EQ(tags()["open"], 1);
}

TEST_F(StudioLabels, ListsOfOthersKeepTheirColumns) {
  put("a.ppm", 1);
  put("b.ppm", 2);
  fs::create_directories(project());
  std::ofstream(list()) << "\xEF\xBB\xBF"
                           "file;who;tags\r\na.ppm;me, you;red,large\r\nmissing.ppm;you;blue\r\n\r\n";
  ASSERT_EQ(post("/studio/grouping?by=labels"), 200);
  EXPECT_EQ(tags()["labels"],
            (Json::array({{{"name", "large"}, {"photos", 1}}, {{"name", "red"}, {"photos", 1}}})));
  ASSERT_EQ(change("b.ppm", nullptr, Json::array({"red"})), 200);
  EXPECT_EQ(text_of(list()),
            "file,who,tags\na.ppm,\"me, you\",large|red\nb.ppm,,red\nmissing.ppm,you,blue\n");
  // One that is not understood is left alone, and the page says why.
  std::ofstream(list()) << "x,y\n1,2\n";
  EXPECT_NE(tags()["trouble"].get<std::string>().find("path and"), std::string::npos);
  EXPECT_EQ(change("b.ppm", nullptr, Json::array({"red"})), 409);
  EXPECT_EQ(text_of(list()), "x,y\n1,2\n");
}

TEST_F(StudioLabels, ARoundsMistakesAreThoseOfItsThresholds) {
  ASSERT_EQ(post("/studio/grouping?by=labels"), 200);
  for (const char* name : {"a.ppm", "b.ppm", "c.ppm"}) put(name, name[0]);
  ASSERT_EQ(post("/studio/tags/add?label=cat", R"(["a.ppm", "b.ppm", "c.ppm"])"), 200);
  const fs::path round = folder_.path() / "things-graft";
  fs::create_directories(round);
  std::ofstream(round / "model.keras") << "model";
  std::ofstream(round / "result.json")
      << R"({"classes": ["cat", "dog"], "several_labels": {"thresholds": [0.6, 0.2]}, "test_accuracy": 0.5})";
  std::ofstream csv(round / "predictions.csv");
  csv << "file,part,fold,answered_by,truths,answers,cat,dog\n";
  const auto row = [&](const char* name, const char* rest) {
    csv << (project() / name).string() << rest << '\n';
  };
  row("a.ppm", ",test,0,model,cat,dog,0.5,0.9");     // both wrong
  row("b.ppm", ",test,0,model,cat,cat,0.7,0.1");     // right
  row("c.ppm", ",train,0,model_seen,cat,,0.1,0.1");  // it was trained on it
  csv.close();
  const Json details = get("/studio/round?round=things-graft");
  ASSERT_EQ(details["mistakes_total"], 1) << details;
  const Json one = details["mistakes"][0];
  EXPECT_EQ(one["name"], "a.ppm");
  EXPECT_EQ(one["truths"], Json::array({"cat"}));
  EXPECT_EQ(one["answers"], Json::array({"dog"}));
  EXPECT_EQ(one["labels"], Json::array({"cat"}));
  EXPECT_NEAR(one["probability"].get<double>(), 0.9, 1e-6);
  ASSERT_EQ(change("a.ppm", Json::array({"cat"}), Json::array({"dog"})), 200);
  EXPECT_EQ(get("/studio/round?round=things-graft")["mistakes_handled"], 1);
}

TEST_F(StudioLabels, ThresholdsOfARoundAreOneALabel) {
  ASSERT_EQ(post("/studio/grouping?by=labels"), 200);
  for (const char* name : {"a.ppm", "b.ppm"}) put(name, name[0]);
  const auto mistakes = [this](const std::string& number, const std::string& thresholds) {
    const fs::path round = folder_.path() / ("things-graft-" + number);
    fs::create_directories(round);
    std::ofstream(round / "model.keras") << "model";
    std::ofstream(round / "result.json")
        << R"({"classes": ["cat", "dog"], "several_labels": {"thresholds": )" << thresholds << "}}";
    std::ofstream(round / "predictions.csv")
        << "file,part,fold,answered_by,truths,answers,cat,dog\n"
        << (project() / "a.ppm").string() << ",test,0,model,cat,cat,0.55,0.3\n"
        << (project() / "b.ppm").string() << ",test,0,model,,,0.45,0.3\n";
    return request("GET", "/studio/round?round=things-graft-" + number);
  };
  const auto count = [](const Answer& answer) { return Json::parse(answer.body)["mistakes_total"]; };
  EXPECT_EQ(count(mistakes("2", "[0.5, 0.5]")), 0);
  EXPECT_EQ(count(mistakes("3", "[0.4, 0.5]")), 1);    // b.ppm has a cat from 0.4 on
  EXPECT_EQ(count(mistakes("4", "[0.55, 0.3]")), 2);   // from a threshold on, so both have a dog
  EXPECT_EQ(count(mistakes("5", "[null, null]")), 0);  // 0.5
  EXPECT_EQ(mistakes("6", "[0.5]").status, 404);
  EXPECT_EQ(mistakes("7", "null").status, 404);
}

TEST_F(StudioLabels, ATrainingIsGivenTheList) {
  const fs::path program = folder_.path() / "program";
  std::ofstream(program) << "#!/bin/sh\necho \"$*\" >&2\n";
  fs::permissions(program, fs::perms::owner_all);
  studio_.reset();
  studio_ = std::make_unique<serve::Studio>(
      serve::StudioOptions{.project = project(), .multi_label = true, .program = program, .port = 0});
  put("a.ppm", 1);
  ASSERT_EQ(post("/studio/tags/add?label=red", R"(["a.ppm"])"), 200);
  EXPECT_EQ(post("/studio/train?how=fast"), 400);  // nothing to tell apart
  ASSERT_EQ(post("/studio/tags/add?label=large", R"(["a.ppm"])"), 200);
  ASSERT_EQ(post("/studio/train?how=fast"), 202);
  Json job = get("/studio/state")["job"];
  for (int i = 0; i < 200 && job["running"] == true; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    job = get("/studio/state")["job"];
  }
  ASSERT_EQ(job["lines"].size(), 1U) << job;
  EXPECT_EQ(job["lines"][0],
            "train things --out things-graft --json --labels things/labels.csv --columns "
            "path=path,label=labels --multi-label --label-separator | --recipe head");
}

TEST_F(StudioLabels, ATrainingGetsTheColumnsOfAListOfOthers) {
  put("a.ppm", 1);
  std::ofstream(list()) << "file;tags\na.ppm;red,large\n";
  const fs::path program = folder_.path() / "program";
  std::ofstream(program) << "#!/bin/sh\necho \"$*\" >&2\n";
  fs::permissions(program, fs::perms::owner_all);
  studio_.reset();
  studio_ = std::make_unique<serve::Studio>(
      serve::StudioOptions{.project = project(), .multi_label = true, .program = program, .port = 0});
  ASSERT_EQ(post("/studio/train?how=thorough"), 202);
  Json job = get("/studio/state")["job"];
  for (int i = 0; i < 200 && job["running"] == true; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    job = get("/studio/state")["job"];
  }
  ASSERT_EQ(job["lines"].size(), 1U) << job;
  EXPECT_NE(job["lines"][0].get<std::string>().find("--columns path=file,label=tags --multi-label"),
            std::string::npos)
      << job;
}

TEST(StudioLabel, HasAPlainName) {
  using serve::studio::label_of;
  EXPECT_EQ(label_of("  red rose "), "red rose");
  for (const char* bad : {"", "  ", "a|b", "a\nb", "\xff"})
    EXPECT_THROW(static_cast<void>(label_of(bad)), serve::studio::Refusal) << bad;
}

}  // namespace
}  // namespace graft::test
