// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/onnx.hpp"

#include <fstream>

#include "graft/base/random.hpp"

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

OnnxModel small_model() {
  OnnxModel model;
  model.producer = "test";
  model.description = "a description";
  model.graph_name = "g";
  model.domains["com.example"] = 3;
  model.metadata = {{"a", "1"}, {"b", ""}};
  model.inputs = {{.name = "x", .shape = {-1, 3}}};
  model.outputs = {{.name = "y", .shape = {-1, 600}}};
  model.initializers = {
      {"w", Tensor({3, 600})}, {"half", Tensor({2}, DType::float16)}, {"sizes", Tensor({1}, DType::int64)}};
  float value = 0;
  for (float& element : model.initializers[0].value.data()) element = ++value;
  model.initializers[2].value.data<std::int64_t>()[0] = -7;
  OnnxAttribute tensor;
  tensor.name = "t";
  tensor.kind = OnnxAttribute::Kind::tensor;
  tensor.tensor = Tensor::full({2}, 5);
  OnnxAttribute reals;
  reals.name = "reals";
  reals.kind = OnnxAttribute::Kind::reals;
  reals.reals = {1.5F, -2};
  model.nodes = {
      {.op = "Gemm",
       .name = "n",
       .domain = {},
       .inputs = {"x", "w", ""},
       .outputs = {"y"},
       .attributes = {OnnxAttribute::of("alpha", 0.5F), OnnxAttribute::of("transB", std::int64_t{-1}),
                      OnnxAttribute::of("mode", std::string("linear")),
                      OnnxAttribute::of("pads", std::vector<std::int64_t>{1, -2, 300}), tensor, reals}}};
  return model;
}

void expect_small_model(const OnnxModel& read) {
  EXPECT_EQ(read.ir_version, 8);
  EXPECT_EQ(read.opset, 13);
  EXPECT_EQ(read.producer, "test");
  EXPECT_EQ(read.description, "a description");
  EXPECT_EQ(read.graph_name, "g");
  EXPECT_EQ(read.domains.at("com.example"), 3);
  EXPECT_EQ(read.metadata.at("a"), "1");
  EXPECT_EQ(read.inputs.at(0).shape, Shape({-1, 3}));
  EXPECT_EQ(read.outputs.at(0).name, "y");
  EXPECT_TRUE(test::same_elements(read.initializers.at(0).value, small_model().initializers[0].value));
  EXPECT_EQ(read.initializers.at(1).value.dtype(), DType::float16);
  EXPECT_EQ(read.initializers.at(2).value.data<std::int64_t>()[0], -7);
  const OnnxNode& node = read.nodes.at(0);
  EXPECT_EQ(node.op, "Gemm");
  EXPECT_EQ(node.inputs, (std::vector<std::string>{"x", "w", ""}));
  EXPECT_EQ(node.find("alpha")->real, 0.5F);
  EXPECT_EQ(node.find("transB")->integer, -1);
  EXPECT_EQ(node.find("mode")->text, "linear");
  EXPECT_EQ(node.find("pads")->integers, (std::vector<std::int64_t>{1, -2, 300}));
  EXPECT_EQ(node.find("t")->tensor.data()[1], 5);
  EXPECT_EQ(node.find("reals")->reals, (std::vector<float>{1.5F, -2}));
  EXPECT_EQ(node.find("none"), nullptr);
}

TEST(Onnx, ReadsWhatItWrites) {
  const graft::test::TemporaryFolder folder;
  EXPECT_FALSE(write_onnx(folder.path() / "m.onnx", small_model()));
  expect_small_model(read_onnx(folder.path() / "m.onnx"));
}

TEST(Onnx, LargeWeightsStandInAnotherFile) {
  const graft::test::TemporaryFolder folder;
  EXPECT_TRUE(write_onnx(folder.path() / "m.onnx", small_model(), 4000));
  EXPECT_GE(std::filesystem::file_size(folder.path() / "m.onnx.data"), 7200U);
  EXPECT_LT(std::filesystem::file_size(folder.path() / "m.onnx"), 1000U);
  expect_small_model(read_onnx(folder.path() / "m.onnx"));
  std::filesystem::resize_file(folder.path() / "m.onnx.data", 7000);
  test::expect_error(ErrorKind::bad_file, "tensor 'w'",
                     [&] { static_cast<void>(read_onnx(folder.path() / "m.onnx")); });
  std::filesystem::remove(folder.path() / "m.onnx.data");
  test::expect_error(ErrorKind::not_found, "m.onnx.data",
                     [&] { static_cast<void>(read_onnx(folder.path() / "m.onnx")); });
}

TEST(Onnx, OtherFilesAreOnlyReadInItsFolder) {
  const graft::test::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "in");
  write_onnx(folder.path() / "in" / "m.onnx", small_model(), 4000);
  std::string bytes = graft::test::read_file(folder.path() / "in" / "m.onnx");
  const std::size_t at = bytes.find("m.onnx.data");
  ASSERT_NE(at, std::string::npos);
  for (const char* name : {"../../x.bin", "/etc/passwd", "a/../b.bin."}) {
    bytes.replace(at, 11, name);
    test::write_bytes(folder.path() / "in" / "m.onnx", bytes);
    test::expect_error(ErrorKind::bad_file, "expected one in the same folder",
                       [&] { static_cast<void>(read_onnx(folder.path() / "in" / "m.onnx")); });
  }
}

TEST(Onnx, TruncationIsAnError) {
  const graft::test::TemporaryFolder folder;
  write_onnx(folder.path() / "m.onnx", small_model());
  const std::string whole = graft::test::read_file(folder.path() / "m.onnx");
  for (std::size_t length = 0; length < whole.size(); length += length < 300 ? 1 : 97) {
    EXPECT_TRUE(test::error_of([&] {
      static_cast<void>(read_onnx(std::string_view(whole).substr(0, length), "cut"));
    })) << length;
  }
}

TEST(Onnx, ChangedBytesGiveAnErrorOrAModel) {
  const graft::test::TemporaryFolder folder;
  write_onnx(folder.path() / "m.onnx", small_model());
  const std::string whole = graft::test::read_file(folder.path() / "m.onnx");
  Rng random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = whole;
    for (std::uint64_t change = 0; change <= random.below(4); ++change) {
      const std::size_t place =
          random.below(2) == 0 ? random.below(500) : bytes.size() - 1 - random.below(200);
      bytes[place] = static_cast<char>(random.below(256));
    }
    static_cast<void>(test::error_of([&] { static_cast<void>(read_onnx(bytes, "changed")); }));
  }
}

/// A field of bytes.
std::string field(int number, const std::string& content) {
  std::string result;
  result.push_back(static_cast<char>((number << 3) | 2));
  result.push_back(static_cast<char>(content.size()));
  return result + content;
}

TEST(Onnx, HugeShapesTakeNoMemory) {
  // A tensor (2^60, 2^60) of float32 with 4 bytes of elements.
  const std::string size = "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x10";
  const std::string tensor = size + size + "\x10\x01" + field(9, "abcd");
  const std::string model = "\x08\x08" + field(7, field(5, tensor));
  test::expect_error(ErrorKind::bad_file, "impossible shape",
                     [&] { static_cast<void>(read_onnx(model, "huge")); });
  // (2^40): possible, but its elements are not there.
  const std::string large = std::string("\x08\x80\x80\x80\x80\x80\x20\x10\x01", 9) + field(9, "abcd");
  test::expect_error(ErrorKind::bad_file, "has 4 bytes",
                     [&] { static_cast<void>(read_onnx("\x08\x08" + field(7, field(5, large)), "huge")); });
}

TEST(Onnx, UnknownTypesAreRefusedByNumber) {
  const std::string tensor = std::string("\x08\x01\x10\x11", 4) + field(8, "fp8") + field(9, "a");
  test::expect_error(ErrorKind::unsupported, "tensor 'fp8' has elements of ONNX's type 17",
                     [&] { static_cast<void>(read_onnx("\x08\x08" + field(7, field(5, tensor)), "typed")); });
}

TEST(Onnx, OtherFilesAreNamed) {
  test::expect_error(ErrorKind::bad_file, "no graph",
                     [] { static_cast<void>(read_onnx("\x08\x08", "empty")); });
  const graft::test::TemporaryFolder folder;
  test::write_bytes(folder.path() / "a.onnx", "<!DOCTYPE html><html>");
  test::expect_error(ErrorKind::bad_file, "not an ONNX file",
                     [&] { static_cast<void>(read_onnx(folder.path() / "a.onnx")); });
}

}  // namespace
}  // namespace graft::formats
