// SPDX-License-Identifier: Apache-2.0
// What tests share: where goldens, photos and weights are, the goldens' formulas, comparing with a tolerance.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/tensor.hpp"

namespace graft::test {

/// The folder GRAFT_GOLDENS names at run time; without it the project's own tests/golden/data.
[[nodiscard]] std::filesystem::path goldens();
/// The folder with photos and weights (GRAFT_DATA, else ../shared/data beside the project); nothing where
/// absent.
[[nodiscard]] std::optional<std::filesystem::path> data();
/// A JSON file, gzipped when it ends in .gz.
[[nodiscard]] Json read_json(const std::filesystem::path& path);

/// The goldens' formulas (tests/golden/data/README.md).
[[nodiscard]] std::vector<double> u01(std::string_view key, std::size_t count);
[[nodiscard]] Tensor golden_weight(const std::string& key, const std::string& kind, const Shape& shape);
/// The same for torchvision: name is the state_dict's, shape in PyTorch's order of axes.
[[nodiscard]] Tensor golden_torch_weight(const std::string& name, const Shape& shape);
/// floor(256 u01("{key}/{h}x{w}x{c}")), shape (1, h, w, c).
[[nodiscard]] Tensor golden_image(std::int64_t h, std::int64_t w, std::int64_t c = 3);

/// All bytes of a file; empty when it cannot be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// |a - b| / |b|, Euclidean norms of all elements.
[[nodiscard]] double relative_distance(const Tensor& a, const Tensor& b);
/// Largest |a - b|; infinite when sizes differ or a value is not finite.
[[nodiscard]] double max_difference(std::span<const float> a, std::span<const float> b);

/// Calls it; the message of the graft::Error that it throws. Fails the test where there is none, or one of
/// another kind.
std::string message_of(const std::function<void()>& call, ErrorKind kind);

/// A fresh folder under the system's temporary folder, removed with this object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace graft::test

/// In a test that needs ../shared/data: skips it, saying so, where the folder is absent.
#define GRAFT_REQUIRE_DATA(name)                                                                    \
  const auto name##_found = graft::test::data();                                                    \
  if (!name##_found) GTEST_SKIP() << "needs photos and weights: set GRAFT_DATA to the data folder"; \
  const std::filesystem::path& name = *name##_found
