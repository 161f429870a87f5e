// SPDX-License-Identifier: Apache-2.0
// The three files of a report: what is in them, also with hostile names and missing photos.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/report.hpp"

#include "report/page.hpp"
#include "run_folder.hpp"
#include "support.hpp"

namespace graft::report {
namespace {

namespace fs = std::filesystem;
using test::TestPhoto;

const char* const kHostile = "</script><script>alert(1)</script>\xe2\x80\xa8 & \"x\"";

/// What stands between two marks of a page.
std::string between(const std::string& page, const std::string& begin, const std::string& end) {
  const std::size_t from = page.find(begin);
  if (from == std::string::npos) return {};
  const std::size_t to = page.find(end, from + begin.size());
  return page.substr(from + begin.size(), to - from - begin.size());
}

class Report : public testing::Test {
 protected:
  /// `each` photos of both classes in the test part; the first of each is answered wrongly.
  void write(int each, const Json& more = Json::object(), const std::string& second = "dogs") {
    std::vector<TestPhoto> photos;
    for (int i = 0; i < each; ++i) {
      for (const int truth : {0, 1}) {
        const bool right = i > 0;
        photos.push_back(
            {.file = (photos_folder() / std::to_string(truth) / (std::to_string(i) + ".ppm")).string(),
             .truth = truth,
             .of_one = (truth == 1) == right ? 0.9F : 0.2F});
      }
    }
    test::write_run(run(), {"cats", second}, photos, more);
  }
  [[nodiscard]] fs::path run() const { return folder_.path() / "run"; }
  [[nodiscard]] fs::path photos_folder() const { return folder_.path() / "photos"; }
  [[nodiscard]] std::string page() const { return test::read_file(run() / "report.html"); }
  [[nodiscard]] Json json() const { return test::read_json(run() / "report.json"); }
  [[nodiscard]] std::string thumbnails() const {
    return between(page(), "id=\"report-thumbnails\">\n", "</script>");
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(Report, HasTheFiguresAndAThumbnailForEachPhoto) {
  write(10);
  const WrittenReport written = write_report(run());
  EXPECT_EQ(written.photos, 20U);
  EXPECT_EQ(written.photos_shown, 20U);
  EXPECT_EQ(written.photos_missing, 0U);
  const Json report = json();
  EXPECT_NEAR(report.at("sets")[0].at("accuracy").get<double>(), 0.9, 1e-12);
  EXPECT_EQ(report.at("sets")[0].at("worst").size(), 2U);
  EXPECT_EQ(report.at("photos").at("items").size(), 20U);
  EXPECT_NE(report.at("headline").at("sentence").get<std::string>().find("90.0 % of 20 photos"),
            std::string::npos);
  EXPECT_FALSE(report.at("next").empty());
  EXPECT_FALSE(report.contains("inspection"));
  // The page holds the same data, and a line for each photo.
  EXPECT_EQ(Json::parse(between(page(), "id=\"report-data\">", "</script>")), report);
  const std::string lines = thumbnails();
  EXPECT_EQ(std::ranges::count(lines, '\n'), 20);
  EXPECT_TRUE(lines.starts_with("data:image/webp;base64,UklGR")) << lines.substr(0, 60);
}

TEST_F(Report, IsTheSameEachTime) {
  write(5);
  static_cast<void>(write_report(run(), {.command = "graft train photos"}));
  const std::string first = page(), data = test::read_file(run() / "report.json");
  static_cast<void>(write_report(run()));  // keeps the command
  EXPECT_EQ(page(), first);
  EXPECT_EQ(test::read_file(run() / "report.json"), data);
  EXPECT_EQ(json().at("command"), "graft train photos");
}

TEST_F(Report, NamesAreTextOnly) {
  write(3, {{"skipped_images", {{{"file", std::string("/x/") + kHostile}, {"reason", kHostile}}}}}, kHostile);
  static_cast<void>(write_report(run()));
  const std::string html = page();
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  EXPECT_EQ(html.find("\xe2\x80\xa8"), std::string::npos);
  EXPECT_EQ(Json::parse(between(html, "id=\"report-data\">", "</script>")).at("classes")[1], kHostile);
  const std::string card = test::read_file(run() / "model_card.md");
  EXPECT_EQ(card.find("<script>"), std::string::npos);
  EXPECT_TRUE(card.starts_with("---\nlibrary_name: keras\n")) << card.substr(0, 80);
}

TEST_F(Report, RunsNothingElseAndLoadsNothing) {
  write(2);
  static_cast<void>(write_report(run()));
  const std::string html = page();
  const std::string policy = between(html, "Content-Security-Policy\" content=\"", "\"");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << policy;
  EXPECT_NE(policy.find("script-src 'sha256-"), std::string::npos) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
  for (const char* outside : {"src=\"http", "href=\"http", "@import", "url(http"})
    EXPECT_EQ(html.find(outside), std::string::npos) << outside;
}

TEST_F(Report, ShowsABoundedNumberOfPhotosMistakesFirst) {
  write(150);
  const WrittenReport written = write_report(run(), {.photos = 40});
  EXPECT_EQ(written.photos_shown, 40U);
  EXPECT_EQ(written.photos, 300U);
  const Json report = json();
  EXPECT_EQ(report.at("photos").at("total"), 300);
  EXPECT_EQ(report.at("sets")[0].at("worst").size(), 2U);
  // Each cell of the confusion has a photo.
  for (const Json& cell : report.at("sets")[0].at("confusion")) {
    EXPECT_TRUE(std::ranges::any_of(report.at("photos").at("items"), [&](const Json& item) {
      return item.at("truth") == cell[0] && item.at("top")[0][0] == cell[1];
    })) << cell;
  }
  EXPECT_EQ(write_report(run(), {.photos = 0}).photos_shown, 0U);
  EXPECT_THROW(static_cast<void>(write_report(run(), {.photos = 5001})), Error);
}

TEST_F(Report, PhotosThatAreGoneLeaveTheirPlace) {
  write(3);
  fs::remove(photos_folder() / "0" / "1.ppm");
  EXPECT_EQ(write_report(run()).photos_missing, 1U);
  const std::string lines = thumbnails();
  EXPECT_EQ(std::ranges::count(lines, '\n'), 6);
  EXPECT_TRUE(lines.starts_with("\n") || lines.find("\n\n") != std::string::npos);
}

TEST_F(Report, SectionsAreAddedAndStay) {
  write(3);
  const fs::path file = photos_folder() / "0" / "1.ppm";
  ReportOptions options;
  options.sections.findings = {{.kind = "dark", .files = {file}, .text = "nearly black", .score = 1}};
  options.sections.map =
      FeatureMap{.method = "PCA", .points = {{.x = 1, .y = 2, .file = file, .class_name = "cats"}}};
  options.sections.drift = DriftFinding{.fits = false, .score = 3, .threshold = 2, .text = "other photos"};
  options.sections.heat_maps = {{.file = file,
                                 .method = "Grad-CAM",
                                 .layer = "top",
                                 .class_name = "cats",
                                 .picture = Tensor({4, 5, 3}, DType::uint8)}};
  options.sections.augmented = {Tensor({4, 4, 3}, DType::uint8), Tensor({4, 4, 3}, DType::uint8)};
  static_cast<void>(write_report(run(), options));
  const Json first = json();
  EXPECT_EQ(first.at("inspection").at("findings")[0].at("files")[0], "0/1.ppm");
  EXPECT_EQ(first.at("map").at("points")[0].at("class"), "cats");
  EXPECT_FALSE(first.at("drift").at("fits"));
  EXPECT_EQ(first.at("augmented").size(), 2U);
  EXPECT_TRUE(first.at("augmented")[1].get<std::string>().starts_with("data:image/webp"));
  EXPECT_TRUE(first.at("heat_maps")[0].at("picture").get<std::string>().starts_with("data:image/webp"));
  static_cast<void>(write_report(run()));
  EXPECT_EQ(json(), first);
}

TEST_F(Report, EveryPhotoOfTheMapHasAPicture) {
  write(30);
  ReportOptions options{.photos = 10};
  options.sections.map = FeatureMap{.method = "t-SNE", .points = {}};
  for (int i = 0; i < 30; ++i)
    options.sections.map->points.push_back({.x = static_cast<double>(i),
                                            .y = 0,
                                            .file = photos_folder() / "1" / (std::to_string(i) + ".ppm"),
                                            .class_name = "dogs"});
  const WrittenReport written = write_report(run(), options);
  EXPECT_EQ(written.photos_shown, 10U);
  const Json report = json();
  std::set<std::string> pictured;
  for (const Json& item : report.at("photos").at("items"))
    pictured.insert(item.at("file").get<std::string>());
  EXPECT_EQ(pictured.size(), 10U);
  for (const Json& point : report.at("map").at("pictures")) {
    const std::string file = report.at("map").at("points").at(point.get<std::size_t>()).at("file");
    EXPECT_TRUE(pictured.insert(file).second) << file << " has two pictures";
  }
  for (const Json& point : report.at("map").at("points"))
    EXPECT_TRUE(pictured.contains(point.at("file").get<std::string>())) << point;
  const std::size_t lines = 10 + report.at("map").at("pictures").size();
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(thumbnails(), '\n')), lines);
  // Without photos none is there, whatever the earlier report had.
  static_cast<void>(write_report(run(), {.photos = 0}));
  EXPECT_FALSE(json().at("map").contains("pictures"));
  EXPECT_EQ(thumbnails(), "");
}

TEST_F(Report, SaysWhatToDoNext) {
  write(10, {{"duplicates",
              {{"exact", 1}, {"near", 0}, {"of_different_classes", 1}, {"examples", Json::array()}}}});
  static_cast<void>(write_report(run()));
  const std::string steps = json().at("next").dump();
  EXPECT_NE(steps.find("Decide the class of photos that occur twice"), std::string::npos) << steps;
  EXPECT_NE(steps.find("Measure on more photos"), std::string::npos) << steps;
  EXPECT_NE(steps.find("Check the labels of 1 photo"), std::string::npos) << steps;  // one mistake has 90 %
}

TEST_F(Report, BrokenFilesAreNamed) {
  write(3);
  std::ofstream(run() / "predictions.csv")
      << "file,part,fold,answered_by,truth,answer,a,b\nx,test,,model,c,a,1,0\n";
  try {
    static_cast<void>(write_report(run()));
    FAIL() << "accepted a class without a column";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_file);
    EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
  }
  write(3, {{"notes", 5}, {"skipped_images", {{{"file", 1}}}}});
  EXPECT_THROW(static_cast<void>(write_report(run())), Error);
  EXPECT_FALSE(fs::exists(run() / "report.html"));
  EXPECT_THROW(static_cast<void>(write_report(run() / "nothing")), Error);
}

TEST(JsonForScript, CannotEndTheElement) {
  const Json value{{"a", "</script>&\xe2\x80\xa9\xff"}};
  const std::string text = json_for_script(value);
  EXPECT_EQ(text, "{\"a\":\"\\u003c/script\\u003e\\u0026\\u2029\xef\xbf\xbd\"}");
  EXPECT_EQ(html_text("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
}

}  // namespace
}  // namespace graft::report
