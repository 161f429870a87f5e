// SPDX-License-Identifier: Apache-2.0
#include "inspect/features/quad_tree.hpp"

#include <algorithm>
#include <cmath>

namespace graft::inspect {
namespace {

constexpr double kSmallest = 1e-12;    // of a square's side, in proportion to the whole
constexpr std::size_t kDeepest = 256;  // places of squares that wait, in a tree of kSmallest

double squared_length(const PlanePoint& p) { return p[0] * p[0] + p[1] * p[1]; }

}  // namespace

QuadTree::QuadTree(std::span<const PlanePoint> points) : points_(points) {
  PlanePoint low{0, 0}, high{0, 0};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const auto [least, most] =
        std::ranges::minmax(points, {}, [axis](const PlanePoint& p) { return p[axis]; });
    low[axis] = least[axis];
    high[axis] = most[axis];
  }
  const double side = std::max({high[0] - low[0], high[1] - low[1], kSmallest});
  squares_.reserve(2 * points.size());
  squares_.push_back({.middle = {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2}, .side = side});
  for (std::size_t i = 0; i < points.size(); ++i) insert(i);
  for (Square& square : squares_) {
    square.sum[0] /= square.points;
    square.sum[1] /= square.points;
  }
}

std::size_t QuadTree::part_of(std::size_t square, const PlanePoint& place) {
  const PlanePoint middle = squares_[square].middle;
  const bool right = place[0] >= middle[0], above = place[1] >= middle[1];
  const std::size_t part = (right ? 1U : 0U) + (above ? 2U : 0U);
  if (squares_[square].parts[part] < 0) {
    const double quarter = squares_[square].side / 4;
    squares_[square].parts[part] = static_cast<std::int32_t>(squares_.size());
    squares_.push_back(
        {.middle = {middle[0] + (right ? quarter : -quarter), middle[1] + (above ? quarter : -quarter)},
         .side = 2 * quarter});
  }
  return static_cast<std::size_t>(squares_[square].parts[part]);
}

void QuadTree::divide(std::size_t square) {
  const PlanePoint sum = squares_[square].sum;
  const double points = squares_[square].points;
  const std::size_t part = part_of(square, {sum[0] / points, sum[1] / points});
  squares_[part].sum = sum;
  squares_[part].points = points;
  squares_[square].divided = true;
}

void QuadTree::insert(std::size_t point) {
  const PlanePoint& place = points_[point];
  const double smallest = squares_.front().side * kSmallest;
  std::size_t at = 0;
  while (true) {
    const Square& here = squares_[at];
    const bool fresh = here.points == 0;
    const bool same = !fresh && !here.divided && here.sum[0] == place[0] * here.points &&
                      here.sum[1] == place[1] * here.points;
    const bool stays = fresh || same || (!here.divided && here.side < smallest);
    if (!stays && !here.divided) divide(at);
    squares_[at].sum[0] += place[0];
    squares_[at].sum[1] += place[1];
    squares_[at].points += 1;
    if (stays) return;
    at = part_of(at, place);
  }
}

Repulsion QuadTree::repulsion(std::size_t point, double angle) const {
  const PlanePoint& place = points_[point];
  Repulsion found;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): filled as needed, for each of many points
  std::array<std::int32_t, kDeepest> waiting;
  std::size_t count = 0;
  waiting[count++] = 0;
  while (count > 0) {
    const Square& square = squares_[static_cast<std::size_t>(waiting[--count])];
    const PlanePoint away{place[0] - square.sum[0], place[1] - square.sum[1]};
    const double far = squared_length(away);
    if (!square.divided || square.side * square.side < angle * angle * far) {
      const double pull = 1 / (1 + far);
      found.weight += square.points * pull;
      found.force[0] += square.points * pull * pull * away[0];
      found.force[1] += square.points * pull * pull * away[1];
      continue;
    }
    for (const std::int32_t part : square.parts)
      if (part >= 0) waiting[count++] = part;
  }
  found.weight -= 1;  // the point itself
  return found;
}

}  // namespace graft::inspect
