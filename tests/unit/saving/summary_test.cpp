// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/saving.hpp"

#include "saving/text_table.hpp"
#include "saving_support.hpp"

namespace graft {
namespace {

using saving::summary;
using saving::summary_json;

TEST(Summary, IsAMemberOfModel) {
  const SymbolicTensor input = Input({3});
  const Model model(input, layers::Dense({.units = 2})(input));
  EXPECT_EQ(model.summary(), saving::summary(model, {.console_width = 80}));
}

/// Tables of Keras 3.15.1, printed without a terminal, have these widths.
TEST(Summary, FitsEightyColumns) {
  const auto width = [](const std::string& text) {
    const std::size_t begin = text.find('\n') + 1;
    return saving::text_width(text.substr(begin, text.find('\n', begin) - begin));
  };
  EXPECT_EQ(width(test::small_base().summary()), 76U);      // with "Connected to"
  EXPECT_EQ(width(test::small_transfer().summary()), 76U);  // without
  EXPECT_EQ(width(summary(test::small_transfer())), 88U);
}

TEST(Summary, EqualsThatOfKeras) {
  // What Adam keeps: its rate, its count of steps and two numbers for every weight that trains.
  const std::map<std::string, std::int64_t> optimizer{{"small_cnn", 2 * 1957 + 2},
                                                      {"nested_transfer", 2 * 3843 + 2}};
  for (const auto& [name, params] : optimizer) {
    const Model model = saving::load_model(test::goldens() / "files" / (name + ".keras")).model;
    const std::string text =
        summary(model, {.line_length = 90, .console_width = 80, .optimizer_params = params});
    EXPECT_EQ(text + "\n", test::read_file(test::goldens() / "files" / (name + ".summary.txt")));
  }
}

/// The counts that people know from books and Keras's pages.
TEST(Summary, CountsOfKnownModels) {
  const auto total = [](const Model& model) {
    const std::string text = summary(model);
    const std::size_t begin = text.find(" Total params: ") + 15;
    return text.substr(begin, text.find(" (", begin) - begin);
  };
  const Model vgg =
      applications::VGG16({.input_shape = {300, 300, 3}, .include_top = false, .weights = "none"});
  SymbolicTensor x = layers::Flatten()(vgg.outputs().front());
  x = layers::Dense({.units = 10})(layers::Dense({.units = 1024})(x));
  EXPECT_EQ(total(Model(vgg.inputs().front(), x)), "57,193,290");
  EXPECT_EQ(total(applications::VGG16({.weights = "none"})), "138,357,544");
  for (const auto& [channels, expected] : {std::pair{1, "7,208"}, std::pair{3, "7,262"}}) {
    const Model model = Sequential({layers::InputLayer({.shape = {64, 64, channels}}),
                                    layers::Conv2D({.filters = 3, .kernel_size = 3}),
                                    layers::Dense({.units = 512}), layers::Dense({.units = 10})});
    EXPECT_EQ(total(model), expected);
  }
}

TEST(Summary, NarrowTerminals) {
  const std::string text = summary(test::small_base(), {.console_width = 64});
  // As Keras: four columns less than the terminal has.
  EXPECT_EQ(saving::text_width(
                text.substr(text.find('\n') + 1, text.find('\n', text.find('\n') + 1) - text.find('\n') - 1)),
            60U);
}

/// As Keras prints them where they do not fit into one line.
TEST(Summary, TitlesStandAtTheBottom) {
  const std::string text = summary(test::small_base(), {.line_length = 60, .show_trainable = true});
  EXPECT_NE(text.find("┃               ┃ Output      ┃  Param ┃ Connected   ┃     ┃\n"
                      "┃ Layer (type)  ┃ Shape       ┃      # ┃ to          ┃ Tr… ┃\n"),
            std::string::npos)
      << text;
}

TEST(Summary, BranchesAreConnected) {
  const std::string text = summary(test::small_base());
  EXPECT_NE(text.find("Connected to"), std::string::npos);
  EXPECT_NE(text.find("bn[0][0], dw[0][0]"), std::string::npos) << text;
  EXPECT_EQ(summary(test::small_transfer()).find("Connected to"), std::string::npos);
}

TEST(Summary, NestedModelsAndTrainable) {
  const std::string text =
      summary(test::small_transfer(), {.line_length = 120, .expand_nested = true, .show_trainable = true});
  EXPECT_NE(text.find("│    └ conv (Conv2D) "), std::string::npos) << text;
  EXPECT_NE(text.find("┃ Trainable ┃"), std::string::npos) << text;
  EXPECT_NE(text.find("│     N     │"), std::string::npos) << text;
  EXPECT_NE(text.find("│     Y     │"), std::string::npos) << text;
  EXPECT_NE(text.find(" Non-trainable params: 328 (1.28 KB)\n"), std::string::npos) << text;
}

TEST(Summary, LongTextIsWrapped) {
  using saving::wrap_text;
  EXPECT_EQ(wrap_text("expanded_conv_depthwise_BN (BatchNormalization)", 24),
            (std::vector<std::string>{"expanded_conv_depthwise…", "(BatchNormalization)"}));
  EXPECT_EQ(wrap_text("a[0][0], b[0][0]", 9), (std::vector<std::string>{"a[0][0],", "b[0][0]"}));
  EXPECT_EQ(wrap_text("   └ ab (C)", 8), (std::vector<std::string>{"   └ ab", "(C)"}));
  EXPECT_EQ(wrap_text("", 5), std::vector<std::string>{""});
  EXPECT_EQ(wrap_text("abcdef", 3), (std::vector<std::string>{"ab…"}));
  test::expect_error([] { (void)summary(test::small_base(), {.line_length = 10}); },
                     ErrorKind::invalid_argument, {"40", "10"});
}

TEST(Summary, Json) {
  const Json json = summary_json(test::small_transfer());
  EXPECT_EQ(json["name"], "transfer");
  EXPECT_EQ(json["total_params"], 328 + 27);
  EXPECT_EQ(json["trainable_params"], 27);
  EXPECT_EQ(json["non_trainable_params"], 328);
  EXPECT_EQ(json["layers"].size(), 6U);
  EXPECT_EQ(json["layers"][2], Json::parse(R"({"name": "base", "class": "Functional",
    "output_shape": [null, 16, 16, 8], "params": 328, "trainable": false, "connected_to": ["flip"]})"));
}

}  // namespace
}  // namespace graft
