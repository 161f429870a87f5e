// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

using saving::model_to_dot;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// PATH for as long as this lives.
class Path {
 public:
  explicit Path(const std::string& path) : before_(std::getenv("PATH")) { setenv("PATH", path.c_str(), 1); }
  ~Path() { setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

TEST(PlotModel, ANodeForEachLayerAndAnEdgeForEachTensor) {
  const std::string dot = model_to_dot(test::small_base());
  EXPECT_EQ(count_of(dot, "label=<"), 7U) << dot;
  EXPECT_EQ(count_of(dot, " -> "), 7U) << dot;
  EXPECT_EQ(dot.find("batch"), std::string::npos);
  EXPECT_EQ(dot.find("None"), std::string::npos);
  const std::string told = model_to_dot(test::small_base(), {.show_shapes = true,
                                                             .show_layer_names = true,
                                                             .rankdir = "LR",
                                                             .show_layer_activations = true,
                                                             .show_trainable = true});
  EXPECT_NE(told.find("rankdir=LR"), std::string::npos);
  EXPECT_NE(told.find("<b>bn</b> (BatchNormalization)"), std::string::npos) << told;
  EXPECT_NE(told.find("Input: (None, 16, 16, 8), (None, 16, 16, 8)"), std::string::npos) << told;
  EXPECT_NE(told.find("Activation: linear"), std::string::npos);
  EXPECT_NE(told.find("Trainable"), std::string::npos);
}

TEST(PlotModel, NestedModelsAreOneNodeOrABox) {
  const Model model = test::small_transfer();
  EXPECT_EQ(count_of(model_to_dot(model), "label=<<table"), 6U);
  const std::string dot = model_to_dot(model, {.show_layer_names = true, .expand_nested = true});
  EXPECT_EQ(count_of(dot, "label=<<table"), 5U + 7U) << dot;
  EXPECT_EQ(count_of(dot, "subgraph cluster_"), 1U);
  // flip to the input of the base, its last layer to the pooling: 7 edges inside, 5 outside.
  EXPECT_EQ(count_of(dot, " -> "), 12U) << dot;
}

TEST(PlotModel, TextIsEscaped) {
  const SymbolicTensor input = Input({4}, "a<b>&\"c\"");
  const Model model(input, layers::Dense({.units = 1, .name = "d"})(input));
  const std::string dot = model_to_dot(model, {.show_layer_names = true});
  EXPECT_NE(dot.find("a&lt;b&gt;&amp;&quot;c&quot;"), std::string::npos) << dot;
}

TEST(PlotModel, WritesDotAndRefusesOtherEndings) {
  const test::TemporaryFolder folder;
  saving::plot_model(test::small_base(), folder.path() / "m.dot");
  EXPECT_EQ(test::read_file(folder.path() / "m.dot"), model_to_dot(test::small_base()));
  test::expect_error([&] { saving::plot_model(test::small_base(), folder.path() / "m.gif"); },
                     ErrorKind::invalid_argument, {".svg", "m.gif"});
  test::expect_error(
      [&] { saving::plot_model(test::small_base(), folder.path() / "m.dot", {.rankdir = "up"}); },
      ErrorKind::invalid_argument, {"up"});
}

TEST(PlotModel, DrawsPicturesWithGraphviz) {
  const test::TemporaryFolder folder;
  const auto svg = folder.path() / "m.svg";
  {
    const Path path((folder.path() / "nothing").string());
    test::expect_error([&] { saving::plot_model(test::small_base(), svg); }, ErrorKind::unsupported,
                       {"graphviz", ".dot"});
  }
  // A program of that name stands in: it copies the text to where the picture goes.
  std::filesystem::create_directories(folder.path() / "bin");
  const auto program = folder.path() / "bin" / "dot";
  std::ofstream(program)
      << "#!/bin/sh\n[ \"$1\" = -Tsvg ] && [ \"$3\" = -o ] && exec /bin/cp \"$5\" \"$4\"\nexit 3\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const Path path((folder.path() / "bin").string());
  saving::plot_model(test::small_base(), svg);
  EXPECT_EQ(test::read_file(svg), model_to_dot(test::small_base()));
  test::expect_error([&] { saving::plot_model(test::small_base(), folder.path() / "m.png"); }, ErrorKind::io,
                     {"m.png"});
  // Nothing half-made is left.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

}  // namespace
}  // namespace graft
