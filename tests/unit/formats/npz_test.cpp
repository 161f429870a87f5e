// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/npz.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "graft/formats/file_kind.hpp"
#include "graft/formats/npy.hpp"

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

NamedTensors some() {
  Tensor counted(Shape{4, 3});
  std::iota(counted.data().begin(), counted.data().end(), 0.0F);
  return {{"conv/kernel", counted}, {"scalar", Tensor(Shape())}, {"empty", Tensor(Shape{0, 2})}};
}

TEST(Npz, RoundTripsPlainAndCompressed) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npz";
  const NamedTensors tensors = some();
  write_npz(path, tensors);
  test::expect_equal(read_npz(path), tensors);
  EXPECT_EQ(file_kind_of(path), FileKind::npz);

  std::vector<std::pair<std::string, std::string>> entries;
  for (const NamedTensor& tensor : tensors) {
    write_npy(folder.path() / "a.npy", tensor.tensor);
    entries.emplace_back(tensor.path + ".npy", graft::test::read_file(folder.path() / "a.npy"));
  }
  test::make_zip(path, entries, true);
  test::expect_equal(read_npz(path), tensors);
  for (const StoredTensor& tensor : open_npz(path)) {
    if (tensor.path != "conv/kernel") continue;
    // Backwards: a compressed entry has to be unpacked again for this.
    EXPECT_EQ(tensor.read_rows(3, 4).data()[0], 9.0F);
    EXPECT_EQ(tensor.read_rows(0, 1).data()[1], 1.0F);
  }
}

TEST(Npz, RefusesOtherArchivesAndBrokenEntries) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npz";
  test::make_zip(path, {{"a.txt", "text"}});
  test::expect_error(ErrorKind::bad_file, "a.txt", [&] { static_cast<void>(read_npz(path)); });
  test::make_zip(path, {{"a.npy", "text"}});
  test::expect_error(ErrorKind::bad_file, "numpy", [&] { static_cast<void>(read_npz(path)); });
  // A 2 GB claim in a kilobyte.
  write_npy(folder.path() / "a.npy", Tensor(Shape{8}));
  std::string bytes = graft::test::read_file(folder.path() / "a.npy");
  bytes.replace(bytes.find("(8,)"), 4, "(536870912,)");
  test::make_zip(path, {{"a.npy", bytes}});
  EXPECT_TRUE(test::error_of([&] { static_cast<void>(read_npz(path)); }));
  test::expect_error(ErrorKind::invalid_argument, "twice", [&] {
    write_npz(path, {{"a", Tensor(Shape{1})}, {"a", Tensor(Shape{1})}});
  });
}

TEST(Npz, TextsAreNumpysOwnKind) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npz";
  write_npz(path, {}, {{"names", {"a", "\xC3\xA4\xF0\x9F\x90\x88z", "\xFF"}}});
  const std::string bytes = graft::test::read_file(path);
  EXPECT_NE(bytes.find("'descr': '<U3', 'fortran_order': False, 'shape': (3,)"), std::string::npos);
  // a, a with two dots, a cat beyond 16 bits, z, and what is no UTF-8: four bytes each.
  const std::string texts(
      "a\0\0\0\0\0\0\0\0\0\0\0"
      "\xE4\0\0\0\x08\xF4\x01\0z\0\0\0"
      "\xFD\xFF\0\0\0\0\0\0\0\0\0\0",
      36);
  EXPECT_NE(bytes.find(texts), std::string::npos);
  test::expect_error(ErrorKind::invalid_argument, "twice", [&] {
    write_npz(path, {{"a", Tensor(Shape{1})}}, {{"a", {"x"}}});
  });
}

TEST(Npz, ChecksumDetectsChangedElements) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npz";
  write_npz(path, {{"a", Tensor(Shape{1000})}});
  std::string bytes = graft::test::read_file(path);
  bytes[bytes.size() / 2] ^= 1;
  test::write_bytes(path, bytes);
  EXPECT_TRUE(test::error_of([&] { static_cast<void>(read_npz(path)); }));
}

}  // namespace
}  // namespace graft::formats
