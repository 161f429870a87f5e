// SPDX-License-Identifier: Apache-2.0
// Reading Keras's layer configs, of any year: numbers or lists, names or serialised objects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/base/size2d.hpp"
#include "graft/layers/options.hpp"
#include "graft/ops/activation.hpp"

namespace graft::layers {

/// Rows and columns at the four sides of an image.
struct Sides {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
};

/// A layer's config with typed access; every complaint names the layer and the key.
class Config {
 public:
  explicit Config(const Json& json) : json_(json) {}

  [[nodiscard]] bool has(const char* key) const;
  [[nodiscard]] std::int64_t integer(const char* key, std::int64_t fallback) const;
  [[nodiscard]] double number(const char* key, double fallback) const;
  [[nodiscard]] std::optional<double> optional_number(const char* key) const;
  [[nodiscard]] std::optional<std::uint64_t> optional_seed() const;
  [[nodiscard]] bool boolean(const char* key, bool fallback) const;
  [[nodiscard]] std::string text(const char* key, const std::string& fallback) const;
  [[nodiscard]] Size2D size(const char* key, Size2D fallback) const;
  /// One number, (vertical, horizontal) or ((top, bottom), (left, right)), as ZeroPadding2D has it.
  [[nodiscard]] Sides sides(const char* key, Sides fallback) const;
  [[nodiscard]] std::vector<double> numbers(const char* key) const;
  /// One integer or a list of them; null stands for -1, an open size. None is beyond 2^31, so that sizes can
  /// be added and multiplied without care.
  [[nodiscard]] std::vector<std::int64_t> integers(const char* key) const;
  /// An activation's name, also where it is serialised as an object; "linear" where absent or null.
  [[nodiscard]] std::string activation(const char* key = "activation") const;
  /// An initializer as Keras 3's short name, where it is one without settings of its own.
  [[nodiscard]] std::string initializer(const char* key, const std::string& fallback) const;
  [[nodiscard]] Padding padding() const;
  /// A pair (low, high): one number f means (-f, f).
  [[nodiscard]] Factor factor(const char* key, Factor fallback) const;
  [[nodiscard]] std::string name() const { return text("name", ""); }
  /// Refuses channels_first.
  void require_channels_last() const;
  [[nodiscard]] const Json& json() const { return json_; }

 private:
  [[noreturn]] void wrong(const char* key, const char* expected) const;
  [[nodiscard]] const Json* find(const char* key) const;
  const Json& json_;
};

[[nodiscard]] std::string padding_name(Padding padding);
[[nodiscard]] Json size_json(Size2D size);
[[nodiscard]] Json sides_json(const Sides& sides);
/// Takes over the regularizers and constraints of options that have those of a kernel and a bias.
template <typename Layer, typename Options>
void set_kernel_rules(Layer& layer, const Options& options) {
  layer.set_rule("kernel_regularizer", options.kernel_regularizer);
  layer.set_rule("bias_regularizer", options.bias_regularizer);
  layer.set_rule("kernel_constraint", options.kernel_constraint);
  layer.set_rule("bias_constraint", options.bias_constraint);
}
/// Keras's "seed" of a layer: the number or null.
[[nodiscard]] Json seed_json(const std::optional<std::uint64_t>& seed);

}  // namespace graft::layers
