// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/npy.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

using test::expect_error;

/// A file of version 1.0 around a header's text.
std::string npy(std::string header, const std::string& data, char version = 1) {
  header += '\n';
  std::string bytes = cat("\x93NUMPY", version, '\0');
  bytes += static_cast<char>(header.size());
  bytes += std::string(version == 1 ? 1 : 3, '\0');
  return bytes + header + data;
}

TEST(Npy, WritesTheBytesThatNumpyWrites) {
  const graft::test::TemporaryFolder folder;
  const float values[3] = {1.0F, 2.0F, -3.0F};
  write_npy(folder.path() / "a.npy", Tensor::from({3}, values));
  // numpy.save of the same array.
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
  header.resize(117, ' ');
  std::string expected("\x93NUMPY\x01\x00\x76\x00", 10);
  expected += header + "\n" + std::string("\0\0\x80\x3F\0\0\0\x40\0\0\x40\xC0", 12);
  EXPECT_EQ(graft::test::read_file(folder.path() / "a.npy"), expected);
}

TEST(Npy, RoundTripsTypesAndShapes) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  for (const Shape& shape : {Shape(), Shape({0}), Shape({2, 0, 3}), Shape({7}), Shape({2, 3, 4})}) {
    for (const DType dtype : {DType::float32, DType::float64, DType::int32, DType::int64, DType::uint8}) {
      Tensor tensor(shape);
      std::iota(tensor.data().begin(), tensor.data().end(), 3.0F);
      tensor = tensor.to(dtype);
      write_npy(path, tensor);
      EXPECT_TRUE(test::same_elements(read_npy(path), tensor)) << shape << to_string(dtype);
      EXPECT_EQ((std::filesystem::file_size(path) - tensor.size_bytes()) % 64, 0U);
    }
  }
}

TEST(Npy, TurnsFortranOrder) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  test::write_bytes(
      path, npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\x01\x04\x02\x05\x03\x06", 2));
  const Tensor tensor = read_npy(path);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(tensor.data<std::uint8_t>()[i], i + 1);
}

TEST(Npy, RefusesUnsupportedFiles) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  const auto given = [&](ErrorKind kind, const std::string& bytes, const std::string& reason) {
    test::write_bytes(path, bytes);
    expect_error(kind, reason, [&] { static_cast<void>(read_npy(path)); });
  };
  const std::string order = "'fortran_order': False, ";
  given(ErrorKind::bad_file, "<html>", "web page");
  given(ErrorKind::bad_file, std::string("\x93NUMPY\x01", 7), "truncated");
  given(ErrorKind::unsupported, npy("{'descr': '<c8', " + order + "'shape': (1,), }", "12345678"), "<c8");
  given(ErrorKind::unsupported, npy("{'descr': '|O', " + order + "'shape': (1,), }", "12345678"), "|O");
  given(ErrorKind::unsupported, npy("{'descr': '>f4', " + order + "'shape': (1,), }", "1234"), ">f4");
  given(ErrorKind::bad_file, npy("{'descr': '<f4', " + order + "'shape': (2,), }", "1234"), "truncated");
  given(ErrorKind::bad_file, npy("{'descr': '<f4', " + order + "'shape': (4000000000, 1000), }", "1234"),
        "truncated");
  given(ErrorKind::resource_limit,
        npy("{'descr': '<f4', " + order + "'shape': (4000000000, 4000000000), }", ""), "");
  given(ErrorKind::bad_file, npy("{'descr': '<f4', " + order + "'shape': (-1,), }", "1234"), "shape");
  given(ErrorKind::bad_file, npy("{'descr': '<f4', " + order + "}", "1234"), "shape");
  expect_error(ErrorKind::unsupported, "bfloat16",
               [&] { write_npy(path, Tensor(Shape{1}, DType::bfloat16)); });
}

}  // namespace
}  // namespace graft::formats
