// SPDX-License-Identifier: Apache-2.0
// ONNX's own tests of single nodes, which Debian has as libonnx-testdata: every one whose operator graft
// knows is computed as ONNX says or refused by name. What is refused stands in
// tests/onnx/data/node_tests_refused.txt.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>

#include "graft/base/fail.hpp"
#include "graft/onnx/import.hpp"
#include "graft/ops/permuted.hpp"

#include "onnx_support.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using formats::OnnxAttribute;
using formats::OnnxModel;
using formats::OnnxNode;

constexpr double kBound = 1e-5;
/// graft keeps 32 bits where a file casts to 16.
constexpr double kBoundOfFloat16 = 1e-3;

fs::path folder_of_tests() {
  const char* given = std::getenv("GRAFT_ONNX_NODE_TESTS");
  return given != nullptr ? given : "/usr/share/libonnx-testdata/data/node";
}

struct NodeTest {
  OnnxModel model;
  std::vector<Tensor> inputs, outputs;
};

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A field of bytes of a protobuf message.
std::string field_of(int number, const std::string& content) {
  std::string out(1, static_cast<char>(number * 8 + 2));
  for (std::size_t size = content.size();; size >>= 7) {
    out += static_cast<char>((size & 127) | (size > 127 ? 128 : 0));
    if (size <= 127) return out + content;
  }
}

/// The tensors input_0.pb, input_1.pb, ... of a test, read as initializers of a graph that has nothing else.
std::vector<Tensor> tensors_of(const fs::path& folder, const std::string& stem) {
  std::vector<Tensor> tensors;
  for (int i = 0; fs::exists(folder / (stem + std::to_string(i) + ".pb")); ++i) {
    const fs::path file = folder / (stem + std::to_string(i) + ".pb");
    const std::string graph = field_of(7, field_of(5, bytes_of(file)) + field_of(2, "graph"));
    const OnnxModel read = formats::read_onnx("\x08\x08" + field_of(8, "\x10\x0D") + graph, file.filename());
    tensors.push_back(read.initializers.at(0).value);
  }
  return tensors;
}

NodeTest read_test(const fs::path& folder) {
  NodeTest test{.model = formats::read_onnx(folder / "model.onnx"), .inputs = {}, .outputs = {}};
  test.model.metadata["input_layout"] = "NCHW";
  // Each test states the opset in which its operator last changed; they were made for opset 17.
  if (test.model.opset > 0 && test.model.opset < 17) test.model.opset = 17;
  test.inputs = tensors_of(folder / "test_data_set_0", "input_");
  test.outputs = tensors_of(folder / "test_data_set_0", "output_");
  return test;
}

Tensor of_integers(const std::vector<std::int64_t>& numbers) {
  return Tensor::from({static_cast<std::int64_t>(numbers.size())}, std::span<const std::int64_t>(numbers));
}

OnnxNode node(const char* op, std::vector<std::string> inputs, const std::string& output,
              std::vector<OnnxAttribute> attributes = {}) {
  return {.op = op,
          .name = "added",
          .domain = {},
          .inputs = std::move(inputs),
          .outputs = {output},
          .attributes = std::move(attributes)};
}

/// A graph with one input, and what it takes and should answer.
struct Question {
  OnnxModel model;
  Tensor input;
  Tensor expected;
};

/// Whole numbers as the floating-point numbers that photos are.
void make_real(OnnxModel& model, Tensor& input) {
  if (input.dtype() == DType::boolean) return;
  model.inputs[0].dtype = DType::float32;
  input = input.to(DType::float32);
}

/// Only the first input is the photos', the others are fixed numbers, as weights are.
std::optional<Question> first_is_photos(const NodeTest& test, std::size_t output) {
  if (test.model.inputs.empty() || test.inputs.empty()) return std::nullopt;
  Question question{.model = test.model, .input = test.inputs[0], .expected = test.outputs[output]};
  for (std::size_t i = 1; i < test.model.inputs.size(); ++i)
    question.model.initializers.push_back({test.model.inputs[i].name, test.inputs[i]});
  question.model.inputs.resize(1);
  make_real(question.model, question.input);
  return question;
}

/// Operators for which a value of K elements may as well be one photo of K elements.
bool works_by_element(const std::string& op) {
  static const std::set<std::string> operators{
      "Abs",      "Add",       "Clip",    "Div",      "Dropout", "Elu", "Exp", "HardSigmoid", "HardSwish",
      "Identity", "LeakyRelu", "Max",     "Min",      "Mish",    "Mul", "Neg", "PRelu",       "Pow",
      "Relu",     "Selu",      "Sigmoid", "Softplus", "Sqrt",    "Sub", "Sum", "Tanh",        "Softsign"};
  return operators.contains(op);
}

/// All values of K elements as (1, K); the same as first_is_photos else.
std::optional<Question> one_photo(const NodeTest& test, std::size_t output) {
  if (test.inputs.empty() || test.inputs[0].shape().rank() != 1 || !works_by_element(test.model.nodes[0].op))
    return std::nullopt;
  NodeTest wide = test;
  const auto widen = [](Tensor& tensor) {
    if (tensor.shape().rank() == 1) tensor = tensor.reshape({1, tensor.count()});
  };
  for (Tensor& input : wide.inputs) widen(input);
  for (Tensor& expected : wide.outputs) widen(expected);
  wide.model.inputs[0].shape = wide.inputs[0].shape();
  return first_is_photos(wide, output);
}

/// All inputs are the photos': parts of one input (N, K).
std::optional<Question> all_are_photos(const NodeTest& test, std::size_t output) {
  if (test.inputs.size() < 2) return std::nullopt;
  const std::int64_t batch = test.inputs[0].shape().rank() < 2 ? 0 : test.inputs[0].shape()[0];
  Question question{.model = test.model, .input = {}, .expected = test.outputs[output]};
  question.model.inputs = {{.name = "everything", .shape = {}}};
  std::vector<OnnxNode> nodes;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < test.inputs.size(); ++i) {
    const Shape& shape = test.inputs[i].shape();
    if (batch == 0 || shape.rank() < 2 || shape[0] != batch || shape.count() == 0 ||
        test.inputs[i].dtype() != DType::float32)
      return std::nullopt;
    const std::int64_t size = shape.count() / batch;
    const std::string name = "added_" + std::to_string(i);
    std::vector<std::int64_t> target = shape.sizes();
    target[0] = -1;
    question.model.initializers.push_back({name + "_begin", of_integers({count})});
    question.model.initializers.push_back({name + "_end", of_integers({count + size})});
    question.model.initializers.push_back({name + "_axis", of_integers({1})});
    question.model.initializers.push_back({name + "_shape", of_integers(target)});
    nodes.push_back(node("Slice", {"everything", name + "_begin", name + "_end", name + "_axis"}, name));
    nodes.push_back(node("Reshape", {name, name + "_shape"}, test.model.inputs[i].name));
    count += size;
  }
  question.input = Tensor({batch, count});
  std::int64_t at = 0;
  for (const Tensor& input : test.inputs) {
    const std::int64_t size = input.count() / batch;
    for (std::int64_t n = 0; n < batch; ++n)
      std::copy_n(input.data().begin() + n * size, size, question.input.data().begin() + n * count + at);
    at += size;
  }
  question.model.inputs[0].shape = question.input.shape();
  question.model.nodes.insert(question.model.nodes.begin(), nodes.begin(), nodes.end());
  return question;
}

/// All inputs are fixed numbers; the result is added to photos (1, K) of zeros.
std::optional<Question> all_are_fixed(const NodeTest& test, std::size_t output) {
  const Tensor& expected = test.outputs[output];
  if (expected.count() == 0) return std::nullopt;
  Question question{.model = test.model,
                    .input = Tensor({1, expected.count()}),
                    .expected = expected.reshape({1, expected.count()})};
  for (std::size_t i = 0; i < test.model.inputs.size(); ++i)
    question.model.initializers.push_back({test.model.inputs[i].name, test.inputs.at(i)});
  question.model.initializers.push_back({"added_shape", of_integers({1, expected.count()})});
  question.model.inputs = {{.name = "zeros", .shape = question.input.shape()}};
  question.model.outputs = {{.name = "added_sum", .shape = {}}};
  question.model.nodes.push_back(node("Cast", {test.model.outputs[output].name}, "added_real",
                                      {OnnxAttribute::of("to", std::int64_t{1})}));
  question.model.nodes.push_back(node("Reshape", {"added_real", "added_shape"}, "added_row"));
  question.model.nodes.push_back(node("Add", {"zeros", "added_row"}, "added_sum"));
  return question;
}

/// Nothing: equal to what ONNX says. Else why it was refused, or how it differs.
struct Outcome {
  bool equal = false, refused = false;
  std::string why;
};

Outcome ask(Question question) {
  clear_session();
  try {
    Model model = from_onnx(question.model, "file");
    Tensor input = question.input.to(DType::float32);
    if (input.shape().rank() == 4) input = ops::permuted(input, {0, 2, 3, 1});
    const Tensor answer = model.predict(input);
    const Tensor expected = question.expected.to(DType::float32);
    if (answer.shape() != expected.shape())
      return {.why = cat("shape ", answer.shape(), ", expected ", expected.shape())};
    const double difference = test::part_of_largest(answer, expected);
    const double bound = question.expected.dtype() == DType::float16 ? kBoundOfFloat16 : kBound;
    return {.equal = difference < bound, .why = cat("differs by ", difference)};
  } catch (const Error& error) {
    return {.refused = error.kind() == ErrorKind::unsupported, .why = error.what()};
  }
}

/// What became of a test: asked in each way that there is.
struct Verdict {
  int equal = 0;
  std::string refused;  ///< the first refusal
  std::string wrong;
};

Verdict judge(const NodeTest& test) {
  Verdict verdict;
  for (std::size_t output = 0; output < test.outputs.size(); ++output) {
    NodeTest one = test;
    one.model.outputs = {test.model.outputs[output]};
    std::rotate(one.outputs.begin(), one.outputs.begin() + static_cast<std::ptrdiff_t>(output),
                one.outputs.end());
    for (const auto way : {first_is_photos, one_photo, all_are_photos, all_are_fixed}) {
      const std::optional<Question> question = way(one, 0);
      if (!question) continue;
      const Outcome outcome = ask(*question);
      if (outcome.equal) ++verdict.equal;
      if (outcome.refused && verdict.refused.empty()) verdict.refused = outcome.why;
      if (!outcome.equal && !outcome.refused) verdict.wrong = outcome.why;
    }
  }
  return verdict;
}

/// Text after the node's name and operator.
std::string reason_of(const std::string& message) {
  const std::size_t end = message.find(") ");
  return end == std::string::npos ? message : message.substr(end + 2);
}

/// One line for each test that is refused though graft knows its operator, and for each operator that it does
/// not know.
struct Summary {
  int equal = 0, several_nodes = 0, no_tensors = 0;
  std::map<std::string, std::string> refused;
  std::map<std::string, int> unknown;

  [[nodiscard]] std::string text() const {
    std::ostringstream lines;
    for (const auto& [name, why] : refused) lines << name << ": " << why << '\n';
    for (const auto& [op, count] : unknown) lines << "operator " << op << ": " << count << '\n';
    return lines.str();
  }
};

void add(Summary& summary, const fs::path& folder) {
  const std::string name = folder.filename().string();
  NodeTest test;
  try {
    test = read_test(folder);
  } catch (const Error&) {
    // Texts, sequences and types that no network of photos has.
    ++summary.no_tensors;
    return;
  }
  if (test.model.nodes.size() != 1) {
    ++summary.several_nodes;
    return;
  }
  const Verdict verdict = judge(test);
  EXPECT_EQ(verdict.wrong, "") << name;
  if (verdict.equal > 0) {
    ++summary.equal;
  } else if (verdict.refused.find("graft does not know") != std::string::npos) {
    ++summary.unknown[test.model.nodes[0].op];
  } else {
    summary.refused[name] = reason_of(verdict.refused);
  }
}

TEST(OnnxNodeTests, AreEqualOrRefusedByName) {
  const fs::path folder = folder_of_tests();
  if (!fs::exists(folder))
    GTEST_SKIP() << "install libonnx-testdata, or set GRAFT_ONNX_NODE_TESTS to its folder data/node";
  std::set<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder)) folders.insert(entry.path());
  Summary summary;
  for (const fs::path& one : folders) add(summary, one);
  std::printf(
      "equal %d; refused by name %zu; of operators that graft does not know %zu kinds; of several nodes %d, "
      "without tensors %d\n",
      summary.equal, summary.refused.size(), summary.unknown.size(), summary.several_nodes,
      summary.no_tensors);
  EXPECT_GE(summary.equal, 270);
  const fs::path list = fs::path(GRAFT_ONNX_TEST_DATA) / "node_tests_refused.txt";
  const std::string text = summary.text();
  if (text != bytes_of(list)) {
    const fs::path now = fs::temp_directory_path() / "node_tests_refused.txt";
    std::ofstream(now) << text;
    ADD_FAILURE() << "what is refused is not what " << list << " lists; it is in " << now;
  }
}

}  // namespace
}  // namespace graft
