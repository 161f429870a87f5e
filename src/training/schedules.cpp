// SPDX-License-Identifier: Apache-2.0
#include "graft/training/schedules.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/training/configs.hpp"

#include "training/serialised.hpp"

namespace graft {
namespace {

constexpr auto kDecayFields = fields<ExponentialDecayOptions>(
    field<&ExponentialDecayOptions::initial_learning_rate>("initial_learning_rate"),
    field<&ExponentialDecayOptions::decay_steps>("decay_steps"),
    field<&ExponentialDecayOptions::decay_rate>("decay_rate"),
    field<&ExponentialDecayOptions::staircase>("staircase"));

/// Keras accepts any numbers.
struct BoundariesCodec : Codec<std::vector<std::int64_t>> {
  static void read(const ConfigReader& reader, const char* key, std::vector<std::int64_t>& value) {
    for (const double step : reader.numbers(key))
      value.push_back(static_cast<std::int64_t>(std::clamp(step, -9e15, 9e15)));
  }
};
constexpr auto kPiecewiseFields = fields<PiecewiseConstantDecayOptions>(
    field<&PiecewiseConstantDecayOptions::boundaries, BoundariesCodec>("boundaries"),
    field<&PiecewiseConstantDecayOptions::values>("values"));

constexpr auto kPolynomialFields = fields<PolynomialDecayOptions>(
    field<&PolynomialDecayOptions::initial_learning_rate>("initial_learning_rate"),
    field<&PolynomialDecayOptions::decay_steps>("decay_steps"),
    field<&PolynomialDecayOptions::end_learning_rate>("end_learning_rate"),
    field<&PolynomialDecayOptions::power>("power"), field<&PolynomialDecayOptions::cycle>("cycle"));

constexpr auto kCosineFields = fields<CosineDecayOptions>(
    field<&CosineDecayOptions::initial_learning_rate>("initial_learning_rate"),
    field<&CosineDecayOptions::decay_steps>("decay_steps"), field<&CosineDecayOptions::alpha>("alpha"),
    fixed_field<CosineDecayOptions>("name", [](const void*) { return Json("CosineDecay"); }),
    field<&CosineDecayOptions::warmup_target>("warmup_target"),
    field<&CosineDecayOptions::warmup_steps>("warmup_steps"));

constexpr auto kRestartsFields = fields<CosineDecayRestartsOptions>(
    field<&CosineDecayRestartsOptions::initial_learning_rate>("initial_learning_rate"),
    field<&CosineDecayRestartsOptions::first_decay_steps>("first_decay_steps"),
    field<&CosineDecayRestartsOptions::t_mul>("t_mul"), field<&CosineDecayRestartsOptions::m_mul>("m_mul"),
    field<&CosineDecayRestartsOptions::alpha>("alpha"));

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

double half_cosine(double part) { return 0.5 * (1 + std::cos(std::numbers::pi * part)); }

/// The period of restarts that a step is in, and the part of it that is done. In float32, as in Keras: at a
/// boundary the logarithms' rounding decides.
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
  return {rate, schedule_config("ExponentialDecay", write_options(kDecayFields, o))};
}

LearningRate InverseTimeDecay(const ExponentialDecayOptions& o) {
  check_steps("InverseTimeDecay", "decay_steps", o.decay_steps);
  auto rate = [o](std::int64_t step) {
    const double part = ratio(step, o.decay_steps);
    return o.initial_learning_rate / (1 + o.decay_rate * (o.staircase ? std::floor(part) : part));
  };
  return {rate, schedule_config("InverseTimeDecay", write_options(kDecayFields, o))};
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
  return {rate,
          schedule_config("PiecewiseConstantDecay", write_options(kPiecewiseFields, o), "PiecewiseConstant")};
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
  return {rate, schedule_config("PolynomialDecay", write_options(kPolynomialFields, o))};
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
  return {rate, schedule_config("CosineDecay", write_options(kCosineFields, o))};
}

LearningRate CosineDecayRestarts(const CosineDecayRestartsOptions& o) {
  check_steps("CosineDecayRestarts", "first_decay_steps", o.first_decay_steps);
  auto rate = [o](std::int64_t step) {
    const Restart restart = find_restart(ratio(step, o.first_decay_steps), o.t_mul);
    const double cosine = std::pow(o.m_mul, restart.period) * half_cosine(restart.part);
    return o.initial_learning_rate * ((1 - o.alpha) * cosine + o.alpha);
  };
  return {rate, schedule_config("CosineDecayRestarts", write_options(kRestartsFields, o), "SGDRDecay")};
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

using training::read_object;

struct ScheduleEntry {
  const char* class_name;
  LearningRate (*make)(const ConfigReader& reader);
};

constexpr ScheduleEntry kSchedules[] = {
    {"ExponentialDecay", read_object<ExponentialDecay, kDecayFields>},
    {"InverseTimeDecay", read_object<InverseTimeDecay, kDecayFields>},
    {"PiecewiseConstantDecay", read_object<PiecewiseConstantDecay, kPiecewiseFields>},
    {"PolynomialDecay", read_object<PolynomialDecay, kPolynomialFields>},
    {"CosineDecay", read_object<CosineDecay, kCosineFields>},
    {"CosineDecayRestarts", read_object<CosineDecayRestarts, kRestartsFields>},
};

}  // namespace

LearningRate learning_rate_from_config(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const training::Serialised given = training::read_serialised(json, "learning_rate");
  const ConfigReader reader(given.config, "schedule " + given.class_name);
  for (const ScheduleEntry& entry : kSchedules) {
    if (given.class_name == entry.class_name) return entry.make(reader);
  }
  fail(ErrorKind::unsupported, "learning-rate schedule '", given.class_name, "' is not known; known are ",
       comma_list(kSchedules, &ScheduleEntry::class_name));
}

}  // namespace graft
