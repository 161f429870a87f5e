// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/weights_h5.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

using test::expect_error;

Tensor counting(const Shape& shape, DType dtype) {
  Tensor tensor(shape);
  std::iota(tensor.data().begin(), tensor.data().end(), 1.0F);
  return tensor.to(dtype);
}

TEST(WeightsH5, ReadsKerasTree) {
  const WeightsH5 file = read_weights_h5(graft::test::goldens() / "files/small_cnn.weights.h5");
  EXPECT_EQ(test::tensor_of(file.weights, "layers/conv2d/vars/0").shape(), Shape({3, 3, 1, 8}));
  EXPECT_EQ(test::tensor_of(file.weights, "optimizer/vars/0").dtype(), DType::int64);
  EXPECT_EQ(test::tensor_of(file.weights, "optimizer/vars/0").shape(), Shape());
  EXPECT_EQ(file.group_names.at("layers/conv2d/vars"), "conv1");
  EXPECT_EQ(file.group_names.at("layers/dropout/vars"), "dropout");
  std::vector<std::string> paths;
  for (const NamedTensor& weight : file.weights) paths.push_back(weight.path);
  const auto two = std::ranges::find(paths, "optimizer/vars/2");
  const auto ten = std::ranges::find(paths, "optimizer/vars/10");
  EXPECT_LT(two, ten) << "numbers are ordered as numbers";
}

TEST(WeightsH5, RoundTripsEveryGoldenFile) {
  for (const auto& path : test::golden_files(".weights.h5")) {
    const WeightsH5 file = read_weights_h5(path);
    const WeightsH5 again = read_weights_h5(write_weights_h5(file.weights, file.group_names), "memory");
    test::expect_equal(file.weights, again.weights);
    EXPECT_EQ(file.group_names, again.group_names);
  }
}

TEST(WeightsH5, RoundTripsEveryTypeAndShape) {
  const NamedTensors weights = {{"a/bool",
                                 [] {
                                   Tensor flags(Shape{2}, DType::boolean);
                                   static_cast<std::uint8_t*>(flags.raw())[1] = 1;
                                   return flags;
                                 }()},
                                {"a/empty", Tensor(Shape{0, 3})},
                                {"a/float64", counting({2, 3}, DType::float64)},
                                {"a/int32", counting({4}, DType::int32)},
                                {"a/int64", counting({}, DType::int64)},
                                {"a/uint8", counting({5}, DType::uint8)},
                                {"b", counting({2, 1, 2}, DType::float32)},
                                {"half", Tensor(Shape{2}, DType::float16)}};
  test::expect_equal(read_weights_h5(write_weights_h5(weights), "memory").weights, weights);
}

TEST(WeightsH5, StoresBfloat16AsFloat32) {
  const std::string bytes = write_weights_h5({{"w", counting({3}, DType::bfloat16)}});
  EXPECT_EQ(read_weights_h5(bytes, "memory").weights.at(0).tensor.data()[2], 3.0F);
}

TEST(WeightsH5, MakesEmptyNamedGroups) {
  const GroupNames groups = {{"layers/dropout/vars", "drop"}, {"layers/flatten/vars", ""}};
  const WeightsH5 file = read_weights_h5(write_weights_h5({}, groups), "memory");
  EXPECT_TRUE(file.weights.empty());
  EXPECT_EQ(file.group_names, groups);
}

TEST(WeightsH5, EqualContentProducesEqualBytes) {
  const NamedTensors weights = {{"layers/dense/vars/0", counting({40, 3}, DType::float32)}};
  const GroupNames groups = {{"layers/dense/vars", "fc"}};
  EXPECT_EQ(write_weights_h5(weights, groups), write_weights_h5(weights, groups));
}

TEST(WeightsH5, RefusesPathsThatCannotBe) {
  const Tensor one(Shape{1});
  const auto refused = [&](const NamedTensors& weights, const std::string& text) {
    expect_error(ErrorKind::invalid_argument, text, [&] { static_cast<void>(write_weights_h5(weights)); });
  };
  refused({{"", one}}, "not a path");
  refused({{"a//b", one}}, "not a path");
  refused({{"a", one}, {"a", one}}, "twice");
  refused({{"a", one}, {"a/b", one}}, "both");
  refused({{"a/b", one}, {"a", one}}, "twice");
}

TEST(WeightsH5, ServesSeveralThreads) {
  const auto path = graft::test::goldens() / "files/small_cnn.weights.h5";
  const WeightsH5 expected = read_weights_h5(path);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const std::string bytes = write_weights_h5(expected.weights);
      test::expect_equal(read_weights_h5(bytes, "memory").weights, read_weights_h5(path).weights);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// Makes a file by plain HDF5 calls on its root.
std::filesystem::path make_file(const std::filesystem::path& path, const std::function<void(hid_t)>& fill) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  fill(file);
  H5Fclose(file);
  return path;
}

void make_dataset(hid_t file, std::vector<hsize_t> sizes, const std::vector<hsize_t>& chunk, hid_t type) {
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  if (!chunk.empty()) {
    H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    H5Pset_deflate(creation, 6);
  }
  const hid_t space = H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr);
  const hid_t dataset = H5Dcreate2(file, "w", type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  EXPECT_GE(dataset, 0);
  if (sizes[0] <= 1000) {
    const std::vector<std::uint32_t> values(sizes[0], 7);
    H5Dwrite(dataset, H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT,
             static_cast<const void*>(values.data()));
  }
  H5Dclose(dataset);
  H5Sclose(space);
  H5Pclose(creation);
}

TEST(WeightsH5, ReadsCompressedChunksAndWidensUnsigned) {
  const graft::test::TemporaryFolder folder;
  const auto path =
      make_file(folder.path() / "w.h5", [](hid_t file) { make_dataset(file, {1000}, {100}, H5T_STD_U32LE); });
  const Tensor tensor = read_weights_h5(path).weights.at(0).tensor;
  EXPECT_EQ(tensor.dtype(), DType::int64);
  EXPECT_EQ(tensor.data<std::int64_t>()[999], 7);
}

/// A dataset of 2 x 4 numbers stored in its own header ("compact").
void make_compact(hid_t file) {
  const std::array<hsize_t, 2> sizes{2, 4};
  const std::vector<float> values(8, 1.5F);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_layout(creation, H5D_COMPACT);
  const hid_t space = H5Screate_simple(2, sizes.data(), nullptr);
  const hid_t dataset = H5Dcreate2(file, "w", H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, static_cast<const void*>(values.data()));
  H5Dclose(dataset);
  H5Sclose(space);
  H5Pclose(creation);
}

// HDF5 1.10 reads a compact dataset's size from the file and copies what the shape needs.
TEST(WeightsH5, RefusesCompactDataThatIsTooShort) {
  const graft::test::TemporaryFolder folder;
  const auto path = make_file(folder.path() / "w.h5", make_compact);
  std::string bytes = graft::test::read_file(path);
  EXPECT_EQ(read_weights_h5(bytes, "whole").weights.at(0).tensor.data()[7], 1.5F);
  // The layout message: version 3, class 0 (compact), 32 bytes.
  const std::size_t layout = bytes.find(std::string("\x03\x00\x20\x00", 4));
  ASSERT_NE(layout, std::string::npos);
  for (const char size : {'\x00', '\x01', '\x1f'}) {
    bytes[layout + 2] = size;
    expect_error(ErrorKind::bad_file, "'w' holds",
                 [&] { static_cast<void>(read_weights_h5(bytes, "short")); });
  }
}

/// Files longer than this cannot be written while it lives, as on a full disk.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

/// Writes a file that fits and one that does not; true where the second one was refused and left nothing.
bool refuses_what_does_not_fit() {
  const graft::test::TemporaryFolder folder;
  const auto write = [&](std::int64_t rows) {
    write_weights_h5(folder.path() / "w.h5",
                     {{"layers/a/vars/0", Tensor({rows, 10})}, {"layers/b/vars/0", Tensor({3})}});
  };
  const FileLimit limit(100'000);
  write(200);
  try {
    write(20'000);
    return false;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io || std::string(error.what()).find("too large") == std::string::npos)
      return false;
  }
  return read_weights_h5(folder.path() / "w.h5").weights.at(0).tensor.shape()[0] == 200 &&
         std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1;
}

// HDF5 1.10 crashes when the program ends after it failed to close a file.
TEST(WeightsH5, AFullDiskIsAnErrorAndNoCrashLater) {
  const pid_t child = fork();
  if (child == 0) std::exit(refuses_what_does_not_fit() ? 0 : 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(WeightsH5, RefusesClaimsBeyondTheFile) {
  const graft::test::TemporaryFolder folder;
  const auto refused = [&](const std::vector<hsize_t>& sizes, const std::vector<hsize_t>& chunk) {
    const auto path = make_file(folder.path() / "w.h5",
                                [&](hid_t file) { make_dataset(file, sizes, chunk, H5T_IEEE_F32LE); });
    expect_error(ErrorKind::resource_limit, "'w' claims", [&] { static_cast<void>(read_weights_h5(path)); });
  };
  refused({1U << 20U, 1U << 20U}, {1000, 100});
  refused({1U << 30U}, {1U << 29U});
  refused({1U << 20U, 1U << 12U}, {});
  refused({std::uint64_t{1} << 40U, std::uint64_t{1} << 40U}, {1, 1});
}

TEST(WeightsH5, RefusesLinksAndLoops) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "w.h5";
  make_file(path, [](hid_t file) {
    H5Lcreate_external("other.h5", "/x", file, "stolen", H5P_DEFAULT, H5P_DEFAULT);
  });
  expect_error(ErrorKind::unsupported, "'stolen' is a link",
               [&] { static_cast<void>(read_weights_h5(path)); });
  make_file(path, [](hid_t file) {
    const hid_t group = H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file, "/", group, "loop", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
  });
  expect_error(ErrorKind::bad_file, "linked into itself", [&] { static_cast<void>(read_weights_h5(path)); });
  make_file(path, [](hid_t file) {
    std::string deep;
    for (int i = 0; i < 100; ++i) {
      deep += i == 0 ? "g" : "/g";
      H5Gclose(H5Gcreate2(file, deep.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    }
  });
  expect_error(ErrorKind::resource_limit, "nest", [&] { static_cast<void>(read_weights_h5(path)); });
}

}  // namespace
}  // namespace graft::formats
