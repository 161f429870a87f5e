// SPDX-License-Identifier: Apache-2.0
// Configs that no well-meaning program writes: each ends in an Error.
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

using saving::model_config;
using saving::model_from_config;
using test::expect_error;

Json& layer_of(Json& config, const std::string& name) {
  for (Json& entry : config["config"]["layers"]) {
    if (entry["name"] == name) return entry;
  }
  throw std::runtime_error("no layer " + name);
}

Json& history_of(Json& config, const std::string& name) {
  return layer_of(config, name)["inbound_nodes"][0]["args"][0]["config"]["keras_history"];
}

TEST(HostileConfig, CyclesAndUnknownReferences) {
  const Json good = model_config(test::small_base());
  Json cycle = good;
  history_of(cycle, "conv")[0] = "relu";
  expect_error([&] { (void)model_from_config(cycle); }, ErrorKind::bad_file, {"cycle"});
  Json itself = good;
  history_of(itself, "conv")[0] = "conv";
  expect_error([&] { (void)model_from_config(itself); }, ErrorKind::bad_file, {"cycle"});
  for (const auto& [position, value] : std::map<int, Json>{{0, "nobody"}, {1, 7}, {1, -1}, {2, 3}, {2, -1}}) {
    Json broken = good;
    history_of(broken, "bn")[static_cast<std::size_t>(position)] = value;
    expect_error([&] { (void)model_from_config(broken); }, ErrorKind::bad_file, {"'base'"});
  }
}

TEST(HostileConfig, PartsMissingOrOfAnotherKind) {
  const Json good = model_config(test::small_base());
  EXPECT_THROW((void)model_from_config(Json()), Error);
  EXPECT_THROW((void)model_from_config(Json::array({1, 2})), Error);
  const Json flat = good.flatten();
  // Every value in turn replaced by others: Error or a model, nothing else.
  int errors = 0;
  for (const auto& [pointer, value] : flat.items()) {
    for (const Json& other : {Json(nullptr), Json(-3), Json(1e300), Json("x"), Json::array(), Json::object(),
                              Json::array({Json::array({1})})}) {
      Json changed = good;
      changed[Json::json_pointer(pointer)] = other;
      try {
        (void)model_from_config(changed);
      } catch (const Error&) {
        ++errors;
      }
    }
  }
  EXPECT_GT(errors, 100);
  for (const char* key : {"layers", "input_layers", "output_layers"}) {
    Json broken = good;
    broken["config"].erase(key);
    expect_error([&] { (void)model_from_config(broken); }, ErrorKind::bad_file, {key});
  }
}

TEST(HostileConfig, TwoLayersOfOneName) {
  Json config = model_config(test::small_base());
  layer_of(config, "bn")["name"] = "conv";
  expect_error([&] { (void)model_from_config(config); }, ErrorKind::bad_file, {"'conv'"});
}

Json nested_in(const Json& inner, const std::string& name, int calls) {
  Json entry = inner;
  entry["name"] = inner["config"]["name"];
  entry["inbound_nodes"] = Json::array();
  const auto call = [](const std::string& layer, int node) {
    return Json{{"args", Json::array({{{"class_name", "__keras_tensor__"},
                                       {"config", {{"keras_history", Json::array({layer, node, 0})}}}}})},
                {"kwargs", Json::object()}};
  };
  for (int i = 0; i < calls; ++i) entry["inbound_nodes"].push_back(call("in", 0));
  const Json input{{"class_name", "InputLayer"},
                   {"name", "in"},
                   {"config", {{"name", "in"}, {"batch_shape", Json::array({nullptr, 4})}}},
                   {"inbound_nodes", Json::array()}};
  return {{"class_name", "Functional"},
          {"config",
           {{"name", name},
            {"layers", Json::array({input, entry})},
            {"input_layers", Json::array({"in", 0, 0})},
            {"output_layers", Json::array({entry["name"], calls, 0})}}}};
}

Json nest(int levels, int calls) {
  const SymbolicTensor input = Input({4}, "in");
  Json model = model_config(Model(input, layers::Activation("relu", "act")(input), "m0"));
  for (int i = 1; i <= levels; ++i) model = nested_in(model, cat("m", i), calls);
  return model;
}

TEST(HostileConfig, NestingIsBounded) {
  EXPECT_EQ(model_from_config(nest(20, 1)).output_shape(), (Shape{-1, 4}));
  EXPECT_EQ(model_from_config(nest(3, 10)).output_shape(), (Shape{-1, 4}));
  expect_error([] { (void)model_from_config(nest(60, 1)); }, ErrorKind::resource_limit, {"nest"});
  expect_error([] { (void)model_from_config(nest(25, 10)); }, ErrorKind::resource_limit, {"calls"});
  Json deep = Json::array();
  for (int i = 0; i < 5000; ++i) {
    Json outer = Json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  Json config = model_config(test::small_base());
  config["config"]["extra"] = deep;
  expect_error([&] { (void)model_from_config(config); }, ErrorKind::resource_limit, {"levels"});
}

TEST(HostileConfig, LongChainsInReverseOrderAreQuick) {
  Json layers = Json::array();
  const int count = 5000;
  for (int i = count; i > 0; --i) {
    layers.push_back({{"class_name", "Activation"},
                      {"name", cat("a", i)},
                      {"config", {{"name", cat("a", i)}, {"activation", "relu"}}},
                      {"inbound_nodes", Json::array({Json::array({Json::array({cat("a", i - 1), 0, 0})})})}});
  }
  layers.push_back({{"class_name", "InputLayer"},
                    {"name", "a0"},
                    {"config", {{"name", "a0"}, {"batch_shape", Json::array({nullptr, 4})}}},
                    {"inbound_nodes", Json::array()}});
  const Json config{{"class_name", "Functional"},
                    {"config",
                     {{"name", "chain"},
                      {"layers", layers},
                      {"input_layers", Json::array({"a0", 0, 0})},
                      {"output_layers", Json::array({cat("a", count), 0, 0})}}}};
  EXPECT_EQ(model_from_config(config).layers().size(), static_cast<std::size_t>(count) + 1);
}

}  // namespace
}  // namespace graft
