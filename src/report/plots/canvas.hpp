// SPDX-License-Identifier: Apache-2.0
// Drawing a figure once and writing it as SVG and as PNG. The only place that includes cairo.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace report {

/// Parts of red, green and blue, 0 to 1.
struct Ink {
  double red = 0, green = 0, blue = 0;
  double opacity = 1;
};
inline constexpr Ink kBlack{0.13, 0.13, 0.13}, kGrey{0.45, 0.45, 0.45}, kPale{0.87, 0.87, 0.87},
    kBlue{0.13, 0.42, 0.71}, kOrange{0.85, 0.43, 0.07}, kGreen{0.11, 0.5, 0.25}, kRed{0.76, 0.16, 0.16},
    kViolet{0.45, 0.3, 0.65};

/// A place in points (1/96 inch) from the upper left corner.
struct Place {
  double x = 0, y = 0;
};
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

enum class Align { left, middle, right };
/// How a text is written.
struct Letters {
  double size = 12;
  bool bold = false;
  Align align = Align::left;  ///< where its place is
  Ink ink = kBlack;
};

/// A drawing on white. Threads: one at a time.
class Canvas {
 public:
  Canvas(double width, double height);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] double height() const { return height_; }

  void line(const std::vector<Place>& places, const Ink& ink, double pen = 1, bool dashed = false);
  void fill(const Box& box, const Ink& ink);
  void dot(const Place& center, double radius, const Ink& ink);
  /// The lower edge of the letters is at the place. Longer texts than `most` points (0: any) end in "…".
  /// Bytes that are not UTF-8 and control characters are written as escapes.
  void text(const std::string& words, const Place& at, const Letters& letters = {}, double most = 0);
  /// Turned by 90 degrees, read from below; at is the middle of its lower edge.
  void text_upwards(const std::string& words, const Place& at, const Letters& letters = {});
  [[nodiscard]] double text_width(const std::string& words, const Letters& letters) const;
  /// A picture uint8 (H, W, 3), as large as fits into the box, in its middle.
  void picture(const Tensor& pixels, const Box& box);

  /// The bytes of an SVG file.
  [[nodiscard]] std::string svg() const;
  /// Writes `name`.svg and `name`.png, the latter with two pixels a point; each whole or not at all. Returns
  /// both. Errors: Error{io}.
  std::vector<std::filesystem::path> save(const std::filesystem::path& name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  double width_, height_;
};

}  // namespace report
}  // namespace graft
