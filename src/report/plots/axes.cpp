// SPDX-License-Identifier: Apache-2.0
#include "report/plots/axes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "graft/base/fail.hpp"

namespace graft::report {
namespace {

constexpr double kAboveArea = 34, kRightOfArea = 26, kBelowArea = 44, kLeftOfArea = 56;
constexpr Letters kTickLetters{.size = 11, .ink = kGrey};

std::string tick_text(const Axis& axis, double value) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), axis.percent ? "%.4g %%" : "%.4g",
                      axis.percent ? 100 * value : value);
  return text.data();
}

std::vector<double> ticks_of(const Axis& axis, std::size_t count) {
  std::vector<double> ticks = ticks_between(axis.low, axis.high, count);
  if (axis.whole) std::erase_if(ticks, [](double value) { return value != std::floor(value); });
  return ticks;
}

}  // namespace

std::vector<double> ticks_between(double low, double high, std::size_t count) {
  if (!(high > low) || count == 0) return {low};
  const double rough = (high - low) / static_cast<double>(count);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * 0.999) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  const auto first = std::llround(std::ceil(low / step - 1e-9));
  for (long long i = first; static_cast<double>(i) * step <= high + 1e-9 * step; ++i)
    ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

PlotArea::PlotArea(Canvas& canvas, const Box& box, const Axis& x, const Axis& y, const std::string& title)
    : canvas_(canvas),
      inner_{box.x + kLeftOfArea, box.y + kAboveArea, box.width - kLeftOfArea - kRightOfArea,
             box.height - kAboveArea - kBelowArea},
      x_(x),
      y_(y) {
  if (!(x_.high > x_.low)) x_.high = x_.low + 1;
  if (!(y_.high > y_.low)) y_.high = y_.low + 1;
  const double bottom = inner_.y + inner_.height;
  for (const double value : ticks_of(y_, 5)) {
    const double height = at(x_.low, value).y;
    canvas.line({{inner_.x, height}, {inner_.x + inner_.width, height}}, kPale);
    Letters letters = kTickLetters;
    letters.align = Align::right;
    canvas.text(tick_text(y_, value), {inner_.x - 6, height + 4}, letters);
  }
  for (const double value :
       ticks_of(x_, std::max<std::size_t>(2, static_cast<std::size_t>(inner_.width / 55)))) {
    const double across = at(value, y_.low).x;
    canvas.line({{across, bottom}, {across, bottom + 4}}, kGrey);
    Letters letters = kTickLetters;
    letters.align = Align::middle;
    canvas.text(tick_text(x_, value), {across, bottom + 17}, letters);
  }
  canvas.line({{inner_.x, bottom}, {inner_.x + inner_.width, bottom}}, kGrey);
  canvas.text(title, {box.x + kLeftOfArea, box.y + 18}, {.size = 13, .bold = true});
  canvas.text(x_.title, {inner_.x + inner_.width / 2, bottom + 35}, {.size = 12, .align = Align::middle});
  canvas.text_upwards(y_.title, {box.x + 13, inner_.y + inner_.height / 2}, {.size = 12});
}

Place PlotArea::at(double x, double y) const {
  return {inner_.x + (x - x_.low) / (x_.high - x_.low) * inner_.width,
          inner_.y + inner_.height - (y - y_.low) / (y_.high - y_.low) * inner_.height};
}

void PlotArea::curve(const std::vector<Place>& values, const CurveStyle& style) {
  constexpr std::size_t kMostDots = 40;
  std::vector<Place> places;
  places.reserve(values.size());
  for (const Place& value : values) places.push_back(at(value.x, value.y));
  canvas_.line(places, style.ink, 2);
  if (style.dots && places.size() <= kMostDots) {
    for (const Place& place : places) canvas_.dot(place, 3, style.ink);
  }
  drawn_.push_back(style);
}

void PlotArea::mark(double x, const std::string& words) {
  const double across = at(x, y_.low).x;
  canvas_.line({{across, inner_.y}, {across, inner_.y + inner_.height}}, kGreen, 1.5, true);
  const bool late = across > inner_.x + inner_.width / 2;
  // Accuracies end at the top, losses at the bottom: the words stand where the curves are not.
  const double down = y_.percent ? inner_.y + inner_.height - 7 : inner_.y + 12;
  canvas_.text(words, {across + (late ? -5 : 5), down},
               {.size = 11, .align = late ? Align::right : Align::left, .ink = kGreen});
}

void PlotArea::legend() {
  double right = inner_.x + inner_.width;
  for (auto style = drawn_.rbegin(); style != drawn_.rend(); ++style) {
    if (style->name.empty()) continue;
    const Letters letters{.size = 11, .align = Align::right, .ink = style->ink};
    canvas_.text(style->name, {right, inner_.y - 6}, letters);
    right -= canvas_.text_width(style->name, letters);
    canvas_.line({{right - 24, inner_.y - 10}, {right - 6, inner_.y - 10}}, style->ink, 2);
    right -= 36;
  }
}

}  // namespace graft::report
