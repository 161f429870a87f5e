// SPDX-License-Identifier: Apache-2.0
// What graft train adds to the report, draws as figures, and shows while it runs.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/image.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

/// Reds and blues in class folders, 24 of each, with one in the wrong class and one twice; and a network of
/// 8 x 8 pixels with a feature map.
class CliFindings : public testing::Test {
 protected:
  CliFindings() {
    for (int i = 0; i < 24; ++i) {
      write("red/" + std::to_string(i) + ".ppm", 140 + 4 * i, 2 * i, 20);
      write("blue/" + std::to_string(i) + ".ppm", 20, 2 * i, 140 + 4 * i);
    }
    write("blue/wrong.ppm", 201, 25, 22);
    fs::copy_file(root() / "photos/red/3.ppm", root() / "photos/red/copy.ppm");
    const SymbolicTensor input = Input({8, 8, 3}, "image");
    SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}})(input);
    x = layers::Conv2D({.filters = 6, .kernel_size = 3, .activation = "relu", .name = "map"})(x);
    x = layers::GlobalAveragePooling2D()(x);
    Model(input, layers::Dense({.units = 2, .activation = "softmax", .name = "head"})(x))
        .save(root() / "own.keras");
  }
  void write(const std::string& name, int red, int green, int blue) const {
    write_picture(root() / "photos" / name, red, green, blue);
  }
  [[nodiscard]] fs::path root() const { return folder_.path(); }
  [[nodiscard]] std::vector<std::string> words(const std::string& recipe,
                                               const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"train",    "photos", "--model", "own.keras",
                                 "--recipe", recipe,   "--out",   "out"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] Outcome train(const std::string& recipe, const std::vector<std::string>& more = {}) const {
    return run_graft(words(recipe, more), root());
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(CliFindings, AreInTheReportAndInTables) {
  const Outcome outcome = train("head");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("photos to look at: "), std::string::npos) << outcome.out;
  const Json report = read_json(root() / "out/report.json");
  EXPECT_EQ(report["inspection"]["counts"]["exact_duplicate"], 1);
  bool wrong = false;
  for (const Json& finding : report["inspection"]["findings"]) {
    if (finding["kind"] != "label") continue;
    wrong = wrong || finding["files"][0] == "blue/wrong.ppm";
    EXPECT_TRUE(finding.contains("suggested_class"));
  }
  EXPECT_TRUE(wrong) << report["inspection"];
  EXPECT_NE(read_file(root() / "out/inspection/labels.csv").find("wrong.ppm,blue,red,"), std::string::npos);
  EXPECT_NE(read_file(root() / "out/inspection/duplicates.csv").find("same file"), std::string::npos);
  ASSERT_FALSE(report["heat_maps"].empty());
  EXPECT_LE(report["heat_maps"].size(), 12U);
  EXPECT_EQ(report["heat_maps"][0]["method"], "Grad-CAM");
  EXPECT_EQ(report["heat_maps"][0]["layer"], "map");
  // The report that is made again keeps them.
  ASSERT_EQ(run_graft({"report", "out"}, root()).code, 0);
  EXPECT_EQ(read_json(root() / "out/report.json")["inspection"], report["inspection"]);
}

TEST_F(CliFindings, CanBeLeftOut) {
  ASSERT_EQ(train("head", {"--no-inspection"}).code, 0);
  EXPECT_FALSE(fs::exists(root() / "out/inspection"));
  const Json report = read_json(root() / "out/report.json");
  EXPECT_FALSE(report.contains("inspection"));
  EXPECT_FALSE(report.contains("heat_maps"));
}

TEST_F(CliFindings, FiguresAreWrittenWhereThatIsWanted) {
  const Outcome outcome = train("network", {"--epochs", "3", "--plots", "figures"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  for (const char* name : {"curves", "confusion", "samples", "predictions", "heat_maps"}) {
    EXPECT_TRUE(fs::exists(root() / "figures" / (std::string(name) + ".svg"))) << name;
    EXPECT_TRUE(fs::exists(root() / "figures" / (std::string(name) + ".png"))) << name;
  }
  EXPECT_EQ(run_graft({"report", "out", "--plots", "figures"}, root()).code, 2);  // not empty
  EXPECT_EQ(run_graft({"report", "out", "--plots", "others"}, root()).code, 0);
  EXPECT_EQ(run_graft({"evaluate", "out", "photos", "--no-report", "--plots", "third"}, root()).code, 2);
  EXPECT_FALSE(fs::exists(root() / "third"));
}

TEST_F(CliFindings, ATrainingCanBeWatched) {
  const Outcome outcome = train("network", {"--epochs", "3", "--watch"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("out.watch.html in a browser"), std::string::npos) << outcome.err;
  const std::string page = read_file(root() / "out.watch.html");
  EXPECT_NE(page.find("Finished: see report.html"), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_NE(page.find("data:image/webp"), std::string::npos);
  EXPECT_EQ(page.find("http-equiv=\"refresh\""), std::string::npos);
  // A run that fails says so in the page; a file that is no such page is not written over.
  fs::remove_all(root() / "out");
  EXPECT_NE(train("network", {"--min-recall", "green=0.5", "--watch"}).code, 0);
  EXPECT_NE(read_file(root() / "out.watch.html").find("The run stopped."), std::string::npos);
  EXPECT_FALSE(fs::exists(root() / "out"));
  std::ofstream(root() / "out.watch.html") << "my notes";
  EXPECT_EQ(train("network", {"--watch"}).code, 2);
  EXPECT_EQ(read_file(root() / "out.watch.html"), "my notes");
}

TEST_F(CliFindings, PreviewChangesPhotosAsTrainingDoes) {
  constexpr int kSide = 40;
  fs::create_directories(root() / "ramps/a");
  fs::create_directories(root() / "ramps/b");
  for (const char* name : {"ramps/a/1.ppm", "ramps/b/1.ppm"}) {
    std::ofstream out(root() / name, std::ios::binary);
    out << "P6 " << kSide << ' ' << kSide << " 255\n";
    for (int i = 0; i < kSide * kSide; ++i)
      for (int c = 0; c < 3; ++c) out.put(static_cast<char>(5 * (i % kSide)));
  }
  ASSERT_EQ(run_graft({"preview", "ramps", "--rows", "1", "--columns", "9", "--image-size", "40", "-o",
                       "sheet.png"},
                      root())
                .code,
            0);
  const Tensor sheet = data::read_image(root() / "sheet.png");
  const auto pixel = [&](std::int64_t column, std::int64_t x) {
    const std::int64_t at = (24 * sheet.shape()[1] + 4 + column * (kSide + 4) + x) * 3;
    return static_cast<int>(sheet.data<std::uint8_t>()[static_cast<std::size_t>(at)]);
  };
  int mirrored = 0;
  for (std::int64_t column = 1; column < 9; ++column)
    mirrored += pixel(column, 8) > pixel(column, 32) ? 1 : 0;
  EXPECT_LT(pixel(0, 8), pixel(0, 32));  // the photo itself
  EXPECT_GT(mirrored, 0);
  EXPECT_LT(mirrored, 8);
}

TEST_F(CliFindings, TheTerminalShowsSmallCurves) {
  const Outcome terminal =
      run_graft_on({.columns = 100}, words("network", {"--epochs", "4", "--no-report"}), root());
  ASSERT_EQ(terminal.code, 0) << terminal.err;
  EXPECT_NE(terminal.err.find("  loss █"), std::string::npos) << terminal.err;
  fs::remove_all(root() / "out");
  const Outcome plain = run_graft_on({.columns = 100, .locale = "C"},
                                     words("network", {"--epochs", "4", "--no-report"}), root());
  EXPECT_EQ(plain.err.find("█"), std::string::npos);
  fs::remove_all(root() / "out");
  EXPECT_EQ(train("network", {"--epochs", "4", "--no-report"}).err.find("█"), std::string::npos);
}

}  // namespace
}  // namespace graft::test
