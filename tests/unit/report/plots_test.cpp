// SPDX-License-Identifier: Apache-2.0
// Figures as SVG and PNG, and the page that follows a training.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/image.hpp"
#include "graft/report.hpp"
#include "graft/report/watch_page.hpp"

#include "report/plots/axes.hpp"
#include "report/plots/canvas.hpp"
#include "run_folder.hpp"
#include "support.hpp"

namespace graft::report {
namespace {

namespace fs = std::filesystem;

class Plots : public testing::Test {
 protected:
  Plots() {
    std::vector<test::TestPhoto> photos;
    for (int i = 0; i < 12; ++i) {
      photos.push_back({.file = (root() / "photos" / (std::to_string(i) + ".ppm")).string(),
                        .truth = i % 2,
                        .part = i < 4 ? Part::train : Part::test,
                        .of_one = i == 7       ? 0.3F
                                  : i % 2 == 1 ? 0.9F
                                               : 0.2F});
    }
    test::write_run(root() / "run", {"cats", "<dogs> \x1b[2J"}, photos);
    static_cast<void>(write_report(root() / "run"));
  }
  [[nodiscard]] fs::path root() const { return folder_.path(); }
  [[nodiscard]] bool exists(const std::string& name) const { return fs::exists(root() / name); }

 private:
  test::TemporaryFolder folder_;
};

/// How many pixels are not white.
std::size_t drawn_pixels(const fs::path& png) {
  const Tensor picture = data::read_image(png);
  const auto values = picture.data<std::uint8_t>();
  return static_cast<std::size_t>(std::ranges::count_if(values, [](std::uint8_t v) { return v < 200; })) / 3;
}

TEST_F(Plots, EachIsAnSvgAndAPngThatShowSomething) {
  const std::vector<fs::path> files = write_plots(root() / "run", root() / "figures");
  for (const char* name : {"confusion", "classes", "class_counts", "reliability", "coverage", "samples",
                           "predictions", "random_photo"}) {
    const std::string base = std::string("figures/") + name;
    ASSERT_TRUE(exists(base + ".svg") && exists(base + ".png")) << name;
    EXPECT_EQ(test::read_file(root() / (base + ".svg")).find("<?xml"), 0U) << name;
    EXPECT_GT(drawn_pixels(root() / (base + ".png")), 300U) << name;
  }
  // There is no history, no heat map and no map of features: no figure of them.
  for (const char* name : {"curves", "learning_rate", "heat_maps", "map", "augmentations"})
    EXPECT_FALSE(exists(std::string("figures/") + name + ".svg")) << name;
  EXPECT_EQ(files.size(), 16U);
}

TEST_F(Plots, NothingIsWrittenOver) {
  static_cast<void>(write_plots(root() / "run", root() / "figures"));
  const std::string message = test::message_of(
      [&] { static_cast<void>(write_plots(root() / "run", root() / "figures")); }, ErrorKind::io);
  EXPECT_NE(message.find("exists already"), std::string::npos) << message;
  test::message_of([&] { static_cast<void>(write_plots(root() / "photos", root() / "others")); },
                   ErrorKind::not_found);
}

TEST_F(Plots, AugmentedPicturesAreAGrid) {
  Tensor red({8, 8, 3}, DType::uint8);
  for (std::size_t i = 0; i < red.data<std::uint8_t>().size(); i += 3) red.data<std::uint8_t>()[i] = 255;
  static_cast<void>(write_plots(root() / "run", root() / "figures", {.augmented = {red, red, red, red}}));
  const Tensor picture = data::read_image(root() / "figures/augmentations.png");
  // Two rows of three places of 180 points, two pixels a point; four are red.
  EXPECT_EQ(picture.shape(), (Shape{2 * (12 + 2 * 214), 2 * (12 + 3 * 192), 3}));
  std::size_t red_pixels = 0;
  for (std::size_t i = 0; i < picture.data<std::uint8_t>().size(); i += 3) {
    const std::uint8_t* pixel = &picture.data<std::uint8_t>()[i];
    red_pixels += pixel[0] > 200 && pixel[1] < 50 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(red_pixels), 4 * 360.0 * 360, 8000);
}

TEST_F(Plots, CurvesHaveTheStartOfFineTuning) {
  Json report = read_report(root() / "run");
  report["history"] = {{{"phase", "head"}, {"accuracy", 0.5}, {"val_accuracy", 0.6}, {"loss", 1.0}},
                       {{"phase", "head"}, {"accuracy", 0.7}, {"val_accuracy", 0.7}, {"loss", 0.8}},
                       {{"phase", "fine-tuning"}, {"accuracy", 0.8}, {"val_accuracy", 0.9}, {"loss", 0.4}}};
  std::ofstream(root() / "run/report.json") << report;
  static_cast<void>(write_plots(root() / "run", root() / "figures"));
  const Tensor picture = data::read_image(root() / "figures/curves.png");
  const auto is_green = [&](std::int64_t y, std::int64_t x) {
    const std::uint8_t* pixel =
        &picture.data<std::uint8_t>()[static_cast<std::size_t>((y * picture.shape()[1] + x) * 3)];
    return pixel[1] > pixel[0] + 60 && pixel[1] > pixel[2] + 30;
  };
  // Between the epochs 2 and 3 of 3: at three quarters of the plane, which begins at 56 points and ends 26
  // before the end.
  const auto at = static_cast<std::int64_t>(2 * (56 + 0.75 * (560 - 56 - 26)));
  std::size_t marked = 0;
  for (std::int64_t y = 0; y < picture.shape()[0]; ++y) marked += is_green(y, at) ? 1 : 0;
  EXPECT_GT(marked, 200U);
}

TEST(PlotTicks, AreRoundAndInside) {
  EXPECT_EQ(ticks_between(0, 1, 5), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}));
  EXPECT_EQ(ticks_between(1, 10, 5), (std::vector<double>{2, 4, 6, 8, 10}));
  EXPECT_EQ(ticks_between(3, 3, 5), std::vector<double>{3});
}

TEST(WatchPage, ReadsItselfAgainUntilTheEnd) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "watch.html";
  WatchedRun run{.name = "<b>run</b>", .stage = "epoch 2/5", .done = 3, .total = 9};
  run.lines = {"head epoch 1/5  loss <0.5>"};
  run.epochs = {{.phase = "head", .values = {{"loss", 0.5}, {"val_accuracy", 0.8}}}};
  write_watch_page(file, run);
  const std::string page = test::read_file(file);
  EXPECT_NE(page.find("http-equiv=\"refresh\""), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_NE(page.find("epoch 2/5: 3 of 9"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  run.ended = "Finished.";
  write_watch_page(file, run);
  EXPECT_EQ(test::read_file(file).find("http-equiv=\"refresh\""), std::string::npos);
  EXPECT_NE(test::read_file(file).find("Finished."), std::string::npos);
}

}  // namespace
}  // namespace graft::report
