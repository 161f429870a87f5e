// SPDX-License-Identifier: Apache-2.0
// Keras 2 models that call TensorFlow's functions.
#include "graft/base/json.hpp"
#include "graft/plan/plan.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

using saving::model_from_config;
using test::expect_error;

TEST(OpLambda, FileOfKeras2ComputesWhatKerasComputed) {
  const std::filesystem::path files = test::goldens() / "files";
  const Json expected = test::read_json(files / "k2_functions.json");
  const Model model = saving::load_model(files / "k2_functions.h5").model;
  Json names = Json::array();
  for (const Layer& layer : model.layers()) names.push_back(layer.name());
  EXPECT_EQ(names, expected.at("layers"));
  plan::Plan plan = plan::Plan::lower(model, {});
  plan.forward(test::golden_image(20, 16));
  const auto output = expected.at("output").get<std::vector<float>>();
  EXPECT_LT(test::max_difference(plan.output().data(), output), 1e-6);
  // What it became is made of Keras's own layers, so that Keras 3 can read it too.
  const Model again = model_from_config(saving::model_config(model));
  for (const Layer& layer : again.layers())
    EXPECT_EQ(layer.class_name().find("Lambda"), std::string::npos) << layer.name();
}

/// A model of one call of a function on an image (8, 8, 3).
Json calling(const std::string& class_name, const std::string& function, const std::string& inbound) {
  return Json::parse(R"({"class_name": "Functional", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "name": "image", "inbound_nodes": [],
     "config": {"name": "image", "batch_input_shape": [null, 8, 8, 3]}},
    {"class_name": ")" +
                     class_name + R"(", "name": "f", "config": {"name": "f", "function": ")" + function +
                     R"("}, "inbound_nodes": [)" + inbound + R"(]}],
    "input_layers": [["image", 0, 0]], "output_layers": [["f", 0, 0]]}})");
}

TEST(OpLambda, UnsupportedFunctionsAreRefusedByNameAndPlace) {
  const auto refuse = [](const std::string& function, const std::string& inbound,
                         const std::string& message) {
    const Json config = calling("TFOpLambda", function, inbound);
    expect_error([&] { static_cast<void>(model_from_config(config)); }, ErrorKind::unsupported, {message});
  };
  const Json slice = calling("SlicingOpLambda", "__operators__.getitem",
                             R"(["image", 0, 0, {"slice_spec": [{"start": 0, "stop": 1, "step": null}]}])");
  expect_error([&] { static_cast<void>(model_from_config(slice)); }, ErrorKind::unsupported,
               {"'f'", "selects samples of the batch"});
  refuse("math.reduce_std", R"(["image", 0, 0, {"axis": -1}])", "tf.math.reduce_std with axis = -1");
  refuse("math.truediv", R"(["_CONSTANT_VALUE", -1, 1.0, {"y": ["image", 0, 0]}])", "tf.math.truediv with 1");
  refuse("math.truediv", R"(["image", 0, 0, {"y": 0}])", "tf.math.truediv with 0");
  refuse("nn.dropout", R"(["image", 0, 0, {"rate": 0.5}])", "tf.nn.dropout with rate");
  refuse("image.resize", R"(["image", 0, 0, {"size": [4, 4], "antialias": true}])", "antialias = true");
  refuse("nn.relu", R"(["_CONSTANT_VALUE", -1, "text", {"y": ["image", 0, 0]}])",
         "a constant that is not a number");
}

TEST(OpLambda, BrokenCallsAreBadFiles) {
  for (const char* inbound :
       {"", "3", R"([["image"]])", R"(["_CONSTANT_VALUE", -1, 1.0, {}])", R"([[3, 4, 5]])"}) {
    const Json config = calling("TFOpLambda", "nn.relu", inbound);
    expect_error([&] { static_cast<void>(model_from_config(config)); }, ErrorKind::bad_file, {"layer 'f'"});
  }
}

}  // namespace
}  // namespace graft
