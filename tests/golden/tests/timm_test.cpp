// SPDX-License-Identifier: Apache-2.0
// Every file in timm/ of the goldens: the state_dict's names and shapes find their weights, and the network,
// in the definition found from the tensors' names and the model's name, computes timm's logits.
#include <iostream>

#include "graft/plan/plan.hpp"

#include "golden_files.hpp"
#include "torch_golden.hpp"

namespace graft::plan {
namespace {

class TimmGolden : public test::TorchGolden {};

TEST_P(TimmGolden, HasAllNames) { expect_all_names(); }

TEST_P(TimmGolden, ComputesWhatTimmComputes) {
  fill();
  Plan plan = Plan::lower(model_, {});
  plan.forward(input());
  const double worst = test::expect_first_values(plan.output().data(), golden_.at("output"), test::kUsual);
  std::cout << "  largest difference, of the largest logit: " << worst << "\n";
}

std::string name_of(const testing::TestParamInfo<std::filesystem::path>& info) {
  return test::test_name(info.param);
}
INSTANTIATE_TEST_SUITE_P(Timm, TimmGolden, testing::ValuesIn(test::golden_files("timm")), name_of);
// The folder is graft's own: a set of goldens made elsewhere need not have it.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TimmGolden);

}  // namespace
}  // namespace graft::plan
