// SPDX-License-Identifier: Apache-2.0
// Every kind of file, cut short at many places and with bytes changed: only graft::Error may come out, soon.
#include <algorithm>
#include <chrono>
#include <set>

#include <gtest/gtest.h>

#include "graft/base/random.hpp"
#include "graft/formats/keras_archive.hpp"
#include "graft/formats/keras_h5.hpp"
#include "graft/formats/npy.hpp"
#include "graft/formats/pth.hpp"

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

using Reader = std::function<void(const std::filesystem::path&)>;

struct Kind {
  std::string file;
  Reader read;
};

std::vector<Kind> kinds() {
  const Reader pth = [](const auto& path) { static_cast<void>(read_pth(path)); };
  return {{"small_cnn.h5", [](const auto& path) { static_cast<void>(read_keras_h5(path)); }},
          {"small_cnn.weights.h5", [](const auto& path) { static_cast<void>(read_weights_h5(path)); }},
          {"small_cnn.keras", [](const auto& path) { static_cast<void>(read_keras_archive(path)); }},
          {"torch_zip.pth", pth},
          {"torch_legacy.pth", pth},
          {"torch_checkpoint.pth.tar", pth}};
}

std::set<std::size_t> lengths(std::size_t size) {
  std::set<std::size_t> result;
  const std::size_t step = size < 8000 ? 7 : 997;
  for (std::size_t length = 0; length < size; length += step) result.insert(length);
  for (std::size_t i = 0; i < 100; ++i) result.insert({i, size - 1 - i});
  return result;
}

TEST(Truncation, OfEveryKindIsAnError) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "cut";
  for (const Kind& kind : kinds()) {
    const std::string whole = graft::test::read_file(graft::test::goldens() / "files" / kind.file);
    ASSERT_GT(whole.size(), 200U) << kind.file;
    for (const std::size_t length : lengths(whole.size())) {
      test::write_bytes(path, std::string_view(whole).substr(0, length));
      EXPECT_TRUE(test::error_of([&] { kind.read(path); })) << kind.file << " cut to " << length << " bytes";
    }
  }
}

TEST(Truncation, OfNpyIsAnError) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  write_npy(path, Tensor(Shape{10, 3}));
  const std::string whole = graft::test::read_file(path);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    test::write_bytes(path, std::string_view(whole).substr(0, length));
    EXPECT_TRUE(test::error_of([&] { static_cast<void>(read_npy(path)); })) << length;
  }
}

TEST(ChangedBytes, GiveAnErrorOrTensors) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "changed";
  const auto begin = std::chrono::steady_clock::now();
  for (const Kind& kind : kinds()) {
    const std::string whole = graft::test::read_file(graft::test::goldens() / "files" / kind.file);
    Rng random(1);
    for (int round = 0; round < 500; ++round) {
      std::string bytes = whole;
      for (std::uint64_t change = 0; change <= random.below(4); ++change) {
        bytes[random.below(random.below(2) == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 8000))] =
            static_cast<char>(random.below(256));
      }
      test::write_bytes(path, bytes);
      static_cast<void>(test::error_of([&] { kind.read(path); }));
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(120));
}

}  // namespace
}  // namespace graft::formats
