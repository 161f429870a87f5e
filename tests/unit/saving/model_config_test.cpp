// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

using saving::model_config;
using saving::model_from_config;
using test::expect_error;

std::vector<std::string> names(const Model& model) {
  std::vector<std::string> result;
  for (const Layer& layer : model.layers()) result.push_back(layer.name());
  return result;
}

TEST(ModelConfig, RoundTripIsTheSameConfig) {
  for (const Model& model : {test::small_base(), test::small_transfer()}) {
    const Json config = model_config(model);
    const Model again = model_from_config(config);
    EXPECT_EQ(model_config(again).dump(1), config.dump(1));
    EXPECT_EQ(names(again), names(model));
  }
}

TEST(ModelConfig, NestedModelsKeepTheirCallOptionsAndFlags) {
  const Model again = model_from_config(model_config(test::small_transfer()));
  const Layer base = again.get_layer("base");
  EXPECT_EQ(base.class_name(), "Functional");
  EXPECT_FALSE(base.trainable());
  EXPECT_EQ(base.base()->nodes().at(0).options.training, std::optional(false));
  EXPECT_EQ(again.get_layer("flip").base()->nodes().at(0).options.training, std::nullopt);
  EXPECT_EQ(count_params(again.trainable_weights()), 8 * 3 + 3);
}

TEST(ModelConfig, ATrainableModelKeepsItsFrozenLayers) {
  const Model model = test::small_base();
  model.get_layer("conv").set_trainable(false);
  const Model again = model_from_config(model_config(model));
  EXPECT_TRUE(again.trainable());
  EXPECT_FALSE(again.get_layer("conv").trainable());
  EXPECT_TRUE(again.get_layer("bn").trainable());
}

TEST(ModelConfig, SharedLayersAndSeveralEndsRoundTrip) {
  const SymbolicTensor a = Input({4}, "a");
  const SymbolicTensor b = Input({4}, "b");
  const Layer dense = layers::Dense({.units = 5, .name = "shared"});
  const SymbolicTensor x = dense(a);
  const Model inner(a, layers::Activation("relu", "act")(x), "inner");  // the same layer in another model
  const SymbolicTensor y = dense(b);
  const SymbolicTensor z = layers::Concatenate({.name = "cat"})(std::vector{y, x, inner(b)});
  const Model model({a, b}, {z, y, inner(a)}, "ends");
  const Json config = model_config(model);
  EXPECT_EQ(config["config"]["input_layers"], Json::parse(R"([["a",0,0],["b",0,0]])"));
  // Keras counts the calls of a nested Functional model from 1 among a model's outputs, and only there.
  EXPECT_EQ(config["config"]["output_layers"], Json::parse(R"([["cat",0,0],["shared",1,0],["inner",2,0]])"));
  const Model again = model_from_config(config);
  EXPECT_EQ(model_config(again).dump(1), config.dump(1));
  EXPECT_EQ(again.outputs()[0].shape, (Shape{-1, 15}));
}

TEST(ModelConfig, SequentialWithAndWithoutInputLayer) {
  const Model model = Sequential({layers::InputLayer({.shape = {8, 8, 1}, .name = "in"}),
                                  layers::Flatten({.name = "f"}), layers::Dense({.units = 2, .name = "d"})},
                                 "row");
  Json config = model_config(model);
  EXPECT_EQ(config["class_name"], "Sequential");
  EXPECT_EQ(model_config(model_from_config(config)), config);
  config["config"]["layers"].erase(0);
  EXPECT_EQ(model_from_config(config).get_layer("d").weights()[0]->shape(), (Shape{64, 2}));
  config["config"].erase("build_input_shape");
  config.erase("build_config");
  expect_error([&] { (void)model_from_config(config); }, ErrorKind::unsupported, {"row", "Input"});
  config["config"]["layers"][0]["config"]["batch_input_shape"] = Json::parse("[null, 8, 8, 1]");  // Keras 2
  EXPECT_EQ(model_from_config(config).get_layer("d").weights()[0]->shape(), (Shape{64, 2}));
}

TEST(ModelConfig, ReadsKeras2Nodes) {
  const Json config = Json::parse(R"({"class_name": "Functional", "config": {"name": "k2", "layers": [
    {"class_name": "InputLayer", "name": "in", "inbound_nodes": [],
     "config": {"batch_input_shape": [null, 4], "name": "in"}},
    {"class_name": "Functional", "name": "nest", "inbound_nodes": [[["in", 0, 0, {"training": false}]]],
     "config": {"name": "nest", "trainable": false, "layers": [
       {"class_name": "InputLayer", "name": "i", "inbound_nodes": [],
        "config": {"batch_input_shape": [null, 4], "name": "i"}},
       {"class_name": "Dense", "name": "d", "inbound_nodes": [[["i", 0, 0, {}]]],
        "config": {"name": "d", "trainable": false, "units": 3}}],
       "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]]}},
    {"class_name": "Add", "name": "add", "config": {"name": "add"},
     "inbound_nodes": [[["nest", 1, 0, {}], ["nest", 1, 0, {}]]]}],
    "input_layers": [["in", 0, 0]], "output_layers": [["add", 0, 0]]}})");
  const Model model = model_from_config(config);
  EXPECT_EQ(model.output_shape(), (Shape{-1, 3}));
  EXPECT_EQ(model.get_layer("nest").base()->nodes().at(0).options.training, std::optional(false));
}

TEST(ModelConfig, ListOrderHolds) {
  Json config = model_config(test::small_base());
  std::vector<std::string> expected;
  Json reversed = Json::array();
  for (auto entry = config["config"]["layers"].rbegin(); entry != config["config"]["layers"].rend();
       ++entry) {
    reversed.push_back(*entry);
    expected.push_back((*entry)["name"]);
  }
  config["config"]["layers"] = reversed;
  EXPECT_EQ(names(model_from_config(config)), expected);
}

TEST(ModelConfig, UnknownLayersAreNamedWithTheirPlace) {
  Json config = model_config(test::small_transfer());
  for (Json& entry : config["config"]["layers"]) {
    if (entry["name"] != "base") continue;
    for (Json& inner : entry["config"]["layers"]) {
      if (inner["name"] == "relu") inner["class_name"] = "Wobble";
    }
  }
  expect_error([&] { (void)model_from_config(config); }, ErrorKind::unsupported,
               {"'transfer'", "'base'", "'relu'", "Wobble"});
  Json custom = model_config(test::small_base());
  custom["config"]["layers"][1]["registered_name"] = "Mine>Rescaling";
  expect_error([&] { (void)model_from_config(custom); }, ErrorKind::unsupported, {"Mine>Rescaling"});
  custom["class_name"] = "MyModel";
  expect_error([&] { (void)model_from_config(custom); }, ErrorKind::unsupported, {"MyModel"});
}

TEST(ModelConfig, ACutModelCannotBeStored) {
  const Model base = test::small_base();
  const Model tail(base.get_layer("bn").output(), base.get_layer("relu").output(), "tail");
  expect_error([&] { (void)model_config(tail); }, ErrorKind::unsupported, {"'tail'", "'bn'"});
}

}  // namespace
}  // namespace graft
