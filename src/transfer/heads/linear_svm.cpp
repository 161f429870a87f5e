// SPDX-License-Identifier: Apache-2.0
#include "transfer/heads/linear_svm.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>

#include <linear.h>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"

namespace graft::transfer {
namespace {

/// The rows in liblinear's form. The last feature is the constant 1 of the bias.
class Rows {
 public:
  explicit Rows(const Tensor& features)
      : dimensions_(static_cast<std::size_t>(features.shape()[1])),
        nodes_(checked(features)),
        starts_(static_cast<std::size_t>(features.shape()[0])) {
    const std::span<const float> values = features.data<float>();
    const std::size_t width = dimensions_ + 2;
    for (std::size_t row = 0; row < starts_.size(); ++row) {
      feature_node* at = nodes_.data() + row * width;
      starts_[row] = at;
      for (std::size_t d = 0; d < dimensions_; ++d)
        at[d] = {static_cast<int>(d + 1), static_cast<double>(values[row * dimensions_ + d])};
      at[dimensions_] = {static_cast<int>(dimensions_ + 1), 1.0};
      at[dimensions_ + 1] = {-1, 0.0};
    }
  }

  /// y: +1 or -1 for each row.
  [[nodiscard]] problem with(std::vector<double>& y) {
    return {.l = static_cast<int>(starts_.size()),
            .n = static_cast<int>(dimensions_ + 1),
            .y = y.data(),
            .x = starts_.data(),
            .bias = 1.0};
  }

 private:
  static std::size_t checked(const Tensor& features) {
    const auto count = static_cast<std::size_t>(features.count() + 2 * features.shape()[0]);
    if (count > kMostSolverNumbers) {
      fail(ErrorKind::resource_limit, "linear SVM: ", features.shape(),
           " features need more memory than is sensible; use the head logistic, or fewer photos");
    }
    return count;
  }

  std::size_t dimensions_;
  std::vector<feature_node> nodes_;
  std::vector<feature_node*> starts_;
};

struct FreeModel {
  void operator()(model* trained) const { free_and_destroy_model(&trained); }
};

/// The dual solver visits rows in an order from rand(). While this lives, rand() returns a fixed sequence,
/// the same each time; then the program's own sequence continues. One at a time.
class OwnRandomNumbers {
 public:
  OwnRandomNumbers() : lock_(mutex()), before_(initstate(1, state_.data(), state_.size())) {}
  ~OwnRandomNumbers() { setstate(before_); }
  OwnRandomNumbers(const OwnRandomNumbers&) = delete;
  OwnRandomNumbers& operator=(const OwnRandomNumbers&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
  alignas(8) std::array<char, 256> state_{};
  char* before_;
};

struct Machine {
  int solver = L2R_L2LOSS_SVC;
  double c = 1;
  double tolerance = 1e-4;
  std::array<double, 2> weights{1, 1};  ///< of +1 and of -1
};

/// The weights and the bias of one machine; y: +1 where the row is of its class.
std::vector<double> solve_one(Rows& rows, std::vector<double> y, Machine machine) {
  std::array<int, 2> signs{1, -1};
  const parameter options{.solver_type = machine.solver,
                          .eps = machine.tolerance,
                          .C = machine.c,
                          .nr_weight = 2,
                          .weight_label = signs.data(),
                          .weight = machine.weights.data(),
                          .p = 0.1,
                          .init_sol = nullptr};
  const problem all = rows.with(y);
  const std::unique_ptr<model, FreeModel> trained(::train(&all, &options));
  // The first row's class is the one whose decision value is positive.
  const double sign = trained->label[0] == 1 ? 1.0 : -1.0;
  std::vector<double> weights(trained->w, trained->w + all.n);
  for (double& weight : weights) weight *= sign;
  return weights;
}

}  // namespace

LinearHead solve_linear_svm(const LabelledRows& given, double c, double tolerance) {
  set_print_string_function(print_nothing);
  // As scikit-learn chooses: with fewer rows than features the dual is the smaller problem.
  const bool dual = given.features.shape()[0] < given.features.shape()[1];
  Rows rows(given.features);
  const std::size_t classes = given.weights.size();
  const auto dimensions = static_cast<std::size_t>(given.features.shape()[1]);
  LinearHead head{Tensor(Shape{given.features.shape()[1], static_cast<std::int64_t>(classes)}),
                  Tensor(Shape{static_cast<std::int64_t>(classes)})};
  const auto solve = [&](std::size_t k) {
    std::vector<double> y;
    for (const int label : given.labels) y.push_back(static_cast<std::size_t>(label) == k ? 1.0 : -1.0);
    const double rest = classes == 2 ? given.weights[1 - k] : 1.0;
    const std::vector<double> w = solve_one(rows, std::move(y),
                                            {.solver = dual ? L2R_L2LOSS_SVC_DUAL : L2R_L2LOSS_SVC,
                                             .c = c,
                                             .tolerance = tolerance,
                                             .weights = {given.weights[k], rest}});
    for (std::size_t d = 0; d < dimensions; ++d)
      head.kernel.data<float>()[d * classes + k] = static_cast<float>(w[d]);
    head.bias.data<float>()[k] = static_cast<float>(w[dimensions]);
  };
  std::optional<OwnRandomNumbers> random;
  if (dual) random.emplace();
  if (classes == 2) {
    solve(1);
    for (std::size_t d = 0; d < dimensions; ++d)
      head.kernel.data<float>()[2 * d] = -head.kernel.data<float>()[2 * d + 1];
    head.bias.data<float>()[0] = -head.bias.data<float>()[1];
  } else if (dual) {
    for (std::size_t k = 0; k < classes; ++k) solve(k);
  } else {
    parallel_for(classes, 1, [&](std::size_t first, std::size_t last) {
      for (std::size_t k = first; k < last; ++k) solve(k);
    });
  }
  return head;
}

LinearHead solve_label_svms(const RowsOfLabels& given, double c, double tolerance) {
  set_print_string_function(print_nothing);
  const bool dual = given.features.shape()[0] < given.features.shape()[1];
  Rows rows(given.features);
  const auto labels = static_cast<std::size_t>(given.truth.shape()[1]);
  const auto dimensions = static_cast<std::size_t>(given.features.shape()[1]);
  LinearHead head{Tensor(Shape{given.features.shape()[1], given.truth.shape()[1]}),
                  Tensor(Shape{given.truth.shape()[1]})};
  const auto solve = [&](std::size_t k) {
    std::vector<double> y;
    for (std::size_t at = k; at < given.truth.data<float>().size(); at += labels)
      y.push_back(given.truth.data<float>()[at] == 1 ? 1.0 : -1.0);
    const auto having = static_cast<std::size_t>(std::ranges::count(y, 1.0));
    if (having == 0 || having == y.size()) {  // liblinear needs rows of both kinds
      head.bias.data<float>()[k] = having == 0 ? -1.0F : 1.0F;
      return;
    }
    const double weight = given.positive_weights.empty() ? 1.0 : given.positive_weights[k];
    std::optional<OwnRandomNumbers> random;  // its own for each label: what others there are does not matter
    if (dual) random.emplace();
    const std::vector<double> w = solve_one(rows, std::move(y),
                                            {.solver = dual ? L2R_L2LOSS_SVC_DUAL : L2R_L2LOSS_SVC,
                                             .c = c,
                                             .tolerance = tolerance,
                                             .weights = {weight, 1.0}});
    for (std::size_t d = 0; d < dimensions; ++d)
      head.kernel.data<float>()[d * labels + k] = static_cast<float>(w[d]);
    head.bias.data<float>()[k] = static_cast<float>(w[dimensions]);
  };
  if (dual) {
    for (std::size_t k = 0; k < labels; ++k) solve(k);
  } else {
    parallel_for(labels, 1, [&](std::size_t first, std::size_t last) {
      for (std::size_t k = first; k < last; ++k) solve(k);
    });
  }
  return head;
}

}  // namespace graft::transfer
