// SPDX-License-Identifier: Apache-2.0
#include "support.hpp"

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/random.hpp"

namespace graft::test {
namespace {

/// No test reads or fills the cache of the user who runs it, or finds what another build computed.
class CacheOfItsOwn {
 public:
  CacheOfItsOwn() { setenv("GRAFT_CACHE", folder_.path().c_str(), 1); }

 private:
  TemporaryFolder folder_;
};
const CacheOfItsOwn cache_of_its_own;

}  // namespace

std::filesystem::path goldens() {
  const char* named = std::getenv("GRAFT_GOLDENS");
  return named != nullptr && *named != '\0' ? std::filesystem::path(named)
                                            : std::filesystem::path(GRAFT_TEST_GOLDENS);
}

std::optional<std::filesystem::path> data() {
  const char* named = std::getenv("GRAFT_DATA");
  std::filesystem::path path = named != nullptr && *named != '\0' ? named : GRAFT_TEST_DATA;
  if (!std::filesystem::is_directory(path)) return std::nullopt;
  return path;
}

Json read_json(const std::filesystem::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");  // reads plain files too
  if (file == nullptr) throw std::runtime_error("cannot open " + path.string());
  std::string text;
  std::string buffer(1 << 16, '\0');
  for (int n = 0; (n = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0;) {
    text.append(buffer, 0, static_cast<std::size_t>(n));
  }
  gzclose(file);
  return Json::parse(text);
}

namespace {

/// Number i of the sequence that starts at fnv1a(key).
double u01_at(std::uint64_t start, std::size_t i) {
  return static_cast<double>(mix64(start + i) >> 11) * 0x1.0p-53;
}

/// offset + slope u, rounded to float32.
Tensor linear_values(const std::string& key, const Shape& shape, double offset, double slope) {
  Tensor result(shape);
  const std::uint64_t start = fnv1a(key);
  const auto out = result.data<float>();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(offset + slope * u01_at(start, i));
  return result;
}

/// (2u - 1) scale, rounded to float32.
Tensor symmetric_values(const std::string& key, const Shape& shape, double scale) {
  Tensor result(shape);
  const std::uint64_t start = fnv1a(key);
  const auto out = result.data<float>();
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<float>((2 * u01_at(start, i) - 1) * scale);
  return result;
}

Tensor kernel_values(const std::string& key, const Shape& shape, double fan_in) {
  return symmetric_values(key, shape, std::sqrt(6.0 / fan_in));
}

}  // namespace

std::vector<double> u01(std::string_view key, std::size_t count) {
  const std::uint64_t start = fnv1a(key);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = u01_at(start, i);
  return values;
}

Tensor golden_weight(const std::string& key, const std::string& kind, const Shape& shape) {
  if (kind.ends_with("kernel")) {
    double fan = static_cast<double>(shape[0]);
    if (shape.rank() == 4) fan *= static_cast<double>(shape[1] * (kind == "depthwise_kernel" ? 1 : shape[2]));
    return kernel_values(key, shape, fan);
  }
  if (kind == "gamma") return linear_values(key, shape, 0.25, 0.5);
  if (kind == "moving_variance" || kind == "variance") return linear_values(key, shape, 0.5, 1);
  if (kind == "count") return Tensor(shape);
  return symmetric_values(key, shape, 0.1);
}

Tensor golden_torch_weight(const std::string& name, const Shape& shape) {
  if (shape.rank() >= 2)
    return kernel_values(name, shape, static_cast<double>(shape.count()) / static_cast<double>(shape[0]));
  if (name.ends_with(".weight")) return linear_values(name, shape, 0.25, 0.5);
  if (name.ends_with(".running_var")) return linear_values(name, shape, 0.5, 1);
  return symmetric_values(name, shape, 0.1);
}

Tensor golden_image(std::int64_t h, std::int64_t w, std::int64_t c) {
  Tensor result(Shape{1, h, w, c});
  const std::vector<double> u =
      u01(cat("image/", h, "x", w, "x", c), static_cast<std::size_t>(result.count()));
  auto out = result.data<float>();
  for (std::size_t i = 0; i < u.size(); ++i) out[i] = static_cast<float>(std::floor(u[i] * 256));
  return result;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

double relative_distance(const Tensor& a, const Tensor& b) {
  double difference = 0;
  double size = 0;
  for (std::size_t i = 0; i < b.data().size(); ++i) {
    difference += std::pow(static_cast<double>(a.data()[i]) - b.data()[i], 2);
    size += std::pow(static_cast<double>(b.data()[i]), 2);
  }
  return std::sqrt(difference / size);
}

double max_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return std::numeric_limits<double>::infinity();
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return most;
}

std::string message_of(const std::function<void()>& call, ErrorKind kind) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error was thrown";
  return "";
}

TemporaryFolder::TemporaryFolder() {
  static std::atomic<int> counter{0};
  path_ = std::filesystem::temp_directory_path() / cat("graft-test-", ::getpid(), "-", counter++);
  std::filesystem::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace graft::test
