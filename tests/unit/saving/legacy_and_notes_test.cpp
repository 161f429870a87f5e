// SPDX-License-Identifier: Apache-2.0
// What differs between versions of Keras, and errors about classes that are not registered.
#include <filesystem>

#include "graft/extend/layer.hpp"
#include "graft/layers.hpp"
#include "graft/plan/plan.hpp"
#include "graft/saving.hpp"

#include "saving/config_notes.hpp"
#include "saving/legacy_config.hpp"
#include "saving_support.hpp"

namespace graft {
namespace {

using test::expect_error;

Json layer_json(const char* class_name, const Json& config, const Json& nodes = Json::array()) {
  return {{"class_name", class_name}, {"config", config}, {"inbound_nodes", nodes}};
}

Json model_json(const Json& layers) {
  return {{"class_name", "Functional"}, {"config", {{"name", "m"}, {"layers", layers}}}};
}

TEST(Keras2, ItsHardSigmoidIsRefusedByName) {
  for (const Json& activation :
       {Json("hard_sigmoid"), Json{{"module", "builtins"}, {"config", "hard_sigmoid"}}}) {
    const Json inner = layer_json("Conv2D", {{"name", "gate"}, {"activation", activation}});
    const Json config =
        model_json({layer_json("Functional", {{"name", "base"}, {"layers", Json::array({inner})}})});
    expect_error([&] { saving::refuse_keras2_functions(config, "2.15.0", "a.h5"); }, ErrorKind::unsupported,
                 {"a.h5", "'gate'", "hard_sigmoid of Keras 2.15.0", "0.2 x + 0.5"});
    saving::refuse_keras2_functions(config, "3.0.5", "a.h5");
    saving::refuse_keras2_functions(config, "", "a.h5");
  }
}

TEST(ConfigNotes, NameDropoutInTrainingMode) {
  const Json keras3 = Json::parse(R"([{"args": [], "kwargs": {"training": true}}])");
  const Json keras2 = Json::parse(R"([[["x", 0, 0, {"training": true}]]])");
  const Json not_so = Json::parse(R"([{"args": [], "kwargs": {"training": false}}])");
  for (const Json& nodes : {keras2, keras3}) {
    const auto notes =
        saving::notes_on_config(model_json({layer_json("Dropout", {{"name", "mc"}}, nodes),
                                            layer_json("GaussianNoise", {{"name", "n"}}, nodes)}),
                                "2.15.0");
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_TRUE(notes[0].starts_with("layer 'mc' and 1 more: called with training=True")) << notes[0];
  }
  EXPECT_TRUE(
      saving::notes_on_config(model_json({layer_json("Dropout", {{"name", "d"}}, not_so)}), "").empty());
  EXPECT_TRUE(
      saving::notes_on_config(model_json({layer_json("RandomFlip", {{"name", "f"}}, keras3)}), "").empty())
      << "Keras 3 stores it for every call of one";
}

TEST(ConfigNotes, NameNumbersOf16Bits) {
  const Json policy = Json::parse(R"({"class_name": "DTypePolicy", "config": {"name": "bfloat16"}})");
  const auto notes =
      saving::notes_on_config(model_json({layer_json("Dense", {{"name", "a"}, {"dtype", "float32"}}),
                                          layer_json("Dense", {{"name", "b"}, {"dtype", policy}}),
                                          layer_json("Dense", {{"name", "c"}, {"dtype", "mixed_float16"}})}),
                              "3.8.0");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].starts_with("layer 'b' and 1 more: computed in bfloat16 by Keras")) << notes[0];
}

TEST(ConfigNotes, NameCastsOfKeras2To16Bits) {
  const Json to_half = Json::parse(R"([["conv", 0, 0, {"dtype": "float16"}]])");
  const Json to_float = Json::parse(R"([["half", 0, 0, {"dtype": "float32"}]])");
  const auto notes = saving::notes_on_config(
      model_json({layer_json("TFOpLambda", {{"name", "half"}, {"dtype", "float32"}}, to_half),
                  layer_json("TFOpLambda", {{"name", "float"}, {"dtype", "float32"}}, to_float)}),
      "");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].starts_with("layer 'half': computed in float16 by Keras")) << notes[0];
}

TEST(ConfigNotes, NameRandomCropWhereKerasChangedIt) {
  const Json config = model_json({layer_json("RandomCrop", {{"name", "crop"}})});
  for (const char* version : {"3.6.0", "3.10.0", "3.15.1"})
    EXPECT_EQ(saving::notes_on_config(config, version).size(), 1U) << version;
  for (const char* version : {"3.5.0", "3.0.5", "2.16.0", ""})
    EXPECT_TRUE(saving::notes_on_config(config, version).empty()) << version;
}

TEST(ConfigNotes, NameLayersThatKeras32StoresWrong) {
  const Json twice = Json::parse(R"([{"args": [], "kwargs": {}}, {"args": [], "kwargs": {}}])");
  const Json config = model_json({layer_json("Conv2D", {{"name", "shared"}}, twice)});
  EXPECT_EQ(saving::notes_on_config(config, "3.2.1").size(), 1U);
  EXPECT_TRUE(saving::notes_on_config(config, "3.3.3").empty());
}

/// Computes nothing; its options and weights are not what a layer's should be.
class Careless final : public layers::LayerBase {
 public:
  Careless(Json config, bool reads_weight)
      : LayerBase("Careless", "careless"), config_(std::move(config)), reads_weight_(reads_weight) {}
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }
  [[nodiscard]] ops::ValueId lower(layers::LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return reads_weight_ ? weight(context, nullptr) : inputs[0];
  }
  [[nodiscard]] Json own_config() const override { return config_; }

 private:
  Json config_;
  bool reads_weight_;
};

TEST(OwnClasses, MistakesAreNamed) {
  const auto layer = [](const Json& config, bool reads) {
    return Layer(std::make_shared<Careless>(config, reads));
  };
  expect_error([&] { (void)layer(nullptr, false).config(); }, ErrorKind::invalid_argument,
               {"Careless 'careless'", "own_config() returned null", "Json::object()"});
  const SymbolicTensor x = Input({3});
  const Model model({x}, {layer(Json::object(), true)(x)}, "m");
  expect_error([&] { (void)plan::Plan::lower(model, {}); }, ErrorKind::invalid_argument,
               {"Careless 'careless'", "add_weight() in build()"});
  const Model plain({x}, {layer(Json::object(), false)(x)}, "m");
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "careless.keras";
  expect_error([&] { saving::save_model(plain, file); }, ErrorKind::invalid_argument,
               {"'careless'", "class Careless", "register_layer(\"package\", \"Careless\""});
  EXPECT_FALSE(std::filesystem::exists(file));
  const Json config = saving::model_config(plain);
  expect_error([&] { (void)saving::model_from_config(config); }, ErrorKind::unsupported,
               {"'careless'", "class Careless", "register_layer()"});
}

}  // namespace
}  // namespace graft
