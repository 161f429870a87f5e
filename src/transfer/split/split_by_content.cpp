// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>

#include "graft/base/random.hpp"

#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

constexpr double kTestShare = 0.15, kValidationShare = 0.15;
constexpr std::array kAllParts{Part::train, Part::validation, Part::test};

/// Photos that stay together, and their place between 0 and 1.
struct Unit {
  double place = 0;
  Part part = Part::train;
  std::vector<std::size_t> photos;
};

double place_of(std::uint64_t key, std::uint64_t seed) {
  const std::uint64_t bits = mix64(key ^ mix64(seed + 1));
  return static_cast<double>(bits >> 11U) / static_cast<double>(std::uint64_t{1} << 53U);
}

/// A group goes by its photo with the least hash.
std::vector<Unit> units_of(const ToSplit& photos) {
  std::map<std::size_t, std::pair<std::uint64_t, std::vector<std::size_t>>> units;
  for (std::size_t i = 0; i < photos.labels.size(); ++i) {
    const std::uint64_t hash = mix64(fnv1a(photos.prints[i]));
    const auto [found, added] = units.try_emplace(photos.groups.empty() ? i : photos.groups[i]);
    auto& [key, members] = found->second;
    key = added ? hash : std::min(key, hash);
    members.push_back(i);
  }
  std::vector<Unit> all;
  all.reserve(units.size());
  for (auto& [group, unit] : units)
    all.push_back({.place = place_of(unit.first, photos.seed), .photos = std::move(unit.second)});
  return all;
}

class Divider {
 public:
  explicit Divider(const ToSplit& photos) : photos_(photos), units_(units_of(photos)) {
    classes_ = photos.labels.empty() ? 0 : static_cast<std::size_t>(std::ranges::max(photos.labels)) + 1;
    for (Unit& unit : units_) unit.part = part_at(unit.place);
  }

  Split divide() {
    // A photo to train on first: without one the class cannot be learnt.
    for (std::size_t k = 0; k < classes_; ++k) {
      for (const Part part : kAllParts) {
        if (needed(part) && count(k, part) == 0) fetch(k, part);
      }
    }
    Split split;
    for (const Unit& unit : units_) {
      std::vector<std::size_t>& part = unit.part == Part::train        ? split.train
                                       : unit.part == Part::validation ? split.validation
                                                                       : split.test;
      part.insert(part.end(), unit.photos.begin(), unit.photos.end());
    }
    for (std::vector<std::size_t>* part : {&split.train, &split.validation, &split.test})
      std::ranges::sort(*part);
    return split;
  }

 private:
  [[nodiscard]] bool needed(Part part) const {
    return part == Part::train || (part == Part::validation ? photos_.needs_validation : photos_.needs_test);
  }

  /// Test photos are at the lower end, validation photos at the upper one: neither moves where the other part
  /// has its own folder.
  [[nodiscard]] Part part_at(double place) const {
    if (photos_.needs_test && place < kTestShare) return Part::test;
    if (photos_.needs_validation && place >= 1 - kValidationShare) return Part::validation;
    return Part::train;
  }

  [[nodiscard]] std::size_t count(std::size_t k, Part part) const {
    std::size_t photos = 0;
    for (const Unit& unit : units_) photos += unit.part == part ? count(k, unit) : 0;
    return photos;
  }
  [[nodiscard]] std::size_t count(std::size_t k, const Unit& unit) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        unit.photos, [&](std::size_t i) { return photos_.labels[i] == static_cast<int>(k); }));
  }

  /// A unit can go where no class of it loses its last photo of the part, or of training at least.
  [[nodiscard]] bool can_leave(const Unit& unit, Part to) const {
    return std::ranges::all_of(unit.photos, [&](std::size_t i) {
      const auto k = static_cast<std::size_t>(photos_.labels[i]);
      if (to == Part::train) return true;
      return count(k, unit.part) > count(k, unit);
    });
  }

  /// Moves the unit with the class that is nearest to the part.
  void fetch(std::size_t k, Part part) {
    const double aim = part == Part::test ? 0 : part == Part::validation ? 1 : 0.5;
    Unit* nearest = nullptr;
    for (Unit& unit : units_) {
      if (unit.part == part || count(k, unit) == 0 || !can_leave(unit, part)) continue;
      if (nearest == nullptr || std::abs(unit.place - aim) < std::abs(nearest->place - aim)) nearest = &unit;
    }
    if (nearest != nullptr) nearest->part = part;
  }

  const ToSplit& photos_;
  std::vector<Unit> units_;
  std::size_t classes_ = 0;
};

}  // namespace

Split split_by_content(const ToSplit& photos) { return Divider(photos).divide(); }

}  // namespace graft::transfer
