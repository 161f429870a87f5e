// SPDX-License-Identifier: Apache-2.0
// Arithmetic on layers' outputs: in the graph and the config as Keras 3 writes it, not in the list of layers.
#include "graft/base/json.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/operation.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

using saving::model_config;
using saving::model_from_config;
using test::expect_error;

Model with_operations() {
  clear_session();
  const SymbolicTensor input = Input({8, 8, 3});
  const SymbolicTensor gate = layers::ReLU({.max_value = 6})(input + 3.0) * (1.0 / 6.0);
  return Model(input, ((gate + input) - 1.0) / 4.0 - input);
}

TEST(Operations, AreNotListedAsLayers) {
  const Model model = with_operations();
  std::vector<std::string> listed;
  std::vector<std::string> all;
  for (const Layer& layer : model.layers()) listed.push_back(layer.name());
  for (const Layer& layer : model.functional()->operations()) all.push_back(layer.name());
  EXPECT_EQ(listed, (std::vector<std::string>{"input_layer", "re_lu"}));
  EXPECT_EQ(all, (std::vector<std::string>{"input_layer", "add", "re_lu", "multiply", "add_1", "subtract",
                                           "true_divide", "subtract_1"}));
}

TEST(Operations, AreWrittenAsKerasWritesThem) {
  const Json layers = model_config(with_operations()).at("config").at("layers");
  const Json& add = layers.at(1);
  EXPECT_EQ(add.at("module"), "keras.src.ops.numpy");
  EXPECT_EQ(add.at("class_name"), "Add");
  EXPECT_EQ(add.at("registered_name"), "Add");
  EXPECT_EQ(add.at("config"), Json({{"name", "add"}}));
  const Json& arguments = add.at("inbound_nodes").at(0).at("args");
  ASSERT_EQ(arguments.size(), 2U);
  EXPECT_EQ(arguments[0].at("class_name"), "__keras_tensor__");
  EXPECT_EQ(arguments[1], 3.0);
  const Json& sum = layers.at(4).at("inbound_nodes").at(0).at("args");
  ASSERT_EQ(sum.size(), 2U);
  EXPECT_EQ(sum[0].at("config").at("keras_history")[0], "multiply");
  EXPECT_EQ(sum[1].at("config").at("keras_history")[0], "input_layer");
}

TEST(Operations, ConfigsRoundTrip) {
  const Json config = model_config(with_operations());
  const Model again = model_from_config(config);
  EXPECT_EQ(model_config(again).dump(1), config.dump(1));
  EXPECT_EQ(again.layers().size(), 2U);
}

TEST(Operations, ANumberMayComeFirst) {
  Json config = model_config(with_operations());
  Json& arguments = config["config"]["layers"][5]["inbound_nodes"][0]["args"];
  std::swap(arguments[0], arguments[1]);  // 1 - x
  const Model again = model_from_config(config);
  const auto* subtract = layers::as_operation(again.functional()->operations().at(5).base().get());
  ASSERT_NE(subtract, nullptr);
  EXPECT_EQ((*subtract->operation_call().arguments)[0], 1.0);
  EXPECT_EQ(model_config(again).dump(1), config.dump(1));
}

TEST(Operations, UnsupportedOnesAreRefusedByName) {
  const Json config = model_config(with_operations());
  Json other = config;
  other["config"]["layers"][1]["class_name"] = "Arctan2";
  expect_error([&] { (void)model_from_config(other); }, ErrorKind::unsupported, {"add", "Arctan2"});
  Json zero = config;
  zero["config"]["layers"][6]["inbound_nodes"][0]["args"][1] = 0;
  expect_error([&] { (void)model_from_config(zero); }, ErrorKind::invalid_argument, {"true_divide", "0"});
  Json twice = config;
  Json& nodes = twice["config"]["layers"][1]["inbound_nodes"];
  nodes.push_back(nodes[0]);
  nodes[1]["args"][1] = 4.0;
  expect_error([&] { (void)model_from_config(twice); }, ErrorKind::unsupported, {"more than once"});
  EXPECT_THROW((void)(Input({4, 4, 3}) + Input({4, 4, 2})), Error);
}

}  // namespace
}  // namespace graft
