// SPDX-License-Identifier: Apache-2.0
#include "transfer/numbers/numbers_head.hpp"

#include <array>
#include <memory>

#include "transfer/heads/ridge.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kNumberStrengths = {10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001};

}  // namespace

double numbers_loss(const Tensor& answers, const Tensor& truth, const Tensor& train_truth) {
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  double sum = 0;
  for (std::size_t k = 0; k < width; ++k) {
    const auto of_column = [&](const Tensor& values, auto&& each) {
      for (std::size_t at = k; at < values.data<float>().size(); at += width) each(at);
    };
    double squares = 0, mean = 0, variance = 0;
    of_column(truth, [&](std::size_t at) {
      const double error =
          static_cast<double>(answers.data<float>()[at]) - static_cast<double>(truth.data<float>()[at]);
      squares += error * error;
    });
    const auto count = static_cast<double>(train_truth.shape()[0]);
    of_column(train_truth,
              [&](std::size_t at) { mean += static_cast<double>(train_truth.data<float>()[at]) / count; });
    of_column(train_truth, [&](std::size_t at) {
      const double distance = static_cast<double>(train_truth.data<float>()[at]) - mean;
      variance += distance * distance / count;
    });
    sum += squares / static_cast<double>(truth.shape()[0]) / (variance > 0 ? variance : 1);
  }
  return sum / static_cast<double>(width);
}

HeadMethod numbers_method(const FrozenData& data) {
  return {.strengths = kNumberStrengths,
          .prepare = [](const FrozenRows& rows) -> SolveHead {
            const auto solver = std::make_shared<RidgeSolver>(rows.features, rows.truth, rows.weights);
            return [solver](double strength) { return solver->solve(strength * solver->unit()); };
          },
          .loss = [truth = data.train_truth](
                      const Tensor& answers,
                      const Tensor& of_them) { return numbers_loss(answers, of_them, truth); }};
}

RidgeHead solve_numbers_on_all(const FrozenData& data, double strength) {
  const FrozenRows rows = all_rows(data);
  const RidgeSolver solver(rows.features, rows.truth, rows.weights);
  return {.head = solver.solve(strength * solver.unit()), .alpha = strength * solver.unit()};
}

}  // namespace graft::transfer
