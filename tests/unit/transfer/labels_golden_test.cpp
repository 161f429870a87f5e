// SPDX-License-Identifier: Apache-2.0
// Several labels a photo: scikit-learn's figures, and the temperature of the least log loss.
#include <filesystem>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

#include "support.hpp"
#include "transfer/measure/label_decisions.hpp"

namespace graft::transfer {
namespace {

Tensor golden_table(const Json& rows) {
  Tensor table({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows[0].size())});
  auto out = table.data<float>().begin();
  for (const Json& row : rows) {
    for (const Json& value : row) *out++ = value.get<float>();
  }
  return table;
}

void expect_label_figures(const SeveralLabelsFigures& found, const Json& expected) {
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

TEST(LabelsGolden, FiguresLossAndTemperature) {
  const std::filesystem::path file = test::goldens() / "labels.json";
  if (!std::filesystem::exists(file))
    GTEST_SKIP() << file << " is not there: GRAFT_GOLDENS names older goldens";
  const Json cases = test::read_json(file);
  ASSERT_EQ(cases.size(), 3U);
  for (const Json& one : cases) {
    const Tensor logits = golden_table(one["logits"]), truth = golden_table(one["truth"]);
    expect_label_figures(
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
