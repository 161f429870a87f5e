// SPDX-License-Identifier: Apache-2.0
#include "cli/profile_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::cli {
namespace {

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

/// One step's figures for one run.
struct Figures {
  double ms = 0, gflop = 0, of_ceiling = 0, share = 0;
};

double sum_of_seconds(const Profile& profile) {
  double sum = 0;
  for (const plan::StepInfo& step : profile.steps) sum += step.seconds;
  return sum;
}

Figures figures_of(const plan::StepInfo& step, const Profile& profile) {
  const double seconds = step.seconds / profile.runs;
  const double all = sum_of_seconds(profile);
  return {.ms = seconds * 1e3,
          .gflop = step.operations / 1e9,
          .of_ceiling = seconds > 0 ? step.operations / seconds / profile.ceiling : 0,
          .share = all > 0 ? step.seconds / all : 0};
}

std::string line(const Figures& figures) {
  const std::string ceiling =
      figures.gflop > 0 ? formatted("%5.1f %%", figures.of_ceiling * 100) : std::string("       ");
  return formatted("%9.3f %9.4f  %s %6.1f %%", figures.ms, figures.gflop, ceiling.c_str(),
                   figures.share * 100);
}

std::string sums_by_kind(const Profile& profile) {
  std::map<std::string, plan::StepInfo> kinds;
  for (const plan::StepInfo& step : profile.steps) {
    plan::StepInfo& kind = kinds[cat(step.op, ", ", step.implementation)];
    kind.operations += step.operations;
    kind.seconds += step.seconds;
  }
  std::vector<std::pair<std::string, plan::StepInfo>> order(kinds.begin(), kinds.end());
  std::ranges::stable_sort(order, std::greater{}, [](const auto& entry) { return entry.second.seconds; });
  std::string text;
  for (const auto& [name, kind] : order) text += cat(line(figures_of(kind, profile)), "  ", name, '\n');
  return text;
}

}  // namespace

std::string profile_table(const Profile& profile, std::size_t most) {
  std::vector<const plan::StepInfo*> order;
  for (const plan::StepInfo& step : profile.steps) order.push_back(&step);
  std::ranges::stable_sort(order, std::greater{}, [](const auto* step) { return step->seconds; });
  if (most > 0 && order.size() > most) order.resize(most);
  const std::string head = "       ms     GFLOP  ceiling    share  ";
  std::string text = cat(head, "op, layer, largest argument, kernel\n");
  for (const plan::StepInfo* step : order) {
    text += cat(line(figures_of(*step, profile)), "  ", step->op, "  ", step->layer, "  ", step->shape, "  ",
                step->implementation, '\n');
  }
  if (order.size() < profile.steps.size())
    text += cat("and ", profile.steps.size() - order.size(), " more; --all lists them\n");
  text += cat('\n', head, "kind of op\n", sums_by_kind(profile), '\n');
  double operations = 0;
  for (const plan::StepInfo& step : profile.steps) operations += step.operations;
  text += formatted("%.3f ms a run (median), %.3f ms in its steps; %.3f GFLOP, %.1f %% of the ceiling\n",
                    profile.seconds * 1e3, sum_of_seconds(profile) / profile.runs * 1e3, operations / 1e9,
                    operations / profile.seconds / profile.ceiling * 100);
  text += formatted("ceiling: %.0f GFLOP/s in a product of %d x %d matrices of float32; arena: %.1f MB\n",
                    profile.ceiling / 1e9, static_cast<int>(kProductSize), static_cast<int>(kProductSize),
                    static_cast<double>(profile.arena_bytes) / 1e6);
  return text;
}

Json profile_json(const Profile& profile) {
  Json steps = Json::array();
  for (const plan::StepInfo& step : profile.steps) {
    const Figures figures = figures_of(step, profile);
    steps.push_back(
        {{"layer", step.layer},
         {"op", step.op},
         {"implementation", step.implementation},
         {"shape", std::vector<std::int64_t>(step.shape.sizes().begin(), step.shape.sizes().end())},
         {"backward", step.backward},
         {"ms", figures.ms},
         {"gflop", figures.gflop},
         {"bytes", step.bytes},
         {"of_ceiling", figures.of_ceiling},
         {"share", figures.share}});
  }
  return {{"ms", profile.seconds * 1e3},
          {"ceiling_gflops", profile.ceiling / 1e9},
          {"arena_bytes", profile.arena_bytes},
          {"steps", std::move(steps)}};
}

}  // namespace graft::cli
