// SPDX-License-Identifier: Apache-2.0
// Files that claim much hold up nobody: an error within a second, and no memory to speak of.
#include <chrono>
#include <fstream>

#include <gtest/gtest.h>
#include <hdf5.h>

#include "graft/base/json.hpp"
#include "graft/formats/file_kind.hpp"
#include "graft/formats/keras_archive.hpp"
#include "graft/formats/keras_h5.hpp"
#include "graft/formats/npy.hpp"
#include "graft/formats/npz.hpp"
#include "graft/formats/pth.hpp"
#include "graft/formats/safetensors.hpp"

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

namespace fs = std::filesystem;

/// Most memory that this process has had since reset_peak(), in KiB.
long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  }
  return -1;
}

/// Forgets the peak so far (proc(5), clear_refs); false where the system does not let us.
bool reset_peak() {
  std::ofstream out("/proc/self/clear_refs");
  out << "5" << std::flush;
  return static_cast<bool>(out);
}

void expect_quick_refusal(const fs::path& path) {
  ASSERT_TRUE(reset_peak());
  const long before = peak_kib();
  const auto begin = std::chrono::steady_clock::now();
  const auto error = test::error_of([&] {
    const FileKind kind = file_kind_of(path);
    if (kind == FileKind::keras_archive) {
      static_cast<void>(read_keras_archive(path));
    } else if (kind != FileKind::hdf5) {
      static_cast<void>(read_all(open_named_tensors(path, kind)));
    } else if (test::error_of([&] { static_cast<void>(read_keras_h5(path)); })) {
      static_cast<void>(read_weights_h5(path));
    }
  });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_TRUE(error) << path << " was read";
  EXPECT_LT(took.count(), 1.0) << path;
  EXPECT_LT(peak_kib() - before, 32 * 1024) << path;
}

std::string npy_of(const std::string& shape) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  return bytes + header + std::string(64, '\0');
}

TEST(HostileFiles, ATwoGigabyteClaimInAKilobyte) {
  const graft::test::TemporaryFolder folder;
  const auto path = [&](const char* name) { return folder.path() / name; };
  test::make_zip(path("a.npz"), {{"a.npy", npy_of("(536870912,)")}});
  test::make_zip(path("b.npz"), {{"a.npy", npy_of("(4294967296, 4294967296, 4294967296)")}});
  const std::string header = R"({"a":{"dtype":"F32","shape":[536870912],"data_offsets":[0,2147483648]}})";
  test::write_bytes(path("a.safetensors"),
                    std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header);
  const hid_t file = H5Fcreate(path("a.weights.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t size = 536870912;
  const hid_t space = H5Screate_simple(1, &size, nullptr);
  H5Dclose(H5Dcreate2(file, "w", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
  H5Fclose(file);
  for (const char* name : {"a.npz", "b.npz", "a.safetensors", "a.weights.h5"}) {
    ASSERT_LT(fs::file_size(path(name)), 4096U) << name;
    expect_quick_refusal(path(name));
  }
  test::write_bytes(path("a.npy"), npy_of("(536870912,)"));
  EXPECT_TRUE(test::error_of([&] { static_cast<void>(read_npy(path("a.npy"))); }));
}

TEST(HostileFiles, ZipBombs) {
  const graft::test::TemporaryFolder folder;
  const std::string zeros(64U << 20U, '\0');
  test::make_zip(folder.path() / "a.keras",
                 {{"config.json", "{}"}, {"metadata.json", "{}"}, {"model.weights.h5", zeros}}, true);
  test::make_zip(folder.path() / "a.npz", {{"a.npy", npy_of("(16777216,)") + zeros}}, true);
  test::make_zip(folder.path() / "a.pth", {{"archive/data.pkl", zeros}}, true);
  for (const char* name : {"a.keras", "a.npz", "a.pth"}) expect_quick_refusal(folder.path() / name);
}

TEST(HostileFiles, EveryGoldenCutAtEveryKilobyte) {
  const graft::test::TemporaryFolder folder;
  const fs::path path = folder.path() / "cut";
  for (const auto& entry : fs::directory_iterator(graft::test::goldens() / "files")) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".json" || extension == ".txt" || entry.file_size() > 200'000) continue;
    const std::string whole = graft::test::read_file(entry.path());
    for (std::size_t length = 1024; length < whole.size(); length += 1024) {
      test::write_bytes(path, std::string_view(whole).substr(0, length));
      SCOPED_TRACE(entry.path().filename().string() + " cut to " + std::to_string(length));
      expect_quick_refusal(path);
    }
  }
}

}  // namespace
}  // namespace graft::formats
