// SPDX-License-Identifier: Apache-2.0
// Tables of golden files, and scikit-learn's figures of several labels in them.
#pragma once

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"
#include "graft/tensor.hpp"

namespace graft::test {

/// Rows of numbers: float32 (N, K).
inline Tensor golden_table(const Json& rows) {
  Tensor table({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows[0].size())});
  auto out = table.data<float>().begin();
  for (const Json& row : rows) {
    for (const Json& value : row) *out++ = value.get<float>();
  }
  return table;
}

/// expected: of figures() in tests/golden/data/make/sklearn_labels.py.
inline void expect_label_figures(const SeveralLabelsFigures& found, const Json& expected) {
  constexpr double kExact = 1e-9;
  EXPECT_NEAR(found.mean_average_precision, expected["mean_average_precision"].get<double>(), kExact);
  EXPECT_NEAR(found.f1_micro, expected["f1_micro"].get<double>(), kExact);
  EXPECT_NEAR(found.f1_macro, expected["f1_macro"].get<double>(), kExact);
  EXPECT_NEAR(found.exact_match, expected["exact_match"].get<double>(), kExact);
  EXPECT_NEAR(found.hamming_loss, expected["hamming_loss"].get<double>(), kExact);
  for (std::size_t k = 0; k < found.classes.size(); ++k) {
    const LabelFigures& one = found.classes[k];
    EXPECT_NEAR(one.average_precision, expected["average_precision"][k].get<double>(), kExact) << k;
    EXPECT_NEAR(one.precision, expected["precision"][k].get<double>(), kExact) << k;
    EXPECT_NEAR(one.recall, expected["recall"][k].get<double>(), kExact) << k;
    EXPECT_NEAR(one.f1, expected["f1"][k].get<double>(), kExact) << k;
    EXPECT_EQ(one.photos, expected["photos"][k].get<std::size_t>()) << k;
  }
}

}  // namespace graft::test
