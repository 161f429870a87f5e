// SPDX-License-Identifier: Apache-2.0
#include "report/plots/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <span>

#include <cairo/cairo-svg.h>
#include <cairo/cairo.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::report {
namespace {

constexpr double kPixelsAPoint = 2;
constexpr double kCircle = 6.283185307179586;

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

void check_status(cairo_status_t status, const std::string& what) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  if (status == CAIRO_STATUS_NO_MEMORY) throw std::bad_alloc();
  fail(ErrorKind::internal, what, ": cairo: ", cairo_status_to_string(status));
}

Surface own_surface(cairo_surface_t* surface) {
  Surface owned(surface, &cairo_surface_destroy);
  check_status(cairo_surface_status(surface), "a drawing");
  return owned;
}

Context own_context(cairo_surface_t* surface) {
  Context owned(cairo_create(surface), &cairo_destroy);
  check_status(cairo_status(owned.get()), "a drawing");
  return owned;
}

/// cairo calls it with each part of a file; nothing may be thrown through C.
cairo_status_t append_bytes(void* text, const unsigned char* bytes, unsigned int count) {
  try {
    static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(bytes), count);
    return CAIRO_STATUS_SUCCESS;
  } catch (const std::bad_alloc&) {
    return CAIRO_STATUS_NO_MEMORY;
  }
}

void use_ink(cairo_t* to, const Ink& ink) {
  cairo_set_source_rgba(to, ink.red, ink.green, ink.blue, ink.opacity);
}

void use_letters(cairo_t* to, const Letters& letters) {
  cairo_select_font_face(to, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         letters.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(to, letters.size);
}

double advance_of(cairo_t* to, const std::string& words) {
  cairo_text_extents_t extents;
  cairo_text_extents(to, words.c_str(), &extents);
  return extents.x_advance;
}

/// Without its last character of UTF-8.
void drop_last(std::string& words) {
  while (!words.empty() && (static_cast<unsigned char>(words.back()) & 0xC0U) == 0x80U) words.pop_back();
  if (!words.empty()) words.pop_back();
}

/// uint8 (H, W, 3) as cairo has it: a word a pixel.
Surface surface_of(const Tensor& pixels) {
  const auto height = static_cast<int>(pixels.shape()[0]);
  const auto width = static_cast<int>(pixels.shape()[1]);
  Surface surface = own_surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  cairo_surface_flush(surface.get());
  unsigned char* out = cairo_image_surface_get_data(surface.get());
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface.get()));
  const std::span<const std::uint8_t> in = pixels.data<std::uint8_t>();
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    auto* row = reinterpret_cast<std::uint32_t*>(out + y * stride);
    for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
      const std::uint8_t* from = &in[(y * static_cast<std::size_t>(width) + x) * 3];
      row[x] =
          static_cast<std::uint32_t>(from[0]) << 16U | static_cast<std::uint32_t>(from[1]) << 8U | from[2];
    }
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

}  // namespace

struct Canvas::State {
  Surface surface{nullptr, &cairo_surface_destroy};  ///< records what is drawn
  Context drawing{nullptr, &cairo_destroy};

  /// Draws it all on another surface.
  void replay(cairo_surface_t* on) const {
    const Context to = own_context(on);
    cairo_set_source_surface(to.get(), surface.get(), 0, 0);
    cairo_paint(to.get());
    check_status(cairo_status(to.get()), "a figure");
  }
};

Canvas::Canvas(double width, double height)
    : state_(std::make_unique<State>()), width_(width), height_(height) {
  const cairo_rectangle_t extents{0, 0, width, height};
  state_->surface = own_surface(cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &extents));
  state_->drawing = own_context(state_->surface.get());
  fill({0, 0, width, height}, {1, 1, 1});
}

Canvas::~Canvas() = default;

void Canvas::line(const std::vector<Place>& places, const Ink& ink, double pen, bool dashed) {
  if (places.empty()) return;
  cairo_t* to = state_->drawing.get();
  use_ink(to, ink);
  cairo_set_line_width(to, pen);
  cairo_set_line_join(to, CAIRO_LINE_JOIN_ROUND);
  const double dash = 4;
  cairo_set_dash(to, &dash, dashed ? 1 : 0, 0);
  cairo_move_to(to, places.front().x, places.front().y);
  for (const Place& place : places) cairo_line_to(to, place.x, place.y);
  cairo_stroke(to);
}

void Canvas::fill(const Box& box, const Ink& ink) {
  cairo_t* to = state_->drawing.get();
  use_ink(to, ink);
  cairo_rectangle(to, box.x, box.y, box.width, box.height);
  cairo_fill(to);
}

void Canvas::dot(const Place& center, double radius, const Ink& ink) {
  cairo_t* to = state_->drawing.get();
  use_ink(to, ink);
  cairo_new_sub_path(to);
  cairo_arc(to, center.x, center.y, radius, 0, kCircle);
  cairo_fill(to);
}

double Canvas::text_width(const std::string& words, const Letters& letters) const {
  use_letters(state_->drawing.get(), letters);
  return advance_of(state_->drawing.get(), shown(words));
}

void Canvas::text(const std::string& words, const Place& at, const Letters& letters, double most) {
  cairo_t* to = state_->drawing.get();
  use_letters(to, letters);
  std::string fits = shown(words);
  if (most > 0 && advance_of(to, fits) > most) {
    while (!fits.empty() && advance_of(to, fits + "…") > most) drop_last(fits);
    fits += "…";
  }
  const double width = advance_of(to, fits);
  const double left = letters.align == Align::left ? 0 : letters.align == Align::middle ? width / 2 : width;
  use_ink(to, letters.ink);
  cairo_move_to(to, at.x - left, at.y);
  cairo_show_text(to, fits.c_str());
}

void Canvas::text_upwards(const std::string& words, const Place& at, const Letters& letters) {
  cairo_t* to = state_->drawing.get();
  cairo_save(to);
  cairo_translate(to, at.x, at.y);
  cairo_rotate(to, -kCircle / 4);
  Letters middle = letters;
  middle.align = Align::middle;
  text(words, {}, middle);
  cairo_restore(to);
}

void Canvas::picture(const Tensor& pixels, const Box& box) {
  if (pixels.shape().rank() != 3 || pixels.shape()[2] != 3 || pixels.dtype() != DType::uint8 ||
      pixels.empty()) {
    fail(ErrorKind::shape_mismatch, "a picture of a figure: expected uint8 (H, W, 3), received ",
         to_string(pixels.dtype()), " ", pixels.shape());
  }
  const Surface surface = surface_of(pixels);
  const auto height = static_cast<double>(pixels.shape()[0]);
  const auto width = static_cast<double>(pixels.shape()[1]);
  const double scale = std::min(box.width / width, box.height / height);
  cairo_t* to = state_->drawing.get();
  cairo_save(to);
  cairo_translate(to, box.x + (box.width - scale * width) / 2, box.y + (box.height - scale * height) / 2);
  cairo_scale(to, scale, scale);
  cairo_set_source_surface(to, surface.get(), 0, 0);
  cairo_rectangle(to, 0, 0, width, height);
  cairo_fill(to);
  cairo_restore(to);
}

std::string Canvas::svg() const {
  check_status(cairo_status(state_->drawing.get()), "a figure");
  std::string svg;
  const Surface vectors =
      own_surface(cairo_svg_surface_create_for_stream(&append_bytes, &svg, width_, height_));
  state_->replay(vectors.get());
  cairo_surface_finish(vectors.get());
  check_status(cairo_surface_status(vectors.get()), "a figure");
  return svg;
}

std::vector<std::filesystem::path> Canvas::save(const std::filesystem::path& name) const {
  const std::string vectors = svg();
  std::string png;
  const Surface pixels = own_surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::lround(width_ * kPixelsAPoint)),
                                 static_cast<int>(std::lround(height_ * kPixelsAPoint))));
  cairo_surface_set_device_scale(pixels.get(), kPixelsAPoint, kPixelsAPoint);
  state_->replay(pixels.get());
  check_status(cairo_surface_write_to_png_stream(pixels.get(), &append_bytes, &png), name.string());
  const std::filesystem::path as_svg = name.string() + ".svg", as_png = name.string() + ".png";
  write_file_atomically(as_svg, vectors);
  write_file_atomically(as_png, png);
  return {as_svg, as_png};
}

}  // namespace graft::report
