// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "inspect/findings/findings.hpp"

namespace graft::inspect {
namespace {

constexpr std::size_t kFewestForOdd = 10;  // of fewer photos none is unusual

double longer_side(const PhotoMeasures& m) { return static_cast<double>(std::max(m.height, m.width)); }
double aspect(const PhotoMeasures& m) {
  return longer_side(m) / static_cast<double>(std::min(m.height, m.width));
}

template <typename Measure>
double median_of(const std::vector<InspectedPhoto>& photos, const Measure& measure) {
  std::vector<double> values;
  values.reserve(photos.size());
  for (const InspectedPhoto& photo : photos) values.push_back(measure(photo.measures));
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Collects the photos with one fault, the worst first.
class FaultList {
 public:
  explicit FaultList(const std::vector<InspectedPhoto>& photos) : photos_(photos) {}

  /// excess: how far a photo's measure is beyond the limit, above 0 where it is.
  template <typename Measure, typename Excess>
  void add(PictureFault fault, double limit, const Measure& measure, const Excess& excess) {
    std::vector<std::pair<double, FaultyPicture>> found;
    for (std::size_t i = 0; i < photos_.size(); ++i) {
      const double value = measure(photos_[i].measures);
      const double beyond = excess(value);
      if (beyond > 0) found.emplace_back(beyond, FaultyPicture{i, fault, value, limit});
    }
    std::ranges::stable_sort(found, std::greater{}, &std::pair<double, FaultyPicture>::first);
    for (const auto& one : found) faults_.push_back(one.second);
  }

  [[nodiscard]] std::vector<FaultyPicture> take() { return std::move(faults_); }

 private:
  const std::vector<InspectedPhoto>& photos_;
  std::vector<FaultyPicture> faults_;
};

}  // namespace

std::string_view to_string(PictureFault fault) {
  constexpr std::array<std::string_view, 6> kNames{"dark",    "bright",   "flat",
                                                   "blurred", "odd_size", "odd_aspect"};
  return kNames.at(static_cast<std::size_t>(fault));
}

std::vector<FaultyPicture> find_faults(const std::vector<InspectedPhoto>& photos,
                                       const InspectLimits& limits) {
  FaultList list(photos);
  const auto below = [](double limit) { return [limit](double value) { return limit - value; }; };
  const auto above = [](double limit) { return [limit](double value) { return value - limit; }; };
  list.add(
      PictureFault::dark, limits.dark, [](const PhotoMeasures& m) { return m.bright; }, below(limits.dark));
  list.add(
      PictureFault::bright, limits.bright, [](const PhotoMeasures& m) { return m.dark; },
      above(limits.bright));
  list.add(
      PictureFault::flat, limits.flat, [](const PhotoMeasures& m) { return m.contrast; }, below(limits.flat));
  list.add(
      PictureFault::blurred, limits.blurred, [](const PhotoMeasures& m) { return m.blur; },
      above(limits.blurred));
  if (photos.size() < kFewestForOdd) return list.take();
  const double size = median_of(photos, longer_side);
  list.add(PictureFault::odd_size, size, longer_side,
           [&](double value) { return std::max(value / size, size / value) - limits.odd_size; });
  const double usual = median_of(photos, aspect);
  list.add(PictureFault::odd_aspect, usual * limits.odd_aspect, aspect, above(usual * limits.odd_aspect));
  return list.take();
}

}  // namespace graft::inspect
