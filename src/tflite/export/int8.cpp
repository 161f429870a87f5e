// SPDX-License-Identifier: Apache-2.0
#include "tflite/export/int8.hpp"

#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/tflite/export.hpp"

namespace graft {
inline namespace tflite {
namespace {

using formats::TfliteModel;
using formats::TfliteOp;
using formats::TfliteOperator;
using formats::TfliteQuantization;
using formats::TfliteTensor;

bool same_grid(const TfliteQuantization& one, const TfliteQuantization& other) {
  return one.scale == other.scale && one.zero_point == other.zero_point;
}

/// Real numbers in 8 bits; those outside the range become its ends.
Tensor rounded_to(const TfliteQuantization& grid, const Tensor& values) {
  constexpr double kLeast = -128, kMost = 127;
  Tensor result(values.shape(), DType::int8);
  const auto from = values.data();
  const auto to = result.data<std::int8_t>();
  const auto zero = static_cast<double>(grid.zero_point.front());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double whole = std::nearbyint(static_cast<double>(from[i]) / grid.scale.front()) + zero;
    to[i] = static_cast<std::int8_t>(std::clamp(whole, kLeast, kMost));
  }
  return result;
}

TfliteQuantization grid_of_constant(const Tensor& values) {
  const auto [low, high] = std::ranges::minmax(values.data());
  return int8_grid({low, high});
}

/// A kernel from -127 to 127 around 0 with a scale for each output channel, or one for all, and a bias in
/// units of input times kernel.
struct RoundedProduct {
  Tensor kernel, bias;  ///< int8, and int32 (outputs)
  TfliteQuantization kernel_grid, bias_grid;
};

/// Places of the kernel's output channels: CONV_2D (out, kh, kw, in), DEPTHWISE_CONV_2D (1, kh, kw, out),
/// FULLY_CONNECTED (out, in).
struct OutputAxis {
  std::int32_t axis = 0;
  std::size_t outputs = 1, inner = 1;
  [[nodiscard]] std::size_t of(std::size_t element) const { return element / inner % outputs; }
};
OutputAxis output_axis(TfliteOp op, const Tensor& kernel) {
  const bool last = op == TfliteOp::depthwise_conv_2d;
  const auto outputs = static_cast<std::size_t>(kernel.shape()[last ? -1 : 0]);
  const auto all = static_cast<std::size_t>(kernel.count());
  return {.axis = last ? static_cast<std::int32_t>(kernel.shape().rank()) - 1 : 0,
          .outputs = outputs,
          .inner = last ? 1 : all / outputs};
}

RoundedProduct rounded_product(TfliteOp op, const Tensor& kernel, const Tensor& bias, float x_scale,
                               float y_scale) {
  constexpr float kKernelMost = 127;
  // Sums of such biases and products stay inside 32 bits.
  constexpr double kBiasMost = 0x1p30;
  // A kernel of smaller numbers changes no output by a step; programs compute the quotient of the scales.
  constexpr float kLeastStep = 0x1p-31F;
  const OutputAxis channels = output_axis(op, kernel);
  // The specification has one scale for a FULLY_CONNECTED.
  const bool each = op != TfliteOp::fully_connected;
  std::vector<float> scales(each ? channels.outputs : 1, y_scale / x_scale * kLeastStep);
  const auto raise = [&](std::size_t channel, double least) {
    float& scale = scales[each ? channel : 0];
    scale = std::max(scale, static_cast<float>(least));
  };
  const auto weights = kernel.data();
  const auto summands = bias.data();
  for (std::size_t i = 0; i < weights.size(); ++i)
    raise(channels.of(i), std::abs(static_cast<double>(weights[i])) / kKernelMost);
  for (std::size_t c = 0; c < summands.size(); ++c)
    raise(c, std::abs(static_cast<double>(summands[c])) / (static_cast<double>(x_scale) * kBiasMost));
  RoundedProduct result{.kernel = Tensor(kernel.shape(), DType::int8),
                        .bias = Tensor(bias.shape(), DType::int32),
                        .kernel_grid = {.scale = scales,
                                        .zero_point = std::vector<std::int64_t>(scales.size(), 0),
                                        .axis = each ? channels.axis : 0},
                        .bias_grid = {}};
  const auto whole_weights = result.kernel.data<std::int8_t>();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float whole = std::nearbyint(weights[i] / scales[each ? channels.of(i) : 0]);
    whole_weights[i] = static_cast<std::int8_t>(std::clamp(whole, -kKernelMost, kKernelMost));
  }
  result.bias_grid = result.kernel_grid;
  result.bias_grid.axis = 0;
  for (float& scale : result.bias_grid.scale) scale *= x_scale;
  const auto whole_summands = result.bias.data<std::int32_t>();
  for (std::size_t c = 0; c < summands.size(); ++c) {
    const double unit = result.bias_grid.scale[each ? c : 0];
    whole_summands[c] = static_cast<std::int32_t>(std::nearbyint(static_cast<double>(summands[c]) / unit));
  }
  return result;
}

/// Writes the operators one after the other. A tensor of the graph becomes one of float32, one of 8 bits, or
/// both.
class Int8Writer {
 public:
  Int8Writer(const TfliteModel& graph, const Int8Plan& plan) : exact_(graph), plan_(plan) {}

  TfliteModel write() {
    result_.description = exact_.description;
    result_.metadata = exact_.metadata;
    result_.files = exact_.files;
    for (const std::int32_t input : exact_.inputs) {
      exact_places_[input] = add_tensor(tensor(input));
      result_.inputs.push_back(exact_places_[input]);
    }
    for (std::size_t i = 0; i < exact_.operators.size(); ++i) {
      const TfliteOperator& op = exact_.operators[i];
      if (plan_.is_low(i)) {
        write_low(op);
      } else {
        write_exact(op);
      }
    }
    for (const std::int32_t output : exact_.outputs) result_.outputs.push_back(exact(output));
    return std::move(result_);
  }

 private:
  [[nodiscard]] const TfliteTensor& tensor(std::int32_t place) const {
    return exact_.tensors[static_cast<std::size_t>(place)];
  }
  [[nodiscard]] bool is_numbers(std::int32_t place) const { return tensor(place).dtype == DType::float32; }
  /// Inputs and outputs of the model keep their names.
  [[nodiscard]] bool has_public_name(std::int32_t place) const {
    return std::ranges::find(exact_.inputs, place) != exact_.inputs.end() ||
           std::ranges::find(exact_.outputs, place) != exact_.outputs.end();
  }

  std::int32_t add_tensor(TfliteTensor added) {
    const std::string wanted = added.name;
    for (int n = 1; !names_.insert(added.name).second; ++n) added.name = cat(wanted, "_", n);
    result_.tensors.push_back(std::move(added));
    return static_cast<std::int32_t>(result_.tensors.size() - 1);
  }
  std::int32_t add_low(std::int32_t place, const TfliteQuantization& grid, bool made) {
    const TfliteTensor& known = tensor(place);
    const bool plain = made && !has_public_name(place);
    return add_tensor({.name = plain ? known.name : known.name + "/int8",
                       .shape = known.shape,
                       .dtype = DType::int8,
                       .value = {},
                       .quantization = grid});
  }
  void add_operator(TfliteOp op, std::int32_t x, std::int32_t y) {
    result_.operators.push_back({.op = op, .inputs = {x}, .outputs = {y}, .settings = {}});
  }

  /// In float32, or a list of sizes.
  std::int32_t exact(std::int32_t place) {
    const auto found = exact_places_.find(place);
    if (found != exact_places_.end()) return found->second;
    TfliteTensor copy = tensor(place);
    const auto in_8_bits = low_places_.find(place);
    const bool is_low = in_8_bits != low_places_.end();
    if (!is_low && !copy.value)
      fail(ErrorKind::internal, "8 bits: the tensor '", copy.name, "' is read before it is computed");
    if (is_low && !has_public_name(place)) copy.name += "/float32";
    const std::int32_t made = add_tensor(std::move(copy));
    if (is_low) add_operator(TfliteOp::dequantize, in_8_bits->second, made);
    return exact_places_[place] = made;
  }

  /// In 8 bits with these numbers.
  std::int32_t low(std::int32_t place, const TfliteQuantization& grid) {
    const TfliteTensor& known = tensor(place);
    if (known.value)
      return add_tensor({.name = known.name,
                         .shape = known.shape,
                         .dtype = DType::int8,
                         .value = rounded_to(grid, *known.value),
                         .quantization = grid});
    const TfliteQuantization own = plan_.grid(place);
    const auto found = low_places_.find(place);
    std::int32_t made = 0;
    if (found != low_places_.end()) {
      made = found->second;
    } else {
      const std::int32_t x = exact(place);
      made = add_low(place, own, false);
      add_operator(TfliteOp::quantize, x, made);
      low_places_[place] = made;
    }
    if (same_grid(own, grid)) return made;
    const std::int32_t again = add_low(place, grid, false);
    add_operator(TfliteOp::quantize, made, again);
    return again;
  }

  void write_exact(const TfliteOperator& op) {
    TfliteOperator copy = op;
    for (std::int32_t& input : copy.inputs)
      if (input >= 0) input = exact(input);
    for (std::int32_t& output : copy.outputs) {
      const std::int32_t made = add_tensor(tensor(output));
      exact_places_[output] = made;
      output = made;
    }
    result_.operators.push_back(std::move(copy));
  }

  void write_low(const TfliteOperator& op) {
    const std::int32_t y = op.outputs.front();
    const TfliteQuantization grid = plan_.grid(y);
    TfliteOperator copy = op;
    if (Int8Plan::multiplies(op.op)) {
      copy.inputs = product_inputs(op, grid.scale.front());
    } else {
      for (std::int32_t& input : copy.inputs)
        if (input >= 0) input = argument(op, input, grid);
    }
    low_places_[y] = add_low(y, grid, true);
    copy.outputs = {low_places_[y]};
    result_.operators.push_back(std::move(copy));
  }

  std::int32_t argument(const TfliteOperator& op, std::int32_t input, const TfliteQuantization& grid) {
    if (!is_numbers(input)) return exact(input);
    if (Int8Plan::moves(op.op)) return low(input, grid);
    const std::optional<Tensor>& fixed = tensor(input).value;
    return low(input, fixed ? grid_of_constant(*fixed) : plan_.grid(input));
  }

  std::vector<std::int32_t> product_inputs(const TfliteOperator& op, float y_scale) {
    const TfliteQuantization x_grid = plan_.grid(op.inputs[0]);
    const TfliteTensor& kernel = tensor(op.inputs[1]);
    const bool has_bias = op.inputs.size() > 2 && op.inputs[2] >= 0;
    const auto outputs = static_cast<std::int64_t>(output_axis(op.op, *kernel.value).outputs);
    const Tensor bias = has_bias ? *tensor(op.inputs[2]).value : Tensor({outputs});
    const RoundedProduct rounded = rounded_product(op.op, *kernel.value, bias, x_grid.scale.front(), y_scale);
    const std::int32_t x = low(op.inputs[0], x_grid);
    const std::int32_t whole_kernel = add_tensor({.name = kernel.name,
                                                  .shape = kernel.shape,
                                                  .dtype = DType::int8,
                                                  .value = rounded.kernel,
                                                  .quantization = rounded.kernel_grid});
    const std::int32_t whole_bias =
        add_tensor({.name = has_bias ? tensor(op.inputs[2]).name : kernel.name + "/bias",
                    .shape = bias.shape(),
                    .dtype = DType::int32,
                    .value = rounded.bias,
                    .quantization = rounded.bias_grid});
    return {x, whole_kernel, whole_bias};
  }

  const TfliteModel& exact_;
  const Int8Plan& plan_;
  TfliteModel result_;
  std::map<std::int32_t, std::int32_t> exact_places_, low_places_;  ///< by place in the float32 graph
  std::set<std::string> names_;
};

}  // namespace

TfliteModel in_int8(const TfliteModel& exact, const Int8Facts& facts) {
  const Int8Plan plan(exact, facts);
  return Int8Writer(exact, plan).write();
}

std::map<std::string, std::size_t> float32_operators(const TfliteModel& file) {
  std::map<std::string, std::size_t> result;
  for (const TfliteOperator& op : file.operators) {
    if (op.op == TfliteOp::quantize || op.op == TfliteOp::dequantize) continue;
    const bool low = std::ranges::any_of(op.outputs, [&](std::int32_t output) {
      return output >= 0 && file.tensors[static_cast<std::size_t>(output)].dtype == DType::int8;
    });
    if (!low) ++result[formats::to_string(op.op)];
  }
  return result;
}

}  // namespace tflite
}  // namespace graft
