// SPDX-License-Identifier: Apache-2.0
#include "graft/training/schedules.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "training/settings.hpp"

namespace graft {
namespace {

using training::Settings;

Json schedule_config(const char* class_name, Json config, const char* name = nullptr) {
  config["name"] = name == nullptr ? class_name : name;
  return training::write_serialised("keras.optimizers.schedules", class_name, std::move(config));
}

void check_steps(const char* schedule, const char* key, std::int64_t steps) {
  if (steps < 1)
    fail(ErrorKind::invalid_argument, schedule, ": ", key, ": expected at least 1, received ", steps);
}

double ratio(std::int64_t step, std::int64_t steps) {
  return static_cast<double>(step) / static_cast<double>(steps);
}

Json decay_config(const ExponentialDecayOptions& o) {
  return {{"initial_learning_rate", o.initial_learning_rate},
          {"decay_steps", o.decay_steps},
          {"decay_rate", o.decay_rate},
          {"staircase", o.staircase}};
}

double half_cosine(double part) { return 0.5 * (1 + std::cos(std::numbers::pi * part)); }

/// Which period of restarts a step is in, and how far into it. In float32, as Keras counts: at a boundary the
/// logarithms' rounding decides.
struct Restart {
  double period = 0, part = 0;
};
Restart find_restart(double completed, double t_mul) {
  if (t_mul == 1) return {std::floor(completed), completed - std::floor(completed)};
  const auto t = static_cast<float>(t_mul);
  const auto fraction = static_cast<float>(completed);
  const float period = std::floor(std::log(1.0F - fraction * (1.0F - t)) / std::log(t));
  const float power = std::pow(t, period);
  const float before = (1.0F - power) / (1.0F - t);
  return {period, (fraction - before) / power};
}

}  // namespace

LearningRate::LearningRate(std::function<double(std::int64_t)> schedule, Json config)
    : schedule_(std::move(schedule)), config_(std::make_shared<const Json>(std::move(config))) {}

Json LearningRate::config() const { return schedule_ ? *config_ : Json(value_); }

LearningRate ExponentialDecay(const ExponentialDecayOptions& o) {
  check_steps("ExponentialDecay", "decay_steps", o.decay_steps);
  auto rate = [o](std::int64_t step) {
    const double exponent = ratio(step, o.decay_steps);
    return o.initial_learning_rate * std::pow(o.decay_rate, o.staircase ? std::floor(exponent) : exponent);
  };
  return {rate, schedule_config("ExponentialDecay", decay_config(o))};
}

LearningRate InverseTimeDecay(const ExponentialDecayOptions& o) {
  check_steps("InverseTimeDecay", "decay_steps", o.decay_steps);
  auto rate = [o](std::int64_t step) {
    const double part = ratio(step, o.decay_steps);
    return o.initial_learning_rate / (1 + o.decay_rate * (o.staircase ? std::floor(part) : part));
  };
  return {rate, schedule_config("InverseTimeDecay", decay_config(o))};
}

LearningRate PiecewiseConstantDecay(const PiecewiseConstantDecayOptions& o) {
  if (o.boundaries.empty() || o.values.size() != o.boundaries.size() + 1) {
    fail(ErrorKind::invalid_argument,
         "PiecewiseConstantDecay: expected boundaries and one value more than them, received ",
         o.boundaries.size(), " boundaries and ", o.values.size(), " values");
  }
  auto rate = [o](std::int64_t step) {
    const auto at = std::ranges::lower_bound(o.boundaries, step) - o.boundaries.begin();
    return o.values[static_cast<std::size_t>(at)];
  };
  return {rate, schedule_config("PiecewiseConstantDecay",
                                {{"boundaries", o.boundaries}, {"values", o.values}}, "PiecewiseConstant")};
}

LearningRate PolynomialDecay(const PolynomialDecayOptions& o) {
  check_steps("PolynomialDecay", "decay_steps", o.decay_steps);
  auto rate = [o](std::int64_t step) {
    double part = ratio(step, o.decay_steps);
    if (o.cycle && step > 0) {
      part /= std::ceil(part);
    } else {
      part = std::min(part, 1.0);
    }
    return (o.initial_learning_rate - o.end_learning_rate) * std::pow(1 - part, o.power) +
           o.end_learning_rate;
  };
  return {rate, schedule_config("PolynomialDecay", {{"initial_learning_rate", o.initial_learning_rate},
                                                    {"decay_steps", o.decay_steps},
                                                    {"end_learning_rate", o.end_learning_rate},
                                                    {"power", o.power},
                                                    {"cycle", o.cycle}})};
}

LearningRate CosineDecay(const CosineDecayOptions& o) {
  check_steps("CosineDecay", "decay_steps", o.decay_steps);
  auto rate = [o](std::int64_t step) {
    const std::int64_t warmup = o.warmup_target ? o.warmup_steps : 0;
    const double top = o.warmup_target.value_or(o.initial_learning_rate);
    if (step < warmup) {
      return (top - o.initial_learning_rate) * ratio(step, warmup) + o.initial_learning_rate;
    }
    const double part = std::min(ratio(step - warmup, o.decay_steps), 1.0);
    return top * ((1 - o.alpha) * half_cosine(part) + o.alpha);
  };
  Json config{{"initial_learning_rate", o.initial_learning_rate},
              {"decay_steps", o.decay_steps},
              {"alpha", o.alpha},
              {"name", "CosineDecay"},
              {"warmup_target", training::or_null(o.warmup_target)},
              {"warmup_steps", o.warmup_steps}};
  return {rate, schedule_config("CosineDecay", std::move(config))};
}

LearningRate CosineDecayRestarts(const CosineDecayRestartsOptions& o) {
  check_steps("CosineDecayRestarts", "first_decay_steps", o.first_decay_steps);
  auto rate = [o](std::int64_t step) {
    const Restart restart = find_restart(ratio(step, o.first_decay_steps), o.t_mul);
    const double cosine = std::pow(o.m_mul, restart.period) * half_cosine(restart.part);
    return o.initial_learning_rate * ((1 - o.alpha) * cosine + o.alpha);
  };
  return {rate, schedule_config("CosineDecayRestarts",
                                {{"initial_learning_rate", o.initial_learning_rate},
                                 {"first_decay_steps", o.first_decay_steps},
                                 {"t_mul", o.t_mul},
                                 {"m_mul", o.m_mul},
                                 {"alpha", o.alpha}},
                                "SGDRDecay")};
}

LearningRate OneCycle(const OneCycleOptions& o) {
  check_steps("OneCycle", "total_steps", o.total_steps);
  if (o.rise < 0 || o.rise >= 1)
    fail(ErrorKind::invalid_argument, "OneCycle: rise: expected 0 or more and below 1, received ", o.rise);
  const auto rising = static_cast<std::int64_t>(std::llround(o.rise * static_cast<double>(o.total_steps)));
  return CosineDecay({.initial_learning_rate = o.max_learning_rate / o.start_divisor,
                      .decay_steps = std::max<std::int64_t>(o.total_steps - rising, 1),
                      .alpha = 1 / o.end_divisor,
                      .warmup_target = o.max_learning_rate,
                      .warmup_steps = rising});
}

namespace {

ExponentialDecayOptions read_decay(const Settings& s) {
  return {.initial_learning_rate = s.number("initial_learning_rate", 0.1),
          .decay_steps = s.integer("decay_steps", 1000),
          .decay_rate = s.number("decay_rate", 0.9),
          .staircase = s.boolean("staircase", false)};
}

LearningRate read_piecewise(const Settings& s) {
  PiecewiseConstantDecayOptions options{.boundaries = {}, .values = s.numbers("values")};
  for (const double step : s.numbers("boundaries"))
    options.boundaries.push_back(static_cast<std::int64_t>(std::clamp(step, -9e15, 9e15)));
  return PiecewiseConstantDecay(options);
}

}  // namespace

LearningRate learning_rate_from_config(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const training::Serialised given = training::read_serialised(json, "learning_rate");
  const std::string& name = given.class_name;
  const Settings s(given.config, "schedule " + name);
  if (name == "ExponentialDecay") return ExponentialDecay(read_decay(s));
  if (name == "InverseTimeDecay") return InverseTimeDecay(read_decay(s));
  if (name == "PiecewiseConstantDecay") return read_piecewise(s);
  const double initial = s.number("initial_learning_rate", 0.1);
  if (name == "PolynomialDecay") {
    return PolynomialDecay({.initial_learning_rate = initial,
                            .decay_steps = s.integer("decay_steps", 1000),
                            .end_learning_rate = s.number("end_learning_rate", 0.0001),
                            .power = s.number("power", 1),
                            .cycle = s.boolean("cycle", false)});
  }
  if (name == "CosineDecay") {
    return CosineDecay({.initial_learning_rate = initial,
                        .decay_steps = s.integer("decay_steps", 1000),
                        .alpha = s.number("alpha", 0),
                        .warmup_target = s.optional_number("warmup_target"),
                        .warmup_steps = s.integer("warmup_steps", 0)});
  }
  if (name == "CosineDecayRestarts") {
    return CosineDecayRestarts({.initial_learning_rate = initial,
                                .first_decay_steps = s.integer("first_decay_steps", 1000),
                                .t_mul = s.number("t_mul", 2),
                                .m_mul = s.number("m_mul", 1),
                                .alpha = s.number("alpha", 0)});
  }
  fail(ErrorKind::unsupported, "learning-rate schedule '", name,
       "' is not known; known are ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, "
       "PolynomialDecay, ",
       "CosineDecay, CosineDecayRestarts");
}

}  // namespace graft
