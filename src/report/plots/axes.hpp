// SPDX-License-Identifier: Apache-2.0
// A plane with two linear axes, which figures draw into.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "report/plots/canvas.hpp"

namespace graft {
inline namespace report {

/// One axis.
struct Axis {
  double low = 0, high = 1;
  std::string title{};
  bool percent = false;  ///< ticks as 20 %
  bool whole = false;    ///< ticks at whole numbers only
};

/// What a curve is called and how it is drawn.
struct CurveStyle {
  std::string name{};
  Ink ink = kBlue;
  bool dots = true;
};

/// Draws grid, ticks and titles at once; then curves in the axes' units.
class PlotArea {
 public:
  PlotArea(Canvas& canvas, const Box& box, const Axis& x, const Axis& y, const std::string& title);

  [[nodiscard]] Place at(double x, double y) const;
  void curve(const std::vector<Place>& values, const CurveStyle& style);
  /// A dashed line from bottom to top, with words beside it.
  void mark(double x, const std::string& words);
  /// The names of the curves that were drawn so far.
  void legend();
  [[nodiscard]] const Box& inner() const { return inner_; }

 private:
  Canvas& canvas_;
  Box inner_;
  Axis x_, y_;
  std::vector<CurveStyle> drawn_;
};

/// Round values between two, at most about `count`.
[[nodiscard]] std::vector<double> ticks_between(double low, double high, std::size_t count);

}  // namespace report
}  // namespace graft
