// SPDX-License-Identifier: Apache-2.0
// t-SNE (van der Maaten and Hinton 2008) with Barnes and Hut's approximation (van der Maaten 2014).
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"
#include "graft/classify/neighbours.hpp"
#include "graft/inspect.hpp"

#include "inspect/features/principal.hpp"
#include "inspect/features/quad_tree.hpp"

namespace graft::inspect {
namespace {

// As scikit-learn's TSNE, but for kMostWidth.
constexpr std::size_t kMostWidth = 50;  // principal components that distances are computed in
constexpr int kComponentSteps = 4;
constexpr double kAngle = 0.5, kExaggeration = 12, kStartSpread = 1e-4;
constexpr int kExaggeratedSteps = 250;
constexpr double kEarlyMomentum = 0.5, kMomentum = 0.8, kLeastGain = 0.01;
constexpr int kSearchSteps = 100;
constexpr double kEntropyTolerance = 1e-5;
constexpr std::size_t kGrain = 64;  // points that a thread computes at least
constexpr std::size_t kFewPoints = 300;

/// Rows in fewer dimensions, that of the largest variance first.
struct Reduced {
  std::size_t width = 0;
  std::vector<float> values;
  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    return std::span(values).subspan(i * width, width);
  }
};

Reduced reduced(const Tensor& rows) {
  const Tensor unit = classify::unit_rows(rows);
  const CentredRows centred(unit);
  const auto directions = principal_directions(
      centred, {.wanted = std::min(kMostWidth, centred.width()), .extra = 4, .most_steps = kComponentSteps});
  Reduced result{.width = directions.size(), .values = {}};
  result.values.resize(centred.count() * result.width);
  parallel_for(directions.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const CentredRows::Vector along = centred.times(directions[k]);
      for (std::size_t row = 0; row < along.size(); ++row)
        result.values[row * result.width + k] = static_cast<float>(along[row]);
    }
  });
  return result;
}

/// How much each point wants to be near others: one list a point, by the other's number.
struct Affinity {
  std::size_t other = 0;
  double value = 0;
};
using Affinities = std::vector<std::vector<Affinity>>;

/// Squared distances of a row to all rows of the same width. Several sums side by side are vectors.
GRAFT_CLONES void squared_distances(std::span<const float> row, std::span<const float> rows, float* out) {
  constexpr std::size_t kLanes = 16;
  const std::size_t width = row.size();
  for (std::size_t at = 0; at * width < rows.size(); ++at) {
    const float* other = &rows[at * width];
    std::array<float, kLanes> lanes{};
    std::size_t i = 0;
    for (; i + kLanes <= width; i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        lanes[lane] += (row[i + lane] - other[i + lane]) * (row[i + lane] - other[i + lane]);
    }
    float sum = 0;
    for (; i < width; ++i) sum += (row[i] - other[i]) * (row[i] - other[i]);
    for (const float lane : lanes) sum += lane;
    out[at] = sum;
  }
}

/// The nearest others with their squared distances, in place of the values.
std::vector<Affinity> nearest(const Reduced& rows, std::size_t point, std::size_t count) {
  const std::size_t points = rows.values.size() / rows.width;
  std::vector<float> distances(points);
  squared_distances(rows.row(point), rows.values, distances.data());
  std::vector<Affinity> all;
  all.reserve(points);
  for (std::size_t other = 0; other < points; ++other) {
    if (other != point) all.push_back({other, static_cast<double>(distances[other])});
  }
  const auto is_nearer = [](const Affinity& a, const Affinity& b) {
    return a.value != b.value ? a.value < b.value : a.other < b.other;
  };
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(all.begin(), end, all.end(), is_nearer);
  all.resize(count);
  return all;
}

/// Squared distances become probabilities of a normal distribution whose entropy is that of `perplexity`
/// equal ones.
void weigh(std::vector<Affinity>& others, double perplexity) {
  const double wanted = std::log(perplexity);
  const double least = others.front().value;  // no exponential is 0 then
  double precision = 1, low = 0, high = std::numeric_limits<double>::infinity();
  std::vector<double> weights(others.size());
  for (int step = 0; step < kSearchSteps; ++step) {
    double sum = 0, mean = 0;
    for (std::size_t i = 0; i < others.size(); ++i) {
      weights[i] = std::exp(-(others[i].value - least) * precision);
      sum += weights[i];
      mean += weights[i] * (others[i].value - least);
    }
    for (double& weight : weights) weight /= sum;
    const double excess = std::log(sum) + precision * mean / sum - wanted;
    if (std::abs(excess) < kEntropyTolerance) break;
    (excess > 0 ? low : high) = precision;
    precision = std::isinf(high) ? 2 * precision : (low + high) / 2;
  }
  for (std::size_t i = 0; i < others.size(); ++i) others[i].value = weights[i];
}

/// Of both directions the mean; all together are 1.
Affinities symmetric(const Affinities& one_way) {
  Affinities both(one_way.size());
  for (std::size_t i = 0; i < one_way.size(); ++i) {
    for (const Affinity& to : one_way[i]) {
      both[i].push_back(to);
      both[to.other].push_back({i, to.value});
    }
  }
  const double share = 1 / (2 * static_cast<double>(one_way.size()));
  for (std::vector<Affinity>& list : both) {
    std::ranges::sort(list, {}, &Affinity::other);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (kept > 0 && list[kept - 1].other == list[i].other) {
        list[kept - 1].value += list[i].value * share;
      } else {
        list[kept++] = {list[i].other, list[i].value * share};
      }
    }
    list.resize(kept);
  }
  return both;
}

Affinities affinities(const Reduced& rows, std::size_t points, double perplexity) {
  const auto count = std::min(points - 1, static_cast<std::size_t>(3 * perplexity + 1));
  Affinities near(points);
  parallel_for(points, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      near[i] = nearest(rows, i, count);
      weigh(near[i], std::min(perplexity, static_cast<double>(count)));
    }
  });
  return symmetric(near);
}

class Descent {
 public:
  Descent(const Affinities& near, std::vector<PlanePoint> start)
      : near_(near),
        places_(std::move(start)),
        moves_(places_.size(), PlanePoint{0, 0}),
        gains_(places_.size(), PlanePoint{1, 1}),
        pushes_(places_.size()),
        pulls_(places_.size()),
        rate_(std::max(static_cast<double>(places_.size()) / kExaggeration / 4, 50.0)) {}

  void step(double exaggeration, double momentum) {
    const QuadTree tree(places_);
    parallel_for(places_.size(), kGrain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        pushes_[i] = tree.repulsion(i, kAngle);
        pulls_[i] = pull(i);
      }
    });
    double total = 0;  // in the order of the points, whatever the threads
    for (const Repulsion& push : pushes_) total += push.weight;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      for (std::size_t axis = 0; axis < 2; ++axis) {
        const double slope = 4 * (exaggeration * pulls_[i][axis] - pushes_[i].force[axis] / total);
        double& gain = gains_[i][axis];
        double& move = moves_[i][axis];
        gain = std::max(slope * move < 0 ? gain + 0.2 : gain * 0.8, kLeastGain);
        move = momentum * move - rate_ * gain * slope;
        places_[i][axis] += move;
      }
    }
  }
  [[nodiscard]] std::vector<PlanePoint> take() { return std::move(places_); }

 private:
  [[nodiscard]] PlanePoint pull(std::size_t i) const {
    PlanePoint sum{0, 0};
    for (const Affinity& to : near_[i]) {
      const double dx = places_[i][0] - places_[to.other][0];
      const double dy = places_[i][1] - places_[to.other][1];
      const double part = to.value / (1 + dx * dx + dy * dy);
      sum[0] += part * dx;
      sum[1] += part * dy;
    }
    return sum;
  }

  const Affinities& near_;
  std::vector<PlanePoint> places_, moves_, gains_;
  std::vector<Repulsion> pushes_;
  std::vector<PlanePoint> pulls_;
  double rate_;
};

/// Two components, so small that points do not repel each other yet.
std::vector<PlanePoint> start_of(const Reduced& rows, std::size_t points,
                                 const std::array<std::size_t, 2>& components) {
  std::vector<PlanePoint> start(points, PlanePoint{0, 0});
  double squares = 0;
  for (std::size_t i = 0; i < points; ++i) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      if (components[axis] < rows.width) start[i][axis] = static_cast<double>(rows.row(i)[components[axis]]);
    }
    squares += start[i][0] * start[i][0];
  }
  const double spread = std::sqrt(squares / static_cast<double>(points));
  for (PlanePoint& place : start) {
    for (double& value : place) value *= spread > 0 ? kStartSpread / spread : 0;
  }
  return start;
}

/// How much is lost where the map stands for the affinities: Kullback and Leibler's divergence, which the
/// descent lowers. Of all pairs, so for few points.
double divergence(const Affinities& near, const std::vector<PlanePoint>& places) {
  const auto weight = [&](std::size_t a, std::size_t b) {
    const double dx = places[a][0] - places[b][0], dy = places[a][1] - places[b][1];
    return 1 / (1 + dx * dx + dy * dy);
  };
  double total = 0;
  for (std::size_t a = 0; a < places.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) total += 2 * weight(a, b);
  }
  double sum = 0;
  for (std::size_t a = 0; a < places.size(); ++a) {
    for (const Affinity& to : near[a]) {
      if (to.value > 0) sum += to.value * std::log(to.value * total / weight(a, to.other));
    }
  }
  return sum;
}

/// Where a descent starts. A descent of few points often ends in a poor minimum, and is quick.
std::vector<std::array<std::size_t, 2>> starts_for(std::size_t points) {
  if (points > kFewPoints) return {{0, 1}};
  return {{0, 1}, {0, 2}, {1, 2}, {2, 3}};
}

}  // namespace

std::vector<PlanePoint> neighbour_map(const Tensor& rows, const NeighbourMapOptions& options) {
  if (rows.shape().rank() != 2) {
    fail(ErrorKind::shape_mismatch, "map: expected rows (N, D), received ", rows.shape());
  }
  if (!(options.perplexity >= 1) || options.steps < 1) {
    fail(ErrorKind::invalid_argument,
         "map: expected a perplexity and a number of steps of at least 1, received ", options.perplexity,
         " and ", options.steps);
  }
  const auto points = static_cast<std::size_t>(rows.shape()[0]);
  if (points < 3 || rows.shape()[1] == 0) return principal_plane(rows).points;
  const double perplexity = std::min(options.perplexity, static_cast<double>(points - 1) / 3);
  const Reduced components = reduced(rows);
  const Affinities near = affinities(components, points, std::max(perplexity, 1.0));
  const auto starts = starts_for(points);
  const std::size_t steps = starts.size() * static_cast<std::size_t>(options.steps);
  std::size_t done = 0;
  std::vector<PlanePoint> best;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& axes : starts) {
    Descent descent(near, start_of(components, points, axes));
    for (int step = 0; step < options.steps; ++step) {
      const bool early = step < kExaggeratedSteps;
      descent.step(early ? kExaggeration : 1, early ? kEarlyMomentum : kMomentum);
      if (options.progress && !options.progress(++done, steps))
        fail(ErrorKind::interrupted, "the map was stopped");
    }
    std::vector<PlanePoint> places = descent.take();
    const double lost = starts.size() > 1 ? divergence(near, places) : 0;
    if (lost < least) {
      least = lost;
      best = std::move(places);
    }
  }
  return best;
}

}  // namespace graft::inspect
