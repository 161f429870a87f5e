// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/safetensors.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

using test::expect_error;

std::string safetensors(const std::string& header, const std::string& data) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i) bytes += static_cast<char>((header.size() >> (8 * i)) & 0xFFU);
  return bytes + header + data;
}

TEST(Safetensors, HoldsTorchsValues) {
  const Json expected = graft::test::read_json(graft::test::goldens() / "files" / "torch_expected.json");
  const NamedTensors tensors = read_safetensors(graft::test::goldens() / "files" / "torch.safetensors");
  EXPECT_EQ(tensors.size(), expected.size());
  for (const auto& [name, wanted] : expected.items()) {
    const Tensor tensor = test::tensor_of(tensors, name);
    EXPECT_EQ(tensor.shape().sizes(), wanted["shape"].get<std::vector<std::int64_t>>()) << name;
    const Tensor values = tensor.to(DType::float64);
    for (std::int64_t i = 0; i < values.count(); ++i) {
      EXPECT_EQ(values.data<double>()[static_cast<std::size_t>(i)],
                wanted["values"][static_cast<std::size_t>(i)].get<double>())
          << name;
    }
  }
}

TEST(Safetensors, RoundTripsTypesShapesAndRows) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  NamedTensors tensors;
  for (const DType dtype : {DType::float64, DType::int64, DType::float32, DType::int32, DType::float16,
                            DType::bfloat16, DType::uint8, DType::int8}) {
    // Of types that nothing is converted to: any bytes.
    const bool raw = dtype == DType::float16 || dtype == DType::int8;
    Tensor tensor(Shape{3, 2}, raw ? dtype : DType::float32);
    if (!raw) std::iota(tensor.data().begin(), tensor.data().end(), 1.0F);
    tensors.push_back({std::string(to_string(dtype)), raw ? tensor : tensor.to(dtype)});
  }
  tensors.push_back({"scalar", Tensor(Shape())});
  tensors.push_back({"empty", Tensor(Shape{0, 4})});
  write_safetensors(path, tensors, {{"format", "pt"}});
  const NamedTensors read = read_safetensors(path);
  ASSERT_EQ(read.size(), tensors.size());
  for (const NamedTensor& tensor : tensors)
    EXPECT_TRUE(test::same_elements(test::tensor_of(read, tensor.path), tensor.tensor)) << tensor.path;
  for (const StoredTensor& tensor : open_safetensors(path)) {
    if (tensor.path != "float32") continue;
    EXPECT_EQ(tensor.read_rows(1, 3).data()[0], 3.0F);
    EXPECT_TRUE(test::error_of([&] { static_cast<void>(tensor.read_rows(1, 4)); }));
  }
  const std::string first = graft::test::read_file(path);
  write_safetensors(path, tensors, {{"format", "pt"}});
  EXPECT_EQ(graft::test::read_file(path), first);
}

TEST(Safetensors, RefusesInconsistentInput) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  const auto refuse = [&](ErrorKind kind, const std::string& text, const std::string& header) {
    test::write_bytes(path, safetensors(header, std::string(16, '\0')));
    expect_error(kind, text, [&] { static_cast<void>(read_safetensors(path)); });
  };
  const auto one = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  refuse(ErrorKind::bad_file, "needs 8 bytes", one("F32", "[2]", "[0,16]"));
  refuse(ErrorKind::bad_file, "expected at 0", one("F32", "[2]", "[8,16]"));
  refuse(ErrorKind::bad_file, "belong to none", one("F32", "[2]", "[0,8]"));
  refuse(ErrorKind::bad_file, "truncated", one("F32", "[536870912]", "[0,2147483648]"));
  refuse(ErrorKind::bad_file, "beyond any memory", one("F32", "[4611686018427387904,8]", "[0,16]"));
  refuse(ErrorKind::bad_file, "size that is none", one("F32", "[-4]", "[0,16]"));
  refuse(ErrorKind::unsupported, "F8_E4M3", one("F8_E4M3", "[16]", "[0,16]"));
  refuse(ErrorKind::bad_file, "data_offsets", R"({"a":{"dtype":"F32","shape":[4]}})");
  refuse(ErrorKind::bad_file, "expected at 16",
         R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},)"
         R"("b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})");
  test::write_bytes(path, std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{", 9));
  expect_error(ErrorKind::resource_limit, "header", [&] { static_cast<void>(read_safetensors(path)); });
  expect_error(ErrorKind::invalid_argument, "twice", [&] {
    write_safetensors(path, {{"a", Tensor(Shape{1})}, {"a", Tensor(Shape{1})}});
  });
}

}  // namespace
}  // namespace graft::formats
