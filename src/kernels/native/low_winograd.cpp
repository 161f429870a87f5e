// SPDX-License-Identifier: Apache-2.0
// 3 x 3 convolutions in bfloat16 by Winograd's method: for a few tiles at a time, while they are in the
// second-level cache, their pixels are transformed, multiplied by the transformed kernel at each of the 16
// places, and the sums transformed back. The gradient of the input is such a convolution too.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "graft/base/parallel.hpp"
#include "graft/tensor/tensor.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/winograd_tiles.hpp"
#include "kernels/shared_memory.hpp"

namespace graft::kernels::native_detail {
namespace {

/// Fewer pixels do not pay for reading a transformed kernel, which is nearly twice as large; a kernel that
/// training changes is transformed in every step.
constexpr std::int64_t kFewestPixels = 196, kFewestPixelsInTraining = 1024;
/// Fewer times fewer multiplications: an image of 3 x 3 has tiles for 4 x 4 results.
constexpr double kLeastSaving = 1.5;
/// Fewer channels: transforming takes longer than what is not multiplied.
constexpr std::int64_t kFewestChannels = 64, kPixelVector = 16;
/// What a thread's transformed pixels may take: half of a second-level cache.
constexpr std::int64_t kBytesOfPixels = 600 << 10;
constexpr std::int64_t kMostTiles = 96, kTilesAtATime = 12;
constexpr std::int64_t kTaps = 9;
/// Places and rows lie so far further apart than they would, in numbers, lest all fall into few sets of a
/// cache.
constexpr std::int64_t kApart = 32;

/// A convolution with a step of 1 of an image (n, h, w, c) to (n, oh, ow, f).
struct Sizes {
  WindowExtents e;
  std::int64_t pad_top, pad_left;

  [[nodiscard]] std::int64_t tiles_of_row() const { return (e.ow + 1) / 2; }
  [[nodiscard]] std::int64_t tiles_of_image() const { return (e.oh + 1) / 2 * tiles_of_row(); }
  [[nodiscard]] std::int64_t tiles() const { return e.n * tiles_of_image(); }
};

/// A tile's pixels, and where its results go; -1 beyond the image.
struct Place {
  std::array<const std::uint16_t*, kTilePlaces> pixels;
  std::array<std::int64_t, kTileResults> results;
};

Place place_of(const Sizes& s, std::int64_t tile, const std::uint16_t* x, const std::uint16_t* zeros) {
  const WindowExtents& e = s.e;
  const std::int64_t image = tile / s.tiles_of_image();
  const std::int64_t oy = tile % s.tiles_of_image() / s.tiles_of_row() * 2;
  const std::int64_t ox = tile % s.tiles_of_row() * 2;
  Place place;
  for (std::size_t i = 0; i < kTilePlaces; ++i) {
    const std::int64_t iy = oy + static_cast<std::int64_t>(i) / kTileSide - s.pad_top;
    const std::int64_t ix = ox + static_cast<std::int64_t>(i) % kTileSide - s.pad_left;
    const bool inside = iy >= 0 && iy < e.h && ix >= 0 && ix < e.w;
    place.pixels[i] = inside ? x + ((image * e.h + iy) * e.w + ix) * e.c : zeros;
  }
  for (std::size_t i = 0; i < kTileResults; ++i) {
    const std::int64_t y = oy + static_cast<std::int64_t>(i) / 2;
    const std::int64_t column = ox + static_cast<std::int64_t>(i) % 2;
    place.results[i] = y < e.oh && column < e.ow ? ((image * e.oh + y) * e.ow + column) * e.f : -1;
  }
  return place;
}

/// What the results are made of beside the products; residual may be null, and so may bias.
struct Finish {
  ops::Activation activation;
  const float* bias = nullptr;
  const std::uint16_t* residual = nullptr;
};

class TileWork {
 public:
  TileWork(const Sizes& sizes, std::int64_t most_tiles)
      : sizes_(sizes),
        most_tiles_(most_tiles),
        row_(sizes.e.c + kApart),
        place_(most_tiles * row_ + kApart),
        sums_place_(most_tiles * kPanelColumns + kLine) {}

  [[nodiscard]] std::size_t bytes() const { return places_bytes() + pixels_bytes() + sums_bytes(); }

  /// Tiles [begin, end) of the batch; memory: bytes() of them.
  void run(std::int64_t begin, std::int64_t end, const std::uint16_t* panels, std::byte* memory) {
    count_ = end - begin;
    places_ = reinterpret_cast<Place*>(memory);
    pixels_ = reinterpret_cast<std::uint16_t*>(memory + places_bytes());
    sums_ = reinterpret_cast<float*>(memory + places_bytes() + pixels_bytes());
    for (std::int64_t t = 0; t < count_; ++t) {
      places_[t] = place_of(sizes_, begin + t, x, zeros);
      transform_pixels(places_[t].pixels.data(), sizes_.e.c, pixels_ + t * row_, place_);
    }
    for (std::int64_t f = 0; f < sizes_.e.f; f += kPanelColumns) {
      multiply_places(f, panels);
      for (std::int64_t t = 0; t < count_; ++t) give(t, f);
    }
  }

  // Given before run(); zeros: a pixel of them.
  const std::uint16_t* x = nullptr;
  const std::uint16_t* zeros = nullptr;
  std::uint16_t* y = nullptr;
  Finish finish;

 private:
  static constexpr std::int64_t kLine = 16;  ///< numbers of a cache line

  [[nodiscard]] std::size_t places_bytes() const {
    return whole_lines(static_cast<std::size_t>(most_tiles_) * sizeof(Place));
  }
  [[nodiscard]] std::size_t pixels_bytes() const {
    return whole_lines(static_cast<std::size_t>(kTilePlaces * place_) * sizeof(std::uint16_t));
  }
  [[nodiscard]] std::size_t sums_bytes() const {
    return whole_lines(static_cast<std::size_t>(kTilePlaces * sums_place_) * sizeof(float));
  }

  void multiply_places(std::int64_t f, const std::uint16_t* panels) const {
    const WindowExtents& e = sizes_.e;
    for (std::int64_t place = 0; place < kTilePlaces; ++place) {
      multiply({.a = pixels_ + place * place_,
                .a_stride = row_,
                .panel = panels + (place * e.f + f) * e.c,
                .depth = e.c,
                .out = sums_ + place * sums_place_,
                .out_stride = kPanelColumns},
               count_);
    }
  }

  void give(std::int64_t tile, std::int64_t f) const {
    alignas(64) std::array<float, kTileResults * kPanelColumns> results;
    const float* bias = finish.bias != nullptr ? finish.bias + f : nullptr;
    transform_sums(sums_ + tile * kPanelColumns, sums_place_, bias, results.data());
    const Place& place = places_[tile];
    const auto for_each = [&](const auto& body) {
      for (std::size_t i = 0; i < kTileResults; ++i) {
        if (place.results[i] >= 0) body(place.results[i] + f, results.data() + i * kPanelColumns);
      }
    };
    if (finish.residual != nullptr)
      for_each([&](std::int64_t at, float* of_pixel) { add_pixel(finish.residual + at, of_pixel); });
    if (!finish.activation.is_linear())
      loops::activate_block(finish.activation, results.data(), results.data(), results.size());
    for_each([&](std::int64_t at, const float* of_pixel) { give_pixel(of_pixel, y + at); });
  }

  Sizes sizes_;
  std::int64_t most_tiles_, row_, place_, sums_place_;
  std::int64_t count_ = 0;
  Place* places_ = nullptr;
  std::uint16_t* pixels_ = nullptr;
  float* sums_ = nullptr;
};

/// (3, 3, c, f) to (3, 3, f, c), each 3 x 3 turned by half a turn: the kernel of the input's gradient.
void turn(const float* kernel, std::int64_t c, std::int64_t f, float* turned) {
  constexpr std::int64_t kSide = 16;
  const std::int64_t strips = (c + kSide - 1) / kSide;
  parallel_for(static_cast<std::size_t>(kTaps * strips), 1, [&](std::size_t first, std::size_t last) {
    for (auto i = static_cast<std::int64_t>(first); i < static_cast<std::int64_t>(last); ++i) {
      const std::int64_t tap = i / strips;
      const std::int64_t begin = i % strips * kSide;
      const std::int64_t end = std::min(begin + kSide, c);
      const float* from = kernel + tap * c * f;
      float* to = turned + (kTaps - 1 - tap) * c * f;
      for (std::int64_t column = 0; column < f; ++column)
        for (std::int64_t row = begin; row < end; ++row) to[column * c + row] = from[row * f + column];
    }
  });
}

class LowWinograd final : public Kernel {
 public:
  /// The kernel's elements come as the input after the image's; backward: as those of the forward pass.
  LowWinograd(const Sizes& sizes, const ops::Activation& activation, bool backward)
      : sizes_(sizes),
        activation_(activation),
        backward_(backward),
        zeros_(static_cast<std::size_t>(sizes.e.c)),
        panels_(allocate_aligned(static_cast<std::size_t>(kTilePlaces * sizes.e.c * sizes.e.f) *
                                 sizeof(std::uint16_t))) {}

  void pack(Inputs inputs) override {
    packed_ = in(inputs, 1) != nullptr;
    if (packed_) take(inputs[1]);
  }

  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    if (!packed_) take(inputs[1]);
    const WindowExtents& e = sizes_.e;
    const std::int64_t fit = kBytesOfPixels / (kTilePlaces * e.c * 2) / kTilesAtATime * kTilesAtATime;
    const std::int64_t most = std::clamp(fit, kTilesAtATime, kMostTiles);
    // Each thread takes as many blocks of tiles as the others.
    const std::int64_t threads = num_threads();
    const std::int64_t of_thread = (sizes_.tiles() + most * threads - 1) / (most * threads);
    const std::int64_t blocks = of_thread * threads;
    TileWork work(sizes_, most);
    work.x = reinterpret_cast<const std::uint16_t*>(inputs[0]);
    work.zeros = zeros_.data();
    work.y = reinterpret_cast<std::uint16_t*>(outputs[0]);
    work.finish = {activation_, in(inputs, 2), reinterpret_cast<const std::uint16_t*>(in(inputs, 3))};
    const auto* panels = static_cast<const std::uint16_t*>(panels_.get());
    parallel_for(static_cast<std::size_t>(blocks), 1, [&](std::size_t first, std::size_t last) {
      TileWork own = work;
      for (auto block = static_cast<std::int64_t>(first); block < static_cast<std::int64_t>(last); ++block)
        own.run(sizes_.tiles() * block / blocks, sizes_.tiles() * (block + 1) / blocks, panels,
                shared_memory(own.bytes()));
    });
  }
  [[nodiscard]] std::string_view implementation() const override {
    return "native winograd:avx512_core_bf16";
  }

 private:
  void take(const float* kernel) {
    const WindowExtents& e = sizes_.e;
    if (backward_) {
      auto* turned = reinterpret_cast<float*>(
          shared_memory(static_cast<std::size_t>(kTaps * e.c * e.f) * sizeof(float)));
      turn(kernel, e.f, e.c, turned);
      kernel = turned;
    }
    transform_kernel(kernel, e.c, e.f, static_cast<std::uint16_t*>(panels_.get()));
  }

  Sizes sizes_;
  ops::Activation activation_;
  bool backward_;
  bool packed_ = false;
  std::vector<std::uint16_t> zeros_;
  std::shared_ptr<void> panels_;
};

/// How many times fewer multiplications than direct sums.
double saving(const Sizes& s) {
  return static_cast<double>(kTaps * s.e.n * s.e.oh * s.e.ow) / static_cast<double>(kTilePlaces * s.tiles());
}

bool is_simple(const ops::Window& window) {
  return window.height == 3 && window.width == 3 && window.stride_height == 1 && window.stride_width == 1 &&
         window.dilation_height == 1 && window.dilation_width == 1;
}

bool fits(const Sizes& sizes, const Spec& spec) {
  const auto is_low = [](const Argument& argument) {
    return !argument.present || argument.dtype == DType::bfloat16;
  };
  if (has(spec.inputs, 3) && !is_low(spec.inputs[3])) return false;
  const std::int64_t fewest = spec.inputs[1].constant ? kFewestPixels : kFewestPixelsInTraining;
  const WindowExtents& e = sizes.e;
  return has_fast_bfloat16() && is_low(spec.inputs[0]) && is_low(spec.outputs[0]) &&
         e.c % kPixelVector == 0 && e.f % kPanelColumns == 0 && e.c >= kFewestChannels &&
         e.n * e.oh * e.ow >= fewest && saving(sizes) >= kLeastSaving;
}

}  // namespace

std::unique_ptr<Kernel> make_winograd(const ops::Convolution& op, const Spec& spec) {
  const Sizes sizes{.e = window_extents(spec, spec.inputs[0].shape, spec.outputs[0].shape),
                    .pad_top = op.window.pad_top,
                    .pad_left = op.window.pad_left};
  if (op.groups != 1 || !is_simple(op.window) || !fits(sizes, spec)) return nullptr;
  return std::make_unique<LowWinograd>(sizes, op.activation, false);
}

std::unique_ptr<Kernel> make_winograd(const ops::ConvolutionBackwardInput& op, const Spec& spec) {
  const Sizes sizes{.e = window_extents(spec, spec.inputs[0].shape, spec.outputs[0].shape),
                    .pad_top = 2 - op.window.pad_top,
                    .pad_left = 2 - op.window.pad_left};
  if (op.groups != 1 || !is_simple(op.window) || !fits(sizes, spec)) return nullptr;
  return std::make_unique<LowWinograd>(sizes, ops::Activation(), true);
}

}  // namespace graft::kernels::native_detail
