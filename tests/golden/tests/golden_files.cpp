// SPDX-License-Identifier: Apache-2.0
#include "golden_files.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

namespace graft::test {
namespace {

struct Statistics {
  double mean = 0, deviation = 0, largest = 0;
};

Statistics statistics(std::span<const float> values) {
  Statistics result;
  const auto count = static_cast<double>(values.size());
  for (const float x : values) {
    result.mean += x;
    result.largest = std::max(result.largest, std::abs(static_cast<double>(x)));
  }
  result.mean /= count;
  for (const float x : values) result.deviation += (x - result.mean) * (x - result.mean);
  result.deviation = std::sqrt(result.deviation / count);
  return result;
}

/// Differences of one output, gathered so that one that is not a number counts as too large.
class Differences {
 public:
  Differences(double largest, double share) : largest_(largest), allowed_(share * largest + 1e-6) {}

  void add(const std::string& what, double got, double expected) {
    const double difference = std::abs(got - expected);
    if (!(difference <= allowed_)) {
      ADD_FAILURE() << what << " is " << got << ", expected " << expected << ", allowed difference "
                    << allowed_;
    }
    worst_ = std::isnan(difference) ? difference : std::max(worst_, difference);
  }
  [[nodiscard]] double share() const { return worst_ / std::max(largest_, 1e-2); }

 private:
  double largest_;
  double allowed_;
  double worst_ = 0;
};

}  // namespace

std::vector<std::filesystem::path> golden_files(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path place = goldens() / folder;
  if (!std::filesystem::is_directory(place)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(place)) {
    if (entry.path().string().ends_with(".json.gz")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string test_name(const std::filesystem::path& file) {
  std::string name = file.filename().string();
  name.resize(name.size() - std::string(".json.gz").size());
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

double expect_values(std::span<const float> values, const Json& expected, double share) {
  const Statistics got = statistics(values);
  const double largest = expected.value("absmax", got.largest);
  Differences differences(largest, share);
  differences.add("the mean", got.mean, expected.at("mean").get<double>());
  differences.add("the standard deviation", got.deviation, expected.at("std").get<double>());
  differences.add("the largest magnitude", got.largest, largest);
  const Json& index = expected.at("sample_index");
  for (std::size_t i = 0; i < index.size(); ++i) {
    const auto at = index[i].get<std::size_t>();
    if (at >= values.size()) {
      ADD_FAILURE() << "there is no element " << at << " in " << values.size();
      break;
    }
    differences.add("element " + std::to_string(at), values[at], expected.at("sample")[i].get<double>());
  }
  return differences.share();
}

double expect_first_values(std::span<const float> values, const Json& expected, double share) {
  const auto wanted = expected.get<std::vector<double>>();
  if (values.size() < wanted.size()) {
    ADD_FAILURE() << "expected at least " << wanted.size() << " values, received " << values.size();
    return 0;
  }
  Differences differences(statistics(values).largest, share);
  for (std::size_t i = 0; i < wanted.size() && !testing::Test::HasFailure(); ++i)
    differences.add("element " + std::to_string(i), values[i], wanted[i]);
  return differences.share();
}

}  // namespace graft::test
