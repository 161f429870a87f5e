// SPDX-License-Identifier: Apache-2.0
// Arrays of 8 bits: to float32 and back, and what needs no float32.
#include <algorithm>
#include <bit>
#include <type_traits>

#include "graft/base/parallel.hpp"

#include "kernels/native/convert.hpp"
#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/pool_window.hpp"
#include "kernels/native/target_clones.hpp"

namespace graft::kernels {
namespace loops {
namespace {

/// Adding it to a number of less than 2^22 leaves the number rounded to a whole one, to the nearest even in
/// doubt, in the lowest bits: vector instructions do that where they do not know std::nearbyint.
constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23

/// What 1 stands for is divided by once: `by` is its inverse.
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

}  // namespace loops

namespace native_detail {
namespace {

GRAFT_CLONES void max_into(const std::uint8_t* x, std::uint8_t* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}
GRAFT_CLONES void max_into(const std::int8_t* x, std::int8_t* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}

template <typename T>
void max_of_window(const PoolWindow& p, const T* x, const std::int64_t (&at)[3], T* y) {
  const auto c = static_cast<std::size_t>(p.extents.c);
  bool first = true;
  p.for_each_tap(at[0], at[1], at[2], [&](std::int64_t pixel) {
    if (first) {
      std::copy_n(x + pixel, c, y);
    } else {
      max_into(x + pixel, y, c);
    }
    first = false;
  });
  if (first) std::fill_n(y, c, T{0});
}

template <typename T>
Function max_pool(const PoolWindow& p) {
  return [p](const RunContext&, Inputs inputs, Outputs outputs) {
    const WindowExtents& e = p.extents;
    const auto* x = in<T>(inputs, 0);
    const std::int64_t work = std::max<std::int64_t>(1, e.ow * e.c * p.window.height * p.window.width);
    const std::size_t grain = 1 + loops::kGrain / static_cast<std::size_t>(work);
    parallel_for(static_cast<std::size_t>(e.n * e.oh), grain, [&](std::size_t begin, std::size_t end) {
      for (auto row = static_cast<std::int64_t>(begin); row < static_cast<std::int64_t>(end); ++row) {
        T* y = out<T>(outputs, 0) + row * e.ow * e.c;
        for (std::int64_t ox = 0; ox < e.ow; ++ox)
          max_of_window(p, x, {row / e.oh, row % e.oh, ox}, y + ox * e.c);
      }
    });
  };
}

}  // namespace

Function eight_bit_function_of(const ops::Pool& op, const Spec& spec) {
  const Argument& x = spec.inputs[0];
  const Argument& y = spec.outputs[0];
  if (op.kind != ops::PoolKind::max || x.dtype != y.dtype || x.scale != y.scale) return {};
  const PoolWindow p{window_extents(spec, x.shape, y.shape), op.window};
  return x.dtype == DType::uint8 ? max_pool<std::uint8_t>(p) : max_pool<std::int8_t>(p);
}

}  // namespace native_detail
}  // namespace graft::kernels
