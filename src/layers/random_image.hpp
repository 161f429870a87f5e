// SPDX-License-Identifier: Apache-2.0
// What the random image layers share: they act in training alone, on (N, H, W, C), and keep the shape.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "graft/extend/layer.hpp"
#include "graft/layers/options.hpp"

#include "layers/config.hpp"

namespace graft::layers {

class RandomImageLayer : public LayerBase {
 public:
  RandomImageLayer(const char* class_name, const std::string& name, std::optional<std::uint64_t> seed)
      : LayerBase(class_name, name), seed_(seed) {}

  [[nodiscard]] bool has_random_state() const override { return true; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 4);
  }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override;

 protected:
  /// The op for one call in training.
  [[nodiscard]] virtual ops::Params random_op(std::uint64_t seed) const = 0;
  [[nodiscard]] const std::optional<std::uint64_t>& seed() const { return seed_; }

 private:
  std::optional<std::uint64_t> seed_;
};

/// Those that move pixels: Options has fill_mode, interpolation, fill_value, seed and name.
template <typename Options>
class MovingLayer : public RandomImageLayer {
 public:
  MovingLayer(const char* class_name, Options options);
  [[nodiscard]] Json own_config() const override;

 protected:
  [[nodiscard]] const Options& options() const { return options_; }
  /// The factors of the config.
  [[nodiscard]] virtual Json factors() const = 0;
  /// How the pixels move.
  [[nodiscard]] virtual ops::RandomTransform movement() const = 0;
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override;

 private:
  Options options_;
};

/// Those that change the pixels' values: Options has factor, value_range, seed and name.
template <typename Options>
class ToningLayer : public RandomImageLayer {
 public:
  ToningLayer(const char* class_name, Options options)
      : RandomImageLayer(class_name, options.name, options.seed), options_(std::move(options)) {}
  [[nodiscard]] Json own_config() const override;

 protected:
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  Options options_;
};

[[nodiscard]] ops::Range to_range(const Factor& factor);
[[nodiscard]] ops::FillMode to_fill_mode(Fill fill);
[[nodiscard]] std::string fill_name(Fill fill);
[[nodiscard]] Fill fill_from(const Config& reader);
/// "bilinear" or "nearest"; throws Error{unsupported} naming the layer.
[[nodiscard]] ops::Interpolation to_interpolation(const std::string& layer, const std::string& name);
[[nodiscard]] Json factor_json(const Factor& factor);

template <typename Options>
MovingLayer<Options>::MovingLayer(const char* class_name, Options options)
    : RandomImageLayer(class_name, options.name, options.seed), options_(std::move(options)) {}

template <typename Options>
Json MovingLayer<Options>::own_config() const {
  Json config = factors();
  config.update({{"fill_mode", fill_name(options_.fill_mode)},
                 {"interpolation", options_.interpolation},
                 {"fill_value", options_.fill_value},
                 {"seed", seed_json(seed())},
                 {"data_format", "channels_last"}});
  return config;
}

template <typename Options>
ops::Params MovingLayer<Options>::random_op(std::uint64_t seed) const {
  ops::RandomTransform op = movement();
  op.fill_mode = to_fill_mode(options_.fill_mode);
  op.fill_value = static_cast<float>(options_.fill_value);
  op.interpolation = to_interpolation(name(), options_.interpolation);
  op.seed = seed;
  return op;
}

/// The options that all moving layers have, from a config.
template <typename Options>
[[nodiscard]] Options moving_options(const Config& reader) {
  Options options;
  options.fill_mode = fill_from(reader);
  options.interpolation = reader.text("interpolation", "bilinear");
  options.seed = reader.optional_seed();
  options.fill_value = reader.number("fill_value", 0);
  options.name = reader.name();
  return options;
}

template <typename Options>
Json ToningLayer<Options>::own_config() const {
  return {{"factor", factor_json(options_.factor)},
          {"value_range", Json::array({options_.value_range.low, options_.value_range.high})},
          {"seed", seed_json(seed())},
          {"data_format", "channels_last"}};
}

/// The options of a toning layer, from a config.
template <typename Options>
[[nodiscard]] Options toning_options(const Config& reader) {
  return {.factor = reader.factor("factor", {}),
          .value_range = reader.factor("value_range", {0, 255}),
          .seed = reader.optional_seed(),
          .name = reader.name()};
}

}  // namespace graft::layers
