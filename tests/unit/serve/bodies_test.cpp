// SPDX-License-Identifier: Apache-2.0
// Which bodies the server takes, what it does before it reads one, and clients that read their answer slowly.
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "http_client.hpp"
#include "serve_fixture.hpp"

namespace graft::test {
namespace {

TEST_F(Serve, ABodyThatIsNoImageTypeHas415) {
  start();
  const std::string red = picture(200, 0, 0);
  for (const char* good : {"image/jpeg", "IMAGE/PNG", "image/heic; q=1", "application/octet-stream",
                           "application/x-www-form-urlencoded", ""})
    EXPECT_EQ(post("/v1/predict", red, "Content-Type: " + std::string(good) + "\r\n").status, 200) << good;
  for (const char* bad : {"text/plain", "application/json", "multipart/mixed; boundary=x", "video/mp4",
                          "application/zip", "imagejpeg"}) {
    const Answer answer = post("/v1/predict", red, "Content-Type: " + std::string(bad) + "\r\n");
    EXPECT_EQ(answer.status, 415) << bad;
    EXPECT_NE(answer.body.find("Content-Type: expected image/jpeg"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(post("/v1/predict", red, "Content-Encoding: gzip\r\n").status, 415);
  EXPECT_EQ(post("/v1/predict", red, "Content-Encoding: identity\r\n").status, 200);
  EXPECT_EQ(post("/v2/models/colours/infer", "{}", "Content-Type: application/json\r\n").status, 400);
  EXPECT_EQ(post("/v2/models/colours/infer", "{}", "Content-Type: image/png\r\n").status, 415);
}

TEST_F(Serve, WhatHasNoAnswerIsRefusedBeforeItsBodyComes) {
  start();
  for (const auto& [first, status] :
       {std::pair{"POST /v1/predict?model=other HTTP/1.1\r\n", 404},
        std::pair{"POST /v1/features HTTP/1.1\r\nContent-Type: text/html\r\n", 415}}) {
    const Connection connection(server_->port());
    connection.send(std::string(first) + "Host: localhost\r\nContent-Length: 1000000\r\n\r\n");
    EXPECT_EQ(answer_in(connection.read(5)).status, status) << first;
  }
}

TEST_F(Serve, AClientThatReadsItsAnswerSlowlyIsClosed) {
  start([](serve::ServeOptions& options) { options.limits.request = std::chrono::seconds(1); });
  const Connection slow(server_->port(), 4096);
  // More answers than the system's buffers hold.
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
  slow.send(requests);
  std::string metrics;
  for (int i = 0; i < 60 && metrics.find("graft_connections_dropped_total 1\n") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    metrics = get("/metrics").body;
  }
  EXPECT_NE(metrics.find("graft_connections_dropped_total 1\n"), std::string::npos) << metrics;
}

TEST_F(Serve, AClientThatGoesAwayIsNotWaitedFor) {
  start();
  for (const char* part :
       {"GET / HT", "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"}) {
    const Connection connection(server_->port());
    connection.send(part);
    connection.end();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(connection.read(10), "") << part;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << part;
  }
}

TEST_F(Serve, KServePathsWithAVersion) {
  start();
  const std::string version = Json::parse(get("/v1/models").body)["models"][0]["version"];
  const std::string path = "/v2/models/colours/versions/" + version;
  EXPECT_EQ(Json::parse(get(path).body)["versions"], Json{version});
  EXPECT_EQ(get(path + "/ready").status, 200);
  EXPECT_EQ(get(path + "0/ready").status, 404);
  EXPECT_EQ(get("/v2/models/colours/versions//ready").status, 404);
  const Json pixels(std::vector<int>(192, 200));
  Json request{
      {"inputs", {{{"name", "image"}, {"datatype", "FP32"}, {"shape", {1, 8, 8, 3}}, {"data", pixels}}}}};
  const Answer answer = post(path + "/infer", request.dump());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(Json::parse(answer.body)["model_version"], version);
  request["outputs"] = {{{"name", "probabilities"}}};
  EXPECT_EQ(post(path + "/infer", request.dump()).status, 200);
  request["outputs"] = {{{"name", "logits"}}};
  EXPECT_EQ(post(path + "/infer", request.dump()).status, 400);
  EXPECT_EQ(post("/v2/models/other/infer", request.dump()).status, 404);
}

}  // namespace
}  // namespace graft::test
