// SPDX-License-Identifier: Apache-2.0
#include "kernels/vectors/convert.hpp"

#include <bit>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/vectors/loops.hpp"

namespace graft::kernels::vectors {
namespace {

GRAFT_CLONES void round_block(const float* x, std::uint16_t* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = rounded(x[i]);
}

GRAFT_CLONES void widen_block(const std::uint16_t* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = widened(x[i]);
}

/// Adding it to a number of less than 2^22 leaves the number rounded to a whole one, to the nearest even in
/// doubt, in the lowest bits: vector instructions do that where they do not know std::nearbyint.
constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23

/// `by` is the inverse of the scale.
struct Rounding {
  float by, least, most;
};

inline std::int32_t rounded(float scaled, const Rounding& to) {
  scaled = scaled > to.least ? scaled : to.least;  // so does NaN
  scaled = scaled < to.most ? scaled : to.most;
  return std::bit_cast<std::int32_t>(scaled + kRounder) - std::bit_cast<std::int32_t>(kRounder);
}

GRAFT_CLONES void to_unsigned(const float* x, std::uint8_t* y, std::size_t count, const Rounding& to) {
  const Rounding by = to;
  for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<std::uint8_t>(rounded(x[i] * by.by, by));
}
GRAFT_CLONES void to_signed(const float* x, std::int8_t* y, std::size_t count, const Rounding& to) {
  const Rounding by = to;
  for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<std::int8_t>(rounded(x[i] * by.by, by));
}
GRAFT_CLONES void from_unsigned(const std::uint8_t* x, float* y, std::size_t count, float scale) {
  for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<float>(x[i]) * scale;
}
GRAFT_CLONES void from_signed(const std::int8_t* x, float* y, std::size_t count, float scale) {
  for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<float>(x[i]) * scale;
}

GRAFT_CLONES void by_scales(const float* x, const float* scale, std::int8_t* y, std::size_t count) {
  const Rounding by{1, -128, 127};
  for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<std::int8_t>(rounded(x[i] / scale[i], by));
}

}  // namespace

void to_bfloat16_block(const float* x, std::uint16_t* y, std::size_t count) { round_block(x, y, count); }
void from_bfloat16_block(const std::uint16_t* x, float* y, std::size_t count) { widen_block(x, y, count); }

void to_bfloat16(const float* x, std::uint16_t* y, std::size_t count) {
  parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    to_bfloat16_block(x + begin, y + begin, end - begin);
  });
}

void from_bfloat16(const std::uint16_t* x, float* y, std::size_t count) {
  parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    from_bfloat16_block(x + begin, y + begin, end - begin);
  });
}

void to_int8(const float* x, const float* scale, std::int8_t* y, std::size_t count) {
  by_scales(x, scale, y, count);
}

void to_format(float scale, const float* x, const MutableView& y, std::size_t count) {
  if (y.dtype == DType::bfloat16) return to_bfloat16(x, y.as<std::uint16_t>(), count);
  const bool is_unsigned = y.dtype == DType::uint8;
  const Rounding to{1 / scale, is_unsigned ? 0.0F : -128.0F, is_unsigned ? 255.0F : 127.0F};
  parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    if (is_unsigned) {
      to_unsigned(x + begin, y.as<std::uint8_t>() + begin, end - begin, to);
    } else {
      to_signed(x + begin, y.as<std::int8_t>() + begin, end - begin, to);
    }
  });
}

void from_format(float scale, const View& x, float* y, std::size_t count) {
  if (x.dtype == DType::bfloat16) return from_bfloat16(x.as<std::uint16_t>(), y, count);
  parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    if (x.dtype == DType::uint8) {
      from_unsigned(x.as<std::uint8_t>() + begin, y + begin, end - begin, scale);
    } else {
      from_signed(x.as<std::int8_t>() + begin, y + begin, end - begin, scale);
    }
  });
}

}  // namespace graft::kernels::vectors
