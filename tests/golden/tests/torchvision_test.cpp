// SPDX-License-Identifier: Apache-2.0
// Every file in torchvision/ of the goldens: the state_dict's names and shapes find their weights, and
// modules and output compute what PyTorch computes. The files are found when the program runs, so a model
// that graft does not know is a failure that names it.
#include <cmath>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/plan/plan.hpp"

#include "golden_files.hpp"
#include "torch_golden.hpp"

namespace graft::plan {
namespace {

using applications::TorchWeight;

std::string module_of(const std::string& torch_name) { return torch_name.substr(0, torch_name.rfind('.')); }

std::string layer_of(const VariablePtr& variable) {
  return variable->path().substr(0, variable->path().rfind('/'));
}

class TorchvisionGolden : public test::TorchGolden {};
using TorchvisionNames = TorchvisionGolden;
using TorchvisionModules = TorchvisionGolden;

TEST_P(TorchvisionNames, AreThoseOfTheStateDict) { expect_all_names(); }

/// (1, H, W, C) in the order (1, C, H, W).
std::vector<float> channels_first(const Tensor& output) {
  const std::span<const float> in = output.data();
  const auto channels = static_cast<std::size_t>(output.shape()[-1]);
  const std::size_t area = in.size() / channels;
  std::vector<float> result(in.size());
  for (std::size_t i = 0; i < area; ++i) {
    for (std::size_t c = 0; c < channels; ++c) result[c * area + i] = in[i * channels + c];
  }
  return result;
}

/// The output in the order of the module's: (C, H, W), but for the modules of ConvNeXt that work on (H, W,
/// C).
std::vector<float> in_pytorchs_order(const Tensor& output, const Json& module) {
  const std::vector<std::int64_t> sizes = output.shape().without_batch().sizes();
  const bool same = module.at("out").get<std::vector<std::int64_t>>() == sizes;
  if (!same || sizes.front() == sizes.back()) return channels_first(output);
  return {output.data().begin(), output.data().end()};
}

/// Which entry of the golden's modules each layer is to be compared with. A layer is named after its module,
/// or has weights that are; one that holds its activation gives what the next module gives.
std::map<std::string, std::size_t> entries_of_layers(const Model& model, const Json& modules,
                                                     const std::vector<TorchWeight>& weights) {
  std::map<std::string, std::size_t> entry_of_module;
  std::map<std::string, std::size_t> result;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    std::string name = modules[i].at("name").get<std::string>();
    entry_of_module.emplace(name, i);  // of several calls the first
    std::ranges::replace(name, '.', '_');
    result.emplace(name, i);
  }
  for (const TorchWeight& weight : weights) {
    if (weight.torch_name.ends_with("layer_scale")) continue;  // a block's own tensor, no module
    const auto found = entry_of_module.find(module_of(weight.torch_name));
    if (found == entry_of_module.end()) {
      ADD_FAILURE() << "no module " << module_of(weight.torch_name) << " in the golden";
      continue;
    }
    const std::string layer = layer_of(weight.variable);
    const bool listed =
        std::ranges::any_of(model.layers(), [&](const Layer& each) { return each.name() == layer; });
    if (!listed) continue;  // within a nested model
    const bool activated = model.get_layer(layer).config().value("activation", "linear") != "linear";
    result[layer] = found->second + (activated ? 1 : 0);
  }
  return result;
}

/// The entry with the deviation as the other goldens have it: PyTorch's divides by n - 1.
Json with_population_deviation(Json entry, std::size_t count) {
  const auto n = static_cast<double>(count);
  entry["std"] = entry.at("std").get<double>() * std::sqrt((n - 1) / n);
  return entry;
}

TEST_P(TorchvisionModules, ComputeWhatPyTorchComputes) {
  fill();
  const Json& modules = golden_.at("modules");
  const auto entries = entries_of_layers(model_, modules, weights_);
  const Tensor image = input();
  PlanOptions options;
  std::vector<std::string> names;
  for (const Layer& layer : model_.layers()) {
    // A Dropout passes on what a layer before it gave, after a Flatten in Keras's order.
    if (!entries.contains(layer.name()) || layer.class_name() == "Dropout") continue;
    options.outputs.push_back(layer.output());
    names.push_back(layer.name());
  }
  ASSERT_FALSE(names.empty());
  double worst = 0;
  {
    Plan plan = Plan::lower(model_, options);
    plan.forward(image);
    for (std::size_t i = 0; i < names.size() && !HasFailure(); ++i) {
      SCOPED_TRACE(names[i]);
      const Json& module = modules[entries.at(names[i])];
      const std::vector<float> values = in_pytorchs_order(plan.output(i), module);
      const Json expected = with_population_deviation(module, values.size());
      worst = std::max(worst, test::expect_values(values, expected, test::kUsual));
    }
  }
  Plan plan = Plan::lower(model_, {});
  plan.forward(image);
  SCOPED_TRACE("the whole output, with all fusions");
  const double fused = test::expect_first_values(plan.output().data(), golden_.at("output"), test::kUsual);
  std::cout << "  " << names.size() << " modules compared; largest difference, of the module's largest "
            << "magnitude: " << worst << ", output with fusions " << fused << "\n";
}

std::string name_of(const testing::TestParamInfo<std::filesystem::path>& info) {
  return test::test_name(info.param);
}
INSTANTIATE_TEST_SUITE_P(Torchvision, TorchvisionNames, testing::ValuesIn(test::golden_files("torchvision")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Torchvision, TorchvisionModules,
                         testing::ValuesIn(test::golden_files("torchvision")), name_of);

TEST(TorchvisionFiles, AreThere) {
  EXPECT_FALSE(test::golden_files("torchvision").empty())
      << "no file *.json.gz in " << test::goldens() / "torchvision";
}

}  // namespace
}  // namespace graft::plan
