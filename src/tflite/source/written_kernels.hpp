// SPDX-License-Identifier: Apache-2.0
// What a header of save_cpp_source() computes with: from "namespace detail" on part of it, word for word
// (src/CMakeLists.txt puts the text into the library). Shapes have four axes; a value with fewer has ones in
// front. Plain loops, for small models.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace detail {

using Shape = std::array<int, 4>;  // N, H, W, C

struct Window {
  int height, width, stride_height, stride_width, dilation_height, dilation_width, pad_top, pad_left;
};

inline std::size_t count(const Shape& s) {
  std::size_t n = 1;
  for (const int size : s) n *= static_cast<std::size_t>(size);
  return n;
}
inline std::size_t at(const Shape& s, int n, int h, int w, int c) {
  return static_cast<std::size_t>(((n * s[1] + h) * s[2] + w) * s[3] + c);
}

// 0: none, 1: relu, 2: -1 to 1, 3: relu6, 4: tanh
inline float activate(int kind, float x) {
  switch (kind) {
    case 1:
      return x > 0 ? x : 0;
    case 2:
      return std::min(std::max(x, -1.0F), 1.0F);
    case 3:
      return std::min(std::max(x, 0.0F), 6.0F);
    case 4:
      return std::tanh(x);
    default:
      return x;
  }
}

// kernel: (out, height, width, in / groups)
inline void conv_2d(const float* x, const Shape& in, const float* kernel, const float* bias, const Window& w,
                    int groups, int activation, float* y, const Shape& out) {
  const int inputs = in[3] / groups, outputs = out[3] / groups;
  for (int h = 0; h < out[1]; ++h)
    for (int v = 0; v < out[2]; ++v)
      for (int o = 0; o < out[3]; ++o) {
        float sum = bias != nullptr ? bias[o] : 0;
        for (int i = 0; i < w.height; ++i) {
          const int row = h * w.stride_height - w.pad_top + i * w.dilation_height;
          if (row < 0 || row >= in[1]) continue;
          for (int j = 0; j < w.width; ++j) {
            const int column = v * w.stride_width - w.pad_left + j * w.dilation_width;
            if (column < 0 || column >= in[2]) continue;
            const float* from = x + at(in, 0, row, column, o / outputs * inputs);
            const float* by = kernel + ((static_cast<std::size_t>(o) * static_cast<std::size_t>(w.height) +
                                         static_cast<std::size_t>(i)) *
                                            static_cast<std::size_t>(w.width) +
                                        static_cast<std::size_t>(j)) *
                                           static_cast<std::size_t>(inputs);
            for (int c = 0; c < inputs; ++c) sum += from[c] * by[c];
          }
        }
        y[at(out, 0, h, v, o)] = activate(activation, sum);
      }
}

// kernel: (height, width, channels * multiplier)
inline void depthwise_conv_2d(const float* x, const Shape& in, const float* kernel, const float* bias,
                              const Window& w, int multiplier, int activation, float* y, const Shape& out) {
  for (int h = 0; h < out[1]; ++h)
    for (int v = 0; v < out[2]; ++v) {
      float* to = y + at(out, 0, h, v, 0);
      for (int o = 0; o < out[3]; ++o) to[o] = bias != nullptr ? bias[o] : 0;
      for (int i = 0; i < w.height; ++i) {
        const int row = h * w.stride_height - w.pad_top + i * w.dilation_height;
        if (row < 0 || row >= in[1]) continue;
        for (int j = 0; j < w.width; ++j) {
          const int column = v * w.stride_width - w.pad_left + j * w.dilation_width;
          if (column < 0 || column >= in[2]) continue;
          const float* from = x + at(in, 0, row, column, 0);
          const float* by = kernel + static_cast<std::size_t>((i * w.width + j) * out[3]);
          for (int o = 0; o < out[3]; ++o) to[o] += from[o / multiplier] * by[o];
        }
      }
      for (int o = 0; o < out[3]; ++o) to[o] = activate(activation, to[o]);
    }
}

// Only elements inside the image count.
inline void pool_2d(bool largest, const float* x, const Shape& in, const Window& w, int activation, float* y,
                    const Shape& out) {
  for (int h = 0; h < out[1]; ++h)
    for (int v = 0; v < out[2]; ++v)
      for (int c = 0; c < out[3]; ++c) {
        float result = largest ? -std::numeric_limits<float>::infinity() : 0;
        int inside = 0;
        for (int i = 0; i < w.height; ++i)
          for (int j = 0; j < w.width; ++j) {
            const int row = h * w.stride_height - w.pad_top + i, column = v * w.stride_width - w.pad_left + j;
            if (row < 0 || row >= in[1] || column < 0 || column >= in[2]) continue;
            const float value = x[at(in, 0, row, column, c)];
            result = largest ? std::max(result, value) : result + value;
            ++inside;
          }
        y[at(out, 0, h, v, c)] = activate(activation, largest ? result : result / static_cast<float>(inside));
      }
}

// kernel: (outputs, inputs)
inline void fully_connected(const float* x, std::size_t rows, int inputs, const float* kernel,
                            const float* bias, int activation, float* y, int outputs) {
  for (std::size_t r = 0; r < rows; ++r)
    for (int o = 0; o < outputs; ++o) {
      const float* from = x + r * static_cast<std::size_t>(inputs);
      const float* by = kernel + static_cast<std::size_t>(o) * static_cast<std::size_t>(inputs);
      float sum = bias != nullptr ? bias[o] : 0;
      for (int i = 0; i < inputs; ++i) sum += from[i] * by[i];
      y[r * static_cast<std::size_t>(outputs) + static_cast<std::size_t>(o)] = activate(activation, sum);
    }
}

template <typename F>
void each(const float* x, float* y, const Shape& shape, F f) {
  const std::size_t n = count(shape);
  for (std::size_t i = 0; i < n; ++i) y[i] = f(x[i]);
}

// A size of 1 stands for every place along its axis.
inline std::size_t place(const Shape& s, const Shape& to, std::size_t i) {
  std::size_t result = 0, step = 1;
  for (int axis = 3; axis >= 0; --axis) {
    const auto size = static_cast<std::size_t>(to[static_cast<std::size_t>(axis)]);
    const auto own = static_cast<std::size_t>(s[static_cast<std::size_t>(axis)]);
    if (own != 1) result += i % size * step;
    i /= size;
    step *= own;
  }
  return result;
}

template <typename F>
void both(const float* a, const Shape& sa, const float* b, const Shape& sb, int activation, float* y,
          const Shape& out, F f) {
  const std::size_t n = count(out);
  for (std::size_t i = 0; i < n; ++i)
    y[i] = activate(activation, f(a[place(sa, out, i)], b[place(sb, out, i)]));
}

inline void select(const float* chosen, const float* a, const float* b, float* y, const Shape& shape) {
  const std::size_t n = count(shape);
  for (std::size_t i = 0; i < n; ++i) y[i] = chosen[i] != 0 ? a[i] : b[i];
}

inline void softmax(float beta, const float* x, float* y, const Shape& shape) {
  const auto size = static_cast<std::size_t>(shape[3]);
  for (std::size_t begin = 0; begin < count(shape); begin += size) {
    const float most = *std::max_element(x + begin, x + begin + size);
    float sum = 0;
    for (std::size_t i = begin; i < begin + size; ++i) sum += y[i] = std::exp(beta * (x[i] - most));
    for (std::size_t i = begin; i < begin + size; ++i) y[i] /= sum;
  }
}

// Over the axes whose size in `to` is 1 and in `in` is not; `to` keeps them.
inline void reduce(bool largest, const float* x, const Shape& in, float* y, const Shape& to) {
  const std::size_t n = count(to), all = count(in);
  std::fill(y, y + n, largest ? -std::numeric_limits<float>::infinity() : 0.0F);
  for (std::size_t i = 0; i < all; ++i) {
    float& result = y[place(to, in, i)];
    result = largest ? std::max(result, x[i]) : result + x[i];
  }
  if (!largest)
    for (std::size_t i = 0; i < n; ++i) y[i] /= static_cast<float>(all / n);
}

// Copies a block of `size` from one place to another.
inline void copy_block(const float* x, const Shape& in, const Shape& from, float* y, const Shape& out,
                       const Shape& to, const Shape& size) {
  for (int n = 0; n < size[0]; ++n)
    for (int h = 0; h < size[1]; ++h)
      for (int w = 0; w < size[2]; ++w) {
        const float* begin = x + at(in, from[0] + n, from[1] + h, from[2] + w, from[3]);
        std::copy(begin, begin + size[3], y + at(out, to[0] + n, to[1] + h, to[2] + w, to[3]));
      }
}

// y's axis i is x's axis axes[i].
inline void transpose(const float* x, const Shape& in, const Shape& axes, float* y, const Shape& out) {
  std::array<int, 4> i{};
  std::size_t next = 0;
  for (i[0] = 0; i[0] < out[0]; ++i[0])
    for (i[1] = 0; i[1] < out[1]; ++i[1])
      for (i[2] = 0; i[2] < out[2]; ++i[2])
        for (i[3] = 0; i[3] < out[3]; ++i[3]) {
          Shape from{};
          for (std::size_t axis = 0; axis < 4; ++axis) from[static_cast<std::size_t>(axes[axis])] = i[axis];
          y[next++] = x[at(in, from[0], from[1], from[2], from[3])];
        }
}

inline void resize(bool bilinear, const float* x, const Shape& in, float* y, const Shape& out) {
  for (int h = 0; h < out[1]; ++h)
    for (int w = 0; w < out[2]; ++w) {
      const float row =
          (static_cast<float>(h) + 0.5F) * static_cast<float>(in[1]) / static_cast<float>(out[1]) - 0.5F;
      const float column =
          (static_cast<float>(w) + 0.5F) * static_cast<float>(in[2]) / static_cast<float>(out[2]) - 0.5F;
      const auto inside = [](float value, int size) {
        return std::min(std::max(static_cast<int>(value), 0), size - 1);
      };
      if (!bilinear) {
        const float* from =
            x + at(in, 0, inside(std::floor(row + 0.5F), in[1]), inside(std::floor(column + 0.5F), in[2]), 0);
        std::copy(from, from + in[3], y + at(out, 0, h, w, 0));
        continue;
      }
      const float top = std::max(row, 0.0F), left = std::max(column, 0.0F);
      const int h0 = inside(top, in[1]), h1 = inside(top + 1, in[1]), w0 = inside(left, in[2]),
                w1 = inside(left + 1, in[2]);
      const float down = top - static_cast<float>(h0), right = left - static_cast<float>(w0);
      for (int c = 0; c < in[3]; ++c) {
        const float above = x[at(in, 0, h0, w0, c)] * (1 - right) + x[at(in, 0, h0, w1, c)] * right;
        const float below = x[at(in, 0, h1, w0, c)] * (1 - right) + x[at(in, 0, h1, w1, c)] * right;
        y[at(out, 0, h, w, c)] = above * (1 - down) + below * down;
      }
    }
}

}  // namespace detail
