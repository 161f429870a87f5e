// SPDX-License-Identifier: Apache-2.0
// Points of a plane in squares of squares (Barnes and Hut 1986), for forces between all of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace graft {
inline namespace inspect {

using PlanePoint = std::array<double, 2>;

/// How the others push one point apart: by 1 / (1 + d^2).
struct Repulsion {
  double weight = 0;       ///< sum of 1 / (1 + d^2)
  PlanePoint force{0, 0};  ///< sum of (point - other) / (1 + d^2)^2
};

class QuadTree {
 public:
  /// The points must outlive it.
  explicit QuadTree(std::span<const PlanePoint> points);
  /// On a point by all others. A square that looks smaller than `angle` (its side by its distance) counts as
  /// one place.
  [[nodiscard]] Repulsion repulsion(std::size_t point, double angle) const;

 private:
  struct Square {
    PlanePoint sum{0, 0};     ///< of its points; in the finished tree their mean
    double points = 0;        ///< number of them
    PlanePoint middle{0, 0};  ///< of the square
    double side = 0;
    std::array<std::int32_t, 4> parts{-1, -1, -1, -1};
    bool divided = false;
  };
  void insert(std::size_t point);
  /// Divides a square with points at one place.
  void divide(std::size_t square);
  [[nodiscard]] std::size_t part_of(std::size_t square, const PlanePoint& place);

  std::span<const PlanePoint> points_;
  std::vector<Square> squares_;
};

}  // namespace inspect
}  // namespace graft
