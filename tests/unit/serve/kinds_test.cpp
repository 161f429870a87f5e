// SPDX-License-Identifier: Apache-2.0
// Models of several labels a photo and of numbers, served.
#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "http_client.hpp"
#include "serve_fixture.hpp"

namespace graft::test {
namespace {

class ServeKinds : public Serve {
 protected:
  ServeKinds() {
    start([this](serve::ServeOptions& options) {
      write_model(folder_.path() / "labels.keras", false,
                  {{"output", "sigmoid"}, {"labels", "several"}, {"thresholds", {0.6, 0.6}}}, "sigmoid");
      write_model(folder_.path() / "numbers.keras", false,
                  {{"output", "numbers"},
                   {"intervals", {{"level", 0.9}, {"half_widths", {1.0, 2.0}}, {"photos", 10}}}},
                  "linear");
      options.models = {{"labels", folder_.path() / "labels.keras"},
                        {"numbers", folder_.path() / "numbers.keras"}};
    });
  }
  [[nodiscard]] Json photo(const std::string& path, const std::string& picture) const {
    return Json::parse(post(path, picture).body)["photos"][0];
  }
};

TEST_F(ServeKinds, LabelsThatReachTheirThresholdsAreGiven) {
  const Json both = photo("/v1/predict?model=labels", picture(200, 0, 200));
  EXPECT_EQ(both["labels"], (Json{"blue", "red"})) << both;
  EXPECT_FALSE(both.contains("answer"));
  EXPECT_EQ(both["unknown"], false);
  EXPECT_EQ(both["predictions"].size(), 2U);
  EXPECT_EQ(photo("/v1/predict?model=labels", picture(0, 0, 0))["labels"], Json::array());
  EXPECT_EQ(photo("/v1/predict?model=labels&top=1", picture(200, 0, 0))["predictions"].size(), 1U);
  const Answer rejected = post("/v1/predict?model=labels&reject=true", picture(200, 0, 0));
  EXPECT_EQ(rejected.status, 400) << rejected.body;
  EXPECT_NE(rejected.body.find("no threshold"), std::string::npos) << rejected.body;
  EXPECT_EQ(post("/v1/predict?model=labels&reject=auto", picture(200, 0, 0)).status, 200);
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(ServeKinds, NumbersHaveTheirIntervals) {
  const Json found = photo("/v1/predict?model=numbers", picture(200, 0, 50));
  ASSERT_EQ(found["numbers"].size(), 2U) << found;
  EXPECT_EQ(found["numbers"][1]["name"], "red");
  EXPECT_NEAR(found["numbers"][1]["value"].get<double>(), 20, 1e-4);
  EXPECT_NEAR(found["numbers"][1]["interval"][0].get<double>(), 18, 1e-4);
  EXPECT_EQ(found["numbers"][1]["level"], 0.9);
  EXPECT_FALSE(found.contains("predictions"));
  EXPECT_EQ(post("/v1/predict?model=numbers&reject=auto", picture(200, 0, 0)).status, 200);
  EXPECT_EQ(post("/v1/explain?model=numbers", picture(200, 0, 0)).status, 400);
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(ServeKinds, ModelsSayTheirKind) {
  const Json models = Json::parse(get("/v1/models").body)["models"];
  EXPECT_EQ(models[0]["kind"], "labels");
  EXPECT_EQ(models[1]["kind"], "numbers");
  EXPECT_EQ(post("/v1/collect?model=labels&labels=red", picture(200, 0, 0)).status, 403);
}

TEST_F(ServeKinds, KServeNamesTheOutput) {
  const Json numbers = Json::parse(get("/v2/models/numbers").body);
  EXPECT_EQ(numbers["outputs"][0]["name"], "numbers");
  const Json input{{"name", "image"},
                   {"datatype", "FP32"},
                   {"shape", {1, 8, 8, 3}},
                   {"data", std::vector<float>(192, 100.0F)}};
  const std::string type = "Content-Type: application/json\r\n";
  const Json answer =
      Json::parse(post("/v2/models/numbers/infer", Json{{"inputs", Json::array({input})}}.dump(), type).body);
  EXPECT_EQ(answer["outputs"][0]["name"], "numbers") << answer;
  EXPECT_NEAR(answer["outputs"][0]["data"][0].get<double>(), 10, 1e-4);
  const Json asked{{"inputs", Json::array({input})}, {"outputs", Json::array({{{"name", "probabilities"}}})}};
  EXPECT_EQ(post("/v2/models/numbers/infer", asked.dump(), type).status, 400);
  EXPECT_EQ(post("/v2/models/labels/infer", asked.dump(), type).status, 200);
}

}  // namespace
}  // namespace graft::test
