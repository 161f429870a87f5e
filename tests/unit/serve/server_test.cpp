// SPDX-License-Identifier: Apache-2.0
// A server on the loopback address, asked as good and bad clients do.
#include "graft/serve/server.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/error.hpp"

#include "http_client.hpp"
#include "serve_fixture.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

TEST_F(Serve, APhotoIsClassified) {
  start();
  const Answer red = post("/v1/predict?top=1&name=a.ppm", picture(200, 0, 0));
  ASSERT_EQ(red.status, 200) << red.body;
  const Json json = Json::parse(red.body);
  EXPECT_EQ(json["model"], "colours");
  EXPECT_EQ(json["photos"][0]["file"], "a.ppm");
  EXPECT_EQ(json["photos"][0]["predictions"].size(), 1U);
  EXPECT_EQ(first_name(red), "red");
  EXPECT_EQ(json["photos"][0]["answer"], "red");
  EXPECT_EQ(json["photos"][0]["unknown"], false);
  EXPECT_EQ(first_name(post("/v1/predict?model=colours", picture(0, 0, 200))), "blue");
  const std::string bytes = picture(120, 10, 90);
  const auto classifier = Classifier::open(folder_.path() / "colours.keras");
  const double expected = classifier.predict(std::as_bytes(std::span(bytes))).front().probability;
  EXPECT_EQ(Json::parse(post("/v1/predict", bytes).body)["photos"][0]["predictions"][0]["probability"],
            expected);
}

TEST_F(Serve, AnswersMayBeUnknown) {
  start([this](serve::ServeOptions& options) {
    write_model(folder_.path() / "rejects.keras", false, {{"reject", {{"threshold", 0.9}}}});
    options.models = {{"rejects", folder_.path() / "rejects.keras"}};
  });
  const auto answer = [&](const std::string& path, const std::string& photo) {
    return Json::parse(post(path, photo).body)["photos"][0];
  };
  EXPECT_EQ(answer("/v1/predict?reject=true", picture(100, 0, 100))["unknown"], true);
  EXPECT_EQ(answer("/v1/predict?reject=true", picture(100, 0, 100))["answer"], "unknown");
  EXPECT_EQ(answer("/v1/predict?reject=true", picture(200, 0, 0))["answer"], "red");
  EXPECT_EQ(answer("/v1/predict", picture(100, 0, 100))["unknown"], false);
  EXPECT_EQ(answer("/v1/predict?reject=auto", picture(100, 0, 100))["unknown"], true);
  // A model without a threshold always answers.
  start();
  EXPECT_EQ(answer("/v1/predict?reject=auto", picture(100, 0, 100))["unknown"], false);
}

TEST_F(Serve, FormsHoldManyPhotosAndBadOnesAreNamed) {
  start();
  const auto part = [](const std::string& name, const std::string& bytes) {
    return "--xyz\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + name + "\"\r\n\r\n" +
           bytes + "\r\n";
  };
  const std::string body = part("r.ppm", picture(250, 0, 0)) + part("bad.jpg", "no photo") +
                           part("b.ppm", picture(0, 0, 250)) + "--xyz--\r\n";
  const std::string type = "Content-Type: multipart/form-data; boundary=xyz\r\n";
  const Answer answer = post("/v1/predict", body, type);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json json = Json::parse(answer.body);
  EXPECT_EQ(json["photos"][0]["file"], "r.ppm");
  EXPECT_EQ(json["photos"][1]["predictions"][0]["name"], "blue");
  EXPECT_EQ(json["skipped_images"][0]["file"], "bad.jpg");
  EXPECT_NE(post("/v1/predict", part("x", "no") + "--xyz--\r\n", type).body.find("\"error\""),
            std::string::npos);
}

TEST_F(Serve, EveryAnswerBelongsToItsPhoto) {
  start();
  std::atomic<int> wrong{0}, done{0};
  std::vector<std::jthread> clients;
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < 60; ++i) {
        const bool is_red = (client + i) % 2 == 0;
        const Answer answer = post("/v1/predict?top=1", is_red ? picture(200, 0, 0) : picture(0, 0, 200));
        if (answer.status != 200 || first_name(answer) != (is_red ? "red" : "blue")) ++wrong;
        ++done;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(done, 480);
  EXPECT_EQ(wrong, 0);
}

TEST_F(Serve, WrongRequestsHaveTheirStatus) {
  start([](serve::ServeOptions& options) {
    options.limits.body_bytes = 100000;
    options.limits.pixels = 10000;
    options.limits.photos = 2;
  });
  EXPECT_EQ(get("/nothing").status, 404);
  EXPECT_EQ(get("/../../etc/passwd").status, 404);
  EXPECT_EQ(get("/%2e%2e/etc/passwd").status, 404);
  const Answer method = get("/v1/predict");
  EXPECT_EQ(method.status, 405);
  EXPECT_NE(method.head.find("Allow: POST"), std::string::npos);
  EXPECT_EQ(post("/v1/predict", "").status, 400);
  EXPECT_EQ(post("/v1/predict", "not a photo").status, 400);
  EXPECT_EQ(post("/v1/predict?top=0", picture(1, 2, 3)).status, 400);
  EXPECT_EQ(post("/v1/predict?top=x", picture(1, 2, 3)).status, 400);
  EXPECT_EQ(post("/v1/predict?top=", picture(1, 2, 3)).status, 400);
  EXPECT_EQ(post("/v1/predict?reject=", picture(1, 2, 3)).status, 400);
  EXPECT_EQ(post("/v1/explain?format=png", picture(1, 2, 3)).status, 400);
  EXPECT_EQ(post("/v1/predict?reject=perhaps", picture(1, 2, 3)).status, 400);
  EXPECT_EQ(post("/v1/predict?reject=true", picture(1, 2, 3)).status, 400);  // the model has no threshold
  EXPECT_EQ(post("/v1/predict?model=other", picture(1, 2, 3)).status, 404);
  EXPECT_EQ(post("/v1/predict", std::string(100001, 'x')).status, 413);
  EXPECT_EQ(post("/v1/predict", picture(1, 2, 3, 120)).status, 400);  // 14,400 pixels
  const std::string three = "--x\r\n\r\na\r\n--x\r\n\r\nb\r\n--x\r\n\r\nc\r\n--x--";
  EXPECT_EQ(post("/v1/predict", three, "Content-Type: multipart/form-data; boundary=x\r\n").status, 400);
  EXPECT_EQ(post("/v1/predict", "--y", "Content-Type: multipart/form-data; boundary=x\r\n").status, 400);
  EXPECT_EQ(post("/v1/explain?class=green", picture(1, 2, 3)).status, 404);
  EXPECT_EQ(post("/v2/models/colours/versions/other/infer", "{}").status, 404);
  EXPECT_EQ(post("/v1/collect?class=red", picture(1, 2, 3)).status, 403);
  for (const char* raw :
       {"GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        "\0\0\0\r\n\r\n"}) {
    const Connection connection(server_->port());
    connection.send(raw);
    const int status = answer_in(connection.read(2)).status;
    EXPECT_TRUE(status == 0 || (status >= 400 && status < 500)) << raw << ' ' << status;
  }
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Serve, ABodyInChunksHasTheSameLimit) {
  start([](serve::ServeOptions& options) { options.limits.body_bytes = 10000; });
  const std::string head =
      "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  {
    const Connection connection(server_->port());
    connection.send(head + "3000\r\n" + std::string(0x3000, 'x') + "\r\n0\r\n\r\n");
    EXPECT_EQ(answer_in(connection.read()).status, 413);
  }
  {
    // A size below zero, and a body without end.
    const Connection connection(server_->port());
    connection.send(head + "-2\r\n");
    bool open = true;
    const std::string part(65536, 'x');
    for (int i = 0; open && i < 200; ++i) open = connection.send(part);
    const int status = answer_in(connection.read(2)).status;
    EXPECT_TRUE(status == 0 || status == 400) << status;
    EXPECT_FALSE(open);
  }
  const Connection endless(server_->port());
  endless.send(head);
  bool open = true;
  for (int i = 0; open && i < 500; ++i) open = endless.send("3000\r\n" + std::string(0x3000, 'x') + "\r\n");
  EXPECT_FALSE(open);
}

TEST_F(Serve, OnlyKnownHostsOriginsAndTokens) {
  start([](serve::ServeOptions& options) { options.token = "secret"; });
  const std::uint16_t port = server_->port();
  const std::string good = "Authorization: Bearer secret\r\n";
  EXPECT_EQ(get("/v1/models").status, 401);
  EXPECT_EQ(get("/v1/models", "Authorization: Bearer secre\r\n").status, 401);
  EXPECT_EQ(get("/v1/models", "Authorization: Bearer secretsecret\r\n").status, 401);
  EXPECT_EQ(get("/v1/models?token=secret").status, 401);
  EXPECT_EQ(get("/v1/models", good).status, 200);
  EXPECT_EQ(get("/?token=secret").status, 200);
  EXPECT_EQ(get("/?token=other").status, 401);
  EXPECT_EQ(get("/").status, 200);  // a reload: the page has kept the token
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(ask(port, {.path = "/v1/models", .headers = good, .host = "evil.example"}).status, 403);
  EXPECT_EQ(ask(port, {.path = "/healthz", .host = "evil.example:" + std::to_string(port)}).status, 403);
  EXPECT_EQ(
      ask(port, {.path = "/v1/models", .headers = good, .host = "127.0.0.1:" + std::to_string(port)}).status,
      200);
  EXPECT_EQ(get("/v1/models", good + "Origin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(get("/v1/models", good + "Origin: null\r\n").status, 403);
  EXPECT_EQ(get("/v1/models", good + "Origin: http://localhost:" + std::to_string(port) + "\r\n").status,
            200);
}

TEST_F(Serve, SlowAndIdleClientsDoNotKeepOthersOut) {
  start([](serve::ServeOptions& options) { options.limits.connections = 100; });
  std::vector<std::unique_ptr<Connection>> idle;
  for (int i = 0; i < 400; ++i) {
    idle.push_back(std::make_unique<Connection>(server_->port()));
    if (i % 2 == 0) idle.back()->send("GET / HT");
  }
  const auto start_of = Clock::now();
  EXPECT_EQ(post("/v1/predict", picture(200, 0, 0)).status, 200);
  EXPECT_LT(Clock::now() - start_of, std::chrono::seconds(2));
  const std::string metrics = get("/metrics").body;
  EXPECT_NE(metrics.find("graft_requests_total{route=\"/v1/predict\",status=\"200\"} 1"), std::string::npos)
      << metrics;
  EXPECT_EQ(metrics.find("graft_connections_dropped_total 0\n"), std::string::npos);
}

TEST_F(Serve, ARequestThatTakesTooLongIsCutOff) {
  start([](serve::ServeOptions& options) { options.limits.request = std::chrono::seconds(1); });
  const Connection slow(server_->port());
  slow.send("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  bool open = true;
  for (int i = 0; open && i < 40; ++i) {
    open = slow.send("x");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_FALSE(open);
}

TEST_F(Serve, AFullQueueAnswers503) {
  start([](serve::ServeOptions& options) {
    options.limits.queue = 2;
    options.limits.delay = std::chrono::milliseconds(500);
    options.execution.threads = 4;  // so many photos are waited for
  });
  const std::string body = picture(9, 9, 9);
  const std::string request =
      "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  std::vector<std::unique_ptr<Connection>> all;
  for (int i = 0; i < 6; ++i) {
    all.push_back(std::make_unique<Connection>(server_->port()));
    all.back()->send(request);
  }
  int good = 0, busy = 0;
  for (const auto& one : all) {
    const Answer answer = answer_in(one->read());
    good += answer.status == 200 ? 1 : 0;
    busy += answer.status == 503 && answer.head.find("Retry-After: 1") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(good, 2);
  EXPECT_EQ(busy, 4);
}

TEST_F(Serve, StoppingAnswersWhatWasAccepted) {
  start([](serve::ServeOptions& options) {
    options.limits.delay = std::chrono::milliseconds(300);
    options.execution.threads = 2;
  });
  const std::string body = picture(200, 0, 0);
  const Connection connection(server_->port());
  connection.send("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const std::uint16_t port = server_->port();
  std::jthread stopping([this] { server_->stop(); });
  EXPECT_EQ(answer_in(connection.read()).status, 200);
  stopping.join();
  EXPECT_THROW(Connection{port}, std::runtime_error);
}

TEST_F(Serve, ANewModelFileReplacesTheOldOneAndABrokenOneDoesNot) {
  std::atomic<int> lines{0};
  start([&](serve::ServeOptions& options) { options.log = [&](const std::string&) { ++lines; }; });
  const auto wait_for_line = [&](int count) {
    for (int i = 0; lines < count && i < 100; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
  };
  EXPECT_EQ(first_name(post("/v1/predict", picture(200, 0, 0))), "red");
  const std::string before = Json::parse(get("/v1/models").body)["models"][0]["version"];
  write_model(folder_.path() / "colours.keras", true);
  wait_for_line(1);
  EXPECT_EQ(first_name(post("/v1/predict", picture(200, 0, 0))), "blue");
  EXPECT_NE(Json::parse(get("/v1/models").body)["models"][0]["version"], before);
  std::ofstream(folder_.path() / "colours.keras") << "broken";
  wait_for_line(2);
  EXPECT_EQ(first_name(post("/v1/predict", picture(200, 0, 0))), "blue");
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Serve, CorrectedPhotosAreKeptInTheFolderOfTheirClass) {
  start([&](serve::ServeOptions& options) { options.collect = folder_.path() / "kept"; });
  const std::string bytes = picture(10, 0, 100);
  const Answer kept = post("/v1/collect?class=red", bytes);
  ASSERT_EQ(kept.status, 201) << kept.body;
  const fs::path file = folder_.path() / "kept" / Json::parse(kept.body)["kept"].get<std::string>();
  std::ifstream in(file, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), bytes);
  EXPECT_EQ(file.parent_path().filename(), "red");
  for (const char* name : {"green", "..%2Fred", "", "%2Fetc"})
    EXPECT_EQ(post(std::string("/v1/collect?class=") + name, bytes).status, 404) << name;
  EXPECT_EQ(post("/v1/collect?class=red", "no photo").status, 400);
  EXPECT_EQ(std::distance(fs::recursive_directory_iterator(folder_.path() / "kept"), {}), 2);
  // A person thinks again: the photo is in one class only.
  EXPECT_EQ(post("/v1/collect?class=blue&instead=..", bytes).status, 404);
  EXPECT_EQ(post("/v1/collect?class=blue&instead=red", bytes).status, 201);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_TRUE(fs::exists(folder_.path() / "kept/blue" / file.filename()));
  EXPECT_EQ(post("/v1/collect?class=blue&instead=blue", bytes).status, 201);
  EXPECT_TRUE(fs::exists(folder_.path() / "kept/blue" / file.filename()));
}

TEST_F(Serve, NestedClassesAreFoldersWithinFolders) {
  start([&](serve::ServeOptions& options) {
    options.collect = folder_.path() / "kept";
    write_model(folder_.path() / "nested.keras", false, {{"class_names", {"animal/dog", "animal/../up"}}});
    options.models = {{"nested", folder_.path() / "nested.keras"}};
  });
  const Answer kept = post("/v1/collect?class=animal%2Fdog", picture(10, 0, 100));
  ASSERT_EQ(kept.status, 201) << kept.body;
  const std::string name = Json::parse(kept.body)["kept"];
  EXPECT_TRUE(name.starts_with("animal/dog/")) << name;
  EXPECT_TRUE(fs::exists(folder_.path() / "kept" / name));
  EXPECT_EQ(post("/v1/collect?class=animal%2F..%2Fup", picture(10, 0, 100)).status, 404);
}

TEST_F(Serve, FeaturesAndExplanations) {
  start();
  const Json features = Json::parse(post("/v1/features", picture(100, 50, 25)).body);
  EXPECT_EQ(features["photos"][0]["features"], (Json{100.0, 50.0, 25.0}));
  const Answer explained = post("/v1/explain", picture(100, 50, 25, 700));
  ASSERT_EQ(explained.status, 200) << explained.body;
  EXPECT_TRUE(Json::parse(explained.body)["image"].get<std::string>().starts_with("data:image/webp;base64,"));
  EXPECT_TRUE(post("/v1/explain?format=webp&class=blue", picture(1, 2, 3)).body.starts_with("RIFF"));
}

TEST_F(Serve, KServeV2) {
  start();
  EXPECT_EQ(get("/v2/health/ready").status, 200);
  EXPECT_EQ(get("/v2/models/other").status, 404);
  const Json model = Json::parse(get("/v2/models/colours").body);
  EXPECT_EQ(model["inputs"][0]["shape"], (Json{-1, 8, 8, 3}));
  Json data = Json::array();
  for (int i = 0; i < 64; ++i) data.push_back({200, 0, 0});
  const Json request{
      {"id", "7"},
      {"inputs", {{{"name", "image"}, {"datatype", "FP32"}, {"shape", {1, 8, 8, 3}}, {"data", data}}}}};
  const Answer answer = post("/v2/models/colours/infer", request.dump());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json json = Json::parse(answer.body);
  EXPECT_EQ(json["id"], "7");
  EXPECT_GT(json["outputs"][0]["data"][1].get<double>(), 0.99);
  // The binary form: bytes after the JSON.
  const std::string head =
      R"({"inputs":[{"name":"image","datatype":"UINT8","shape":[1,8,8,3],"parameters":{"binary_data_size":192}}]})";
  std::string pixels;
  for (int i = 0; i < 64; ++i) pixels += {static_cast<char>(200), 0, 0};
  const std::string length = "Inference-Header-Content-Length: " + std::to_string(head.size()) + "\r\n";
  const Answer binary = post("/v2/models/colours/infer", head + pixels, length);
  EXPECT_EQ(Json::parse(binary.body)["outputs"], json["outputs"]) << binary.body;
  for (const std::string& bad :
       {std::string("{"), std::string("[]"), std::string("{\"inputs\":[]}"), std::string(5000, '['), head,
        std::string(R"({"inputs":[{"datatype":"FP32","shape":[1,8,8,4],"data":[]}]})"),
        std::string(R"({"inputs":[{"datatype":"FP32","shape":[1000000000000,8,8,3],"data":[]}]})"),
        std::string(R"({"inputs":[{"datatype":"FP32","shape":[1,8,8,3],"data":[1e999]}]})")})
    EXPECT_EQ(post("/v2/models/colours/infer", bad).status, 400) << bad.substr(0, 80);
}

TEST_F(Serve, OptionsThatCannotBeServed) {
  const std::uint16_t taken = start().port();
  const auto kind_of = [&](const std::function<void(serve::ServeOptions&)>& change) {
    serve::ServeOptions options{.models = {{"colours", folder_.path() / "colours.keras"}}, .port = 0};
    change(options);
    try {
      const serve::Server server(std::move(options));
    } catch (const Error& error) {
      return std::string(to_string(error.kind()));
    }
    return std::string("none");
  };
  EXPECT_EQ(kind_of([&](serve::ServeOptions& options) { options.port = taken; }), "io");
  EXPECT_EQ(kind_of([](serve::ServeOptions& options) { options.host = "no address"; }), "invalid_argument");
  EXPECT_EQ(kind_of([](serve::ServeOptions& options) { options.models.clear(); }), "invalid_argument");
  EXPECT_EQ(kind_of([](serve::ServeOptions& options) { options.models.push_back(options.models.front()); }),
            "invalid_argument");
  EXPECT_EQ(kind_of([](serve::ServeOptions& options) { options.models.front().file = "missing.keras"; }),
            "not_found");
}

}  // namespace
}  // namespace graft::test
