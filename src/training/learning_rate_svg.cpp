// SPDX-License-Identifier: Apache-2.0
// The learning-rate curve as a picture.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "graft/training.hpp"

namespace graft {
namespace {

constexpr double kWidth = 720, kHeight = 400, kLeft = 70, kRight = 20, kTop = 20, kBottom = 50;

std::string number(double value, const char* format = "%.4g") {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

struct Axes {
  double left = 0, right = 1;  // logarithms of rates
  double low = 0, high = 1;    // losses

  [[nodiscard]] double x(double rate) const {
    return kLeft + (std::log10(rate) - left) / (right - left) * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double y(double loss) const {
    return kTop + (high - std::clamp(loss, low, high)) / (high - low) * (kHeight - kTop - kBottom);
  }
};

Axes axes_of(const LearningRateCurve& curve) {
  Axes axes{std::log10(curve.points.front().rate), std::log10(curve.points.back().rate),
            curve.points.front().smoothed, curve.points.front().smoothed};
  for (const auto& point : curve.points) {
    axes.low = std::min(axes.low, point.smoothed);
    axes.high = std::max(axes.high, point.smoothed);
  }
  const double margin = std::max(1e-9, (axes.high - axes.low) * 0.1);
  axes.low -= margin;
  axes.high += margin;
  if (axes.right <= axes.left) axes.right = axes.left + 1;
  return axes;
}

std::string line(const Axes& axes, const LearningRateCurve& curve, double LearningRateCurve::Point::*value,
                 const char* style) {
  std::string text = "<polyline fill=\"none\" " + std::string(style) + " points=\"";
  for (const auto& point : curve.points)
    text += number(axes.x(point.rate), "%.1f") + "," + number(axes.y(point.*value), "%.1f") + " ";
  return text + "\"/>\n";
}

std::string segment(double x1, double y1, double x2, double y2, const char* style) {
  return "<line x1=\"" + number(x1, "%.1f") + "\" y1=\"" + number(y1, "%.1f") + "\" x2=\"" +
         number(x2, "%.1f") + "\" y2=\"" + number(y2, "%.1f") + "\" " + style + "/>\n";
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + number(x, "%.1f") + "\" y=\"" + number(y, "%.1f") + "\" text-anchor=\"" + anchor +
         "\">" + text + "</text>\n";
}

std::string scales(const Axes& axes) {
  std::string text;
  const double bottom = kHeight - kBottom;
  for (double power = std::ceil(axes.left); power <= axes.right; ++power) {
    const double x = axes.x(std::pow(10.0, power));
    text += segment(x, kTop, x, bottom, "stroke=\"#e4e4e4\"");
    text += label(x, bottom + 18, "middle", "1e" + number(power, "%.0f"));
  }
  for (int i = 0; i <= 4; ++i) {
    const double loss = axes.low + (axes.high - axes.low) * i / 4;
    text += segment(kLeft, axes.y(loss), kWidth - kRight, axes.y(loss), "stroke=\"#e4e4e4\"");
    text += label(kLeft - 8, axes.y(loss) + 4, "end", number(loss, "%.3g"));
  }
  text += label((kLeft + kWidth - kRight) / 2, kHeight - 10, "middle", "learning rate");
  return text + label(kLeft, kTop - 6, "middle", "loss");
}

}  // namespace

std::string to_svg(const LearningRateCurve& curve) {
  std::string text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"400\" viewBox=\"0 0 720 400\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect "
      "width=\"720\" height=\"400\" fill=\"white\"/>\n";
  if (!curve.points.empty()) {
    const Axes axes = axes_of(curve);
    text += scales(axes);
    text += line(axes, curve, &LearningRateCurve::Point::loss, "stroke=\"#b8cbe0\"");
    text += line(axes, curve, &LearningRateCurve::Point::smoothed, "stroke=\"#1f5fa8\" stroke-width=\"2\"");
    if (curve.suggestion > 0) {
      const double x = axes.x(curve.suggestion);
      text += segment(x, kTop, x, kHeight - kBottom, "stroke=\"#c0392b\" stroke-dasharray=\"5 4\"");
      text += label(x + 6, kTop + 14, "start", "suggested " + number(curve.suggestion, "%.2g"));
    }
  }
  return text + "</svg>\n";
}

}  // namespace graft
