// SPDX-License-Identifier: Apache-2.0
// Several labels a photo: scikit-learn's figures, and the temperature of the least log loss.
#include <filesystem>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

#include "golden_figures.hpp"
#include "support.hpp"
#include "transfer/measure/label_decisions.hpp"

namespace graft::transfer {
namespace {

TEST(LabelsGolden, FiguresLossAndTemperature) {
  const std::filesystem::path file = test::goldens() / "labels.json";
  if (!std::filesystem::exists(file))
    GTEST_SKIP() << file << " is not there: GRAFT_GOLDENS names older goldens";
  const Json cases = test::read_json(file);
  ASSERT_EQ(cases.size(), 3U);
  for (const Json& one : cases) {
    const Tensor logits = test::golden_table(one["logits"]), truth = test::golden_table(one["truth"]);
    test::expect_label_figures(
        several_labels_figures(sigmoid_of(logits), truth, one["thresholds"].get<std::vector<double>>()),
        one["figures"]);
    EXPECT_NEAR(several_loss(logits, truth), one["figures"]["loss"].get<double>(), 1e-6);
    const LabelDecisions decisions = decisions_of(logits, truth);
    EXPECT_NEAR(classify::fit_temperature(decisions.logits, decisions.truth),
                one["temperature"].get<double>(), 2e-5 * one["temperature"].get<double>());
  }
}

}  // namespace
}  // namespace graft::transfer
