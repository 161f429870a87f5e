// SPDX-License-Identifier: Apache-2.0
// C++ source that is compiled, and answers as the model does.
#include <cstdio>

#include "graft/applications.hpp"
#include "graft/base/read_file.hpp"
#include "graft/cpp_source.hpp"
#include "graft/layers.hpp"
#include "graft/tflite/run_source.hpp"
#include "graft/training.hpp"

#include "layer_cases.hpp"
#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

double difference(Model& model, const std::filesystem::path& header) {
  const Tensor batch = test::random_pixels(2, model.input_shape());
  const test::TemporaryFolder folder;
  save_cpp_source(model, header);
  const Tensor answer = run_cpp_source(header, "model", batch, "c++", folder.path());
  const Tensor expected = model.predict(batch);
  return test::part_of_largest(answer.reshape(expected.shape()), expected);
}

/// All layers' branches in one program, so that a compiler runs once.
TEST(CppSource, LayersAnswerWhenCompiled) {
  const SymbolicTensor input = Input({12, 11, 3});
  std::vector<SymbolicTensor> parts;
  for (const test::LayerCase& one : test::all_layers()) {
    if (one.name.find("transpose") != std::string::npos || one.name == "attention") continue;  // refused
    const SymbolicTensor y = one.build(layers::Rescaling({.scale = 1 / 64.0, .offset = -2})(input));
    parts.push_back(layers::Flatten()(y));
  }
  Model model(input, layers::Concatenate()(parts));
  test::randomize(model);
  const test::TemporaryFolder folder;
  EXPECT_LT(difference(model, folder.path() / "model.hpp"), 1e-4);
}

TEST(CppSource, ANetworkAnswersWhenCompiled) {
  clear_session();
  Model model =
      applications::MobileNetV2({.input_shape = {96, 96, 3}, .weights = "none", .classes = 5, .alpha = 0.35});
  test::randomize(model);
  const test::TemporaryFolder folder;
  EXPECT_LT(difference(model, folder.path() / "net.hpp"), 1e-5);
}

TEST(CppSource, NamesAreTextsOfCpp) {
  const test::TemporaryFolder folder;
  const SymbolicTensor x = Input({4, 4, 3});
  const Model model(x, layers::Dense({.units = 2, .activation = "softmax"})(layers::Flatten()(x)));
  save_cpp_source(model, folder.path() / "m.hpp",
                  {.name = "ants", .class_names = {"a\"b", "\xc3\xa9t\xc3\xa9"}});
  const std::string text = read_file(folder.path() / "m.hpp", 1 << 20);
  EXPECT_NE(text.find(R"(class_names{"a\"b", "\303\251t\303\251"})"), std::string::npos);
  EXPECT_NE(text.find("namespace ants {"), std::string::npos);
  test::message_of([&] { save_cpp_source(model, folder.path() / "n.hpp", {.name = "1x"}); },
                   ErrorKind::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "n.hpp"));
}

}  // namespace
}  // namespace graft
