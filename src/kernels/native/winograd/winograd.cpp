// SPDX-License-Identifier: Apache-2.0
// 3 x 3 convolutions by Winograd's method: for a few tiles at a time, while they are in the cache, their
// pixels are transformed, multiplied by the transformed kernel at each of the tile's places, and the sums
// transformed back. The gradient of the input is such a convolution too.
#include <algorithm>
#include <array>
#include <memory>
#include <type_traits>
#include <vector>

#include "graft/base/parallel.hpp"
#include "graft/tensor.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/winograd/winograd_tiles.hpp"
#include "kernels/thread_scratch.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/vectors.hpp"

namespace graft::kernels::native_detail {

using vectors::has_avx2;
using vectors::has_avx512;
namespace {

/// Fewer pixels do not pay for reading a transformed kernel, which is up to four times as large; a kernel
/// that training changes is transformed in every step.
constexpr std::int64_t kFewestPixels = 196, kFewestPixelsInTraining = 1024;
/// Fewer times fewer multiplications: an image of 3 x 3 has tiles for 4 x 4 results.
constexpr double kLeastSaving = 1.5;
constexpr std::int64_t kPixelVector = 16;
/// Tiles at a time: each reads the whole kernel, each transformed pixel is read for kColumns columns.
constexpr std::int64_t kTilesAtATime = 12, kMostTiles = 96, kBytesOfPixels = 6 << 20, kColumns = 128;
/// Fewer tiles a thread are not worth a reading of the whole kernel by each: threads divide its columns then.
constexpr std::int64_t kFewTiles = 24;
constexpr std::int64_t kTaps = 9;
/// Bytes of padding between places and between rows, so that they do not all map to a few sets of the
/// cache.
constexpr std::int64_t kApart = 64;

/// A convolution with a step of 1 of an image (n, h, w, c) to (n, oh, ow, f), in tiles of a x a results.
struct Sizes {
  WindowExtents e;
  std::int64_t pad_top, pad_left;
  std::int64_t side;

  [[nodiscard]] std::int64_t tiles_of_row() const { return (e.ow + side - 1) / side; }
  [[nodiscard]] std::int64_t tiles_of_image() const { return (e.oh + side - 1) / side * tiles_of_row(); }
  [[nodiscard]] std::int64_t tiles() const { return e.n * tiles_of_image(); }
};

/// A tile's pixels, and where its results go; -1 beyond the image.
template <typename Tiles>
struct Place {
  std::array<const typename Tiles::Number*, Tiles::kPlaces> pixels;
  std::array<std::int64_t, Tiles::kResults> results;
};

template <typename Tiles>
Place<Tiles> place_of(const Sizes& s, std::int64_t tile, const typename Tiles::Number* x,
                      const typename Tiles::Number* zeros) {
  const WindowExtents& e = s.e;
  const std::int64_t image = tile / s.tiles_of_image();
  const std::int64_t oy = tile % s.tiles_of_image() / s.tiles_of_row() * s.side;
  const std::int64_t ox = tile % s.tiles_of_row() * s.side;
  Place<Tiles> place = {};
  for (std::size_t i = 0; i < place.pixels.size(); ++i) {
    const std::int64_t iy = oy + static_cast<std::int64_t>(i) / Tiles::kSide - s.pad_top;
    const std::int64_t ix = ox + static_cast<std::int64_t>(i) % Tiles::kSide - s.pad_left;
    const bool inside = iy >= 0 && iy < e.h && ix >= 0 && ix < e.w;
    place.pixels[i] = inside ? x + ((image * e.h + iy) * e.w + ix) * e.c : zeros;
  }
  for (std::size_t i = 0; i < place.results.size(); ++i) {
    const std::int64_t y = oy + static_cast<std::int64_t>(i) / Tiles::kResultSide;
    const std::int64_t column = ox + static_cast<std::int64_t>(i) % Tiles::kResultSide;
    place.results[i] = y < e.oh && column < e.ow ? ((image * e.oh + y) * e.ow + column) * e.f : -1;
  }
  return place;
}

/// The other parts of the results, apart from the products; residual may be null, and so may bias.
template <typename Number>
struct Finish {
  ops::Activation activation;
  const float* bias = nullptr;
  const Number* residual = nullptr;
};

/// How the work is divided: tiles and columns (a multiple of a panel's) at a time, and into how many blocks
/// of tiles and of columns for the threads.
struct Division {
  std::int64_t tiles, columns;
  std::int64_t tile_blocks, column_blocks;
};

/// Tiles or columns [begin, end).
struct Part {
  std::int64_t begin, end;
};

Part part_of(std::int64_t count, std::int64_t part, std::int64_t parts) {
  return {count * part / parts, count * (part + 1) / parts};
}

template <typename Tiles>
class TileWork {
 public:
  using Number = typename Tiles::Number;

  TileWork(const Sizes& sizes, const Division& division)
      : sizes_(sizes),
        division_(division),
        row_(sizes.e.c + kApartNumbers),
        place_(division.tiles * row_ + kApartNumbers),
        sums_place_(division.tiles * division.columns + kApartSums) {}

  [[nodiscard]] std::size_t bytes() const { return places_bytes() + pixels_bytes() + sums_bytes(); }

  /// Computes these tiles' results in these columns; memory: bytes() bytes.
  void run(const Part& tiles, const Part& columns, const Number* panels, std::byte* memory) {
    count_ = tiles.end - tiles.begin;
    places_ = reinterpret_cast<Place<Tiles>*>(memory);
    pixels_ = reinterpret_cast<Number*>(memory + places_bytes());
    sums_ = reinterpret_cast<float*>(memory + places_bytes() + pixels_bytes());
    for (std::int64_t t = 0; t < count_; ++t) {
      places_[t] = place_of<Tiles>(sizes_, tiles.begin + t, x, zeros);
      Tiles::transform_pixels(places_[t].pixels.data(), sizes_.e.c, pixels_ + t * row_, place_);
    }
    for (std::int64_t f = columns.begin; f < columns.end; f += division_.columns) {
      const Part now{f, std::min(f + division_.columns, columns.end)};
      multiply_places(now, panels);
      for (std::int64_t t = 0; t < count_; ++t) {
        for (std::int64_t panel = now.begin; panel < now.end; panel += kPanelColumns)
          write_tile(t, panel, sums_ + t * division_.columns + panel - now.begin);
      }
    }
  }

  // Set before run(); zeros: a pixel of zeros.
  const Number* x = nullptr;
  const Number* zeros = nullptr;
  Number* y = nullptr;
  Finish<Number> finish;

 private:
  static constexpr std::int64_t kApartNumbers = kApart / static_cast<std::int64_t>(sizeof(Number));
  static constexpr std::int64_t kApartSums = kApart / static_cast<std::int64_t>(sizeof(float));

  [[nodiscard]] std::size_t places_bytes() const {
    return whole_lines(static_cast<std::size_t>(division_.tiles) * sizeof(Place<Tiles>));
  }
  [[nodiscard]] std::size_t pixels_bytes() const {
    return whole_lines(static_cast<std::size_t>(Tiles::kPlaces * place_) * sizeof(Number));
  }
  [[nodiscard]] std::size_t sums_bytes() const {
    return whole_lines(static_cast<std::size_t>(Tiles::kPlaces * sums_place_) * sizeof(float));
  }

  void multiply_places(const Part& columns, const Number* panels) const {
    const WindowExtents& e = sizes_.e;
    for (std::int64_t place = 0; place < Tiles::kPlaces; ++place) {
      for (std::int64_t f = columns.begin; f < columns.end; f += kPanelColumns) {
        multiply(PanelProduct<Number>{.a = pixels_ + place * place_,
                                      .a_stride = row_,
                                      .panel = panels + (place * e.f + f) * e.c,
                                      .depth = e.c,
                                      .out = sums_ + place * sums_place_ + f - columns.begin,
                                      .out_stride = division_.columns},
                 count_);
      }
    }
  }

  void write_tile(std::int64_t tile, std::int64_t f, const float* sums) const {
    // Written whole by the next call; NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
    alignas(64) std::array<float, Tiles::kResults * kPanelColumns> results;
    Tiles::transform_sums(sums, sums_place_, finish.bias != nullptr ? finish.bias + f : nullptr,
                          results.data());
    const Place<Tiles>& place = places_[tile];
    const auto for_each = [&](const auto& body) {
      for (std::size_t i = 0; i < place.results.size(); ++i) {
        if (place.results[i] >= 0) body(place.results[i] + f, results.data() + i * kPanelColumns);
      }
    };
    if (finish.residual != nullptr)
      for_each([&](std::int64_t at, float* of_pixel) { Tiles::add_pixel(finish.residual + at, of_pixel); });
    if (!finish.activation.is_linear())
      vectors::activate_block(finish.activation, results.data(), results.data(), results.size());
    for_each([&](std::int64_t at, const float* of_pixel) { Tiles::write_pixel(of_pixel, y + at); });
  }

  Sizes sizes_;
  Division division_;
  std::int64_t row_, place_, sums_place_;
  std::int64_t count_ = 0;
  Place<Tiles>* places_ = nullptr;
  Number* pixels_ = nullptr;
  float* sums_ = nullptr;
};

/// (3, 3, c, f) to (3, 3, f, c), each 3 x 3 rotated by 180 degrees: the kernel of the input's gradient.
void rotate(const float* kernel, std::int64_t c, std::int64_t f, float* rotated) {
  constexpr std::int64_t kSide = 16;
  const std::int64_t strips = (c + kSide - 1) / kSide;
  parallel_for(static_cast<std::size_t>(kTaps * strips), 1, [&](std::size_t first, std::size_t last) {
    for (auto i = static_cast<std::int64_t>(first); i < static_cast<std::int64_t>(last); ++i) {
      const std::int64_t tap = i / strips;
      const std::int64_t begin = i % strips * kSide;
      const std::int64_t end = std::min(begin + kSide, c);
      const float* from = kernel + tap * c * f;
      float* to = rotated + (kTaps - 1 - tap) * c * f;
      for (std::int64_t column = 0; column < f; ++column)
        for (std::int64_t row = begin; row < end; ++row) to[column * c + row] = from[row * f + column];
    }
  });
}

Division division_of(const Sizes& sizes, std::int64_t bytes_of_tile) {
  const std::int64_t threads = num_threads();
  const std::int64_t fit = kBytesOfPixels / bytes_of_tile / kTilesAtATime * kTilesAtATime;
  const std::int64_t most = std::clamp(fit, kTilesAtATime, kMostTiles);
  const std::int64_t columns = std::min(kColumns, sizes.e.f);
  const std::int64_t panels = sizes.e.f / kPanelColumns;
  if (sizes.tiles() < kFewTiles * threads && panels >= threads)
    return {std::min(most, sizes.tiles()), columns, (sizes.tiles() + most - 1) / most, threads};
  // All threads have equally many blocks of tiles.
  const std::int64_t of_thread = (sizes.tiles() + most * threads - 1) / (most * threads);
  return {most, columns, of_thread * threads, 1};
}

template <typename Tiles>
class Winograd final : public Kernel {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;

 public:
  using Number = typename Tiles::Number;

  /// The kernel's elements come as the input after the image's; backward: as those of the forward pass.
  Winograd(const Sizes& sizes, const ops::Activation& activation, bool backward)
      : sizes_(sizes),
        activation_(activation),
        backward_(backward),
        zeros_(static_cast<std::size_t>(sizes.e.c)),
        panels_(allocate_aligned(static_cast<std::size_t>(Tiles::kPlaces * sizes.e.c * sizes.e.f) *
                                 sizeof(Number))) {}

  void pack(Inputs inputs) override {
    packed_ = in(inputs, In::kernel) != nullptr;
    if (packed_) pack_kernel(in(inputs, In::kernel));
  }

  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    if (!packed_) pack_kernel(in(inputs, In::kernel));
    const Division division =
        division_of(sizes_, Tiles::kPlaces * sizes_.e.c * static_cast<std::int64_t>(sizeof(Number)));
    TileWork<Tiles> work(sizes_, division);
    work.x = in<Number>(inputs, In::x);
    work.zeros = zeros_.data();
    work.y = out<Number>(outputs, Out::y);
    work.finish = {activation_, in(inputs, In::bias), in<Number>(inputs, In::residual)};
    const auto* panels = static_cast<const Number*>(panels_.get());
    const std::int64_t of_columns = sizes_.e.f / kPanelColumns;
    parallel_for(
        static_cast<std::size_t>(division.tile_blocks * division.column_blocks), 1,
        [&](std::size_t first, std::size_t last) {
          TileWork<Tiles> own = work;
          for (auto i = static_cast<std::int64_t>(first); i < static_cast<std::int64_t>(last); ++i) {
            const Part tiles = part_of(sizes_.tiles(), i % division.tile_blocks, division.tile_blocks);
            const Part columns = part_of(of_columns, i / division.tile_blocks, division.column_blocks);
            own.run(tiles, {columns.begin * kPanelColumns, columns.end * kPanelColumns}, panels,
                    thread_scratch(own.bytes()));
          }
        });
  }
  [[nodiscard]] bool allows_concurrent_runs() const override { return true; }
  [[nodiscard]] std::string_view implementation() const override {
    if (!std::is_same_v<Number, float>) return "native winograd:avx512_core_bf16";
    return has_avx512() ? "native winograd:avx512_core" : "native winograd:avx2";
  }

 private:
  void pack_kernel(const float* kernel) {
    const WindowExtents& e = sizes_.e;
    if (backward_) {
      auto* rotated = thread_scratch<float>(static_cast<std::size_t>(kTaps * e.c * e.f));
      rotate(kernel, e.f, e.c, rotated);
      kernel = rotated;
    }
    Tiles::transform_kernel(kernel, e.c, e.f, static_cast<Number*>(panels_.get()));
  }

  Sizes sizes_;
  ops::Activation activation_;
  bool backward_;
  bool packed_ = false;
  std::vector<Number> zeros_;
  std::shared_ptr<void> panels_;
};

/// How many times fewer multiplications than direct sums.
double saving(const Sizes& s, std::int64_t places) {
  return static_cast<double>(kTaps * s.e.n * s.e.oh * s.e.ow) / static_cast<double>(places * s.tiles());
}

bool is_simple(const ops::Window& window) {
  return window.height == 3 && window.width == 3 && window.stride_height == 1 && window.stride_width == 1 &&
         window.dilation_height == 1 && window.dilation_width == 1;
}

/// Whether image, residual and results are all of this type.
bool all_are(DType dtype, const Spec& spec) {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;
  const auto is = [&](const Argument& argument) { return !argument.present || argument.dtype == dtype; };
  return is(spec.in(In::x)) && is(spec.out(Out::y)) &&
         (!spec.has_in(In::residual) || is(spec.in(In::residual)));
}

template <typename Tiles>
bool fits(const Sizes& sizes, const Spec& spec) {
  using In = ops::Convolution::In;
  const std::int64_t fewest = spec.in(In::kernel).constant ? kFewestPixels : kFewestPixelsInTraining;
  const WindowExtents& e = sizes.e;
  return e.c % kPixelVector == 0 && e.f % kPanelColumns == 0 && e.c >= Tiles::kFewestChannels &&
         e.n * e.oh * e.ow >= fewest && saving(sizes, Tiles::kPlaces) >= kLeastSaving;
}

template <typename Tiles>
std::unique_ptr<Kernel> make_tiled(Sizes sizes, const ops::Activation& activation, bool backward,
                                   const Spec& spec) {
  sizes.side = Tiles::kResultSide;
  if (!fits<Tiles>(sizes, spec)) return nullptr;
  return std::make_unique<Winograd<Tiles>>(sizes, activation, backward);
}

std::unique_ptr<Kernel> make_any(const Sizes& sizes, const ops::Activation& activation, bool backward,
                                 const Spec& spec) {
  if (has_bfloat16() && all_are(DType::bfloat16, spec))
    return make_tiled<Bf16Tiles>(sizes, activation, backward, spec);
  if (has_avx2() && all_are(DType::float32, spec))
    return make_tiled<F32Tiles>(sizes, activation, backward, spec);
  return nullptr;
}

}  // namespace

std::unique_ptr<Kernel> make_winograd(const ops::Convolution& op, const Spec& spec) {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;
  if (op.groups != 1 || !is_simple(op.window)) return nullptr;
  const Sizes sizes{.e = window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape),
                    .pad_top = op.window.pad_top,
                    .pad_left = op.window.pad_left,
                    .side = 0};
  return make_any(sizes, op.activation, false, spec);
}

std::unique_ptr<Kernel> make_winograd(const ops::ConvolutionBackwardInput& op, const Spec& spec) {
  using In = ops::ConvolutionBackwardInput::In;
  using Out = ops::ConvolutionBackwardInput::Out;
  if (op.groups != 1 || !is_simple(op.window)) return nullptr;
  const Sizes sizes{.e = window_extents(spec, spec.in(In::dy).shape, spec.out(Out::dx).shape),
                    .pad_top = 2 - op.window.pad_top,
                    .pad_left = 2 - op.window.pad_left,
                    .side = 0};
  return make_any(sizes, ops::Activation(), true, spec);
}

}  // namespace graft::kernels::native_detail
