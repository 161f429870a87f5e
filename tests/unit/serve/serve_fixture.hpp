// SPDX-License-Identifier: Apache-2.0
// A server on the loopback address with a model that tells red from blue.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/serve/server.hpp"

#include "http_client.hpp"
#include "small_model.hpp"
#include "support.hpp"

namespace graft::test {

class Serve : public ::testing::Test {
 protected:
  serve::Server& start(const std::function<void(serve::ServeOptions&)>& change = [](serve::ServeOptions&) {
  }) {
    write_model(folder_.path() / "colours.keras");
    serve::ServeOptions options{.models = {{"colours", folder_.path() / "colours.keras"}}, .port = 0};
    change(options);
    server_ = std::make_unique<serve::Server>(std::move(options));
    return *server_;
  }
  [[nodiscard]] Answer get(const std::string& path, const std::string& headers = {}) const {
    return ask(server_->port(), {.path = path, .headers = headers});
  }
  [[nodiscard]] Answer post(const std::string& path, const std::string& body,
                            const std::string& headers = {}) const {
    return ask(server_->port(), {.method = "POST", .path = path, .body = body, .headers = headers});
  }
  static std::string first_name(const Answer& answer) {
    return Json::parse(answer.body)["photos"][0]["predictions"][0]["name"].get<std::string>();
  }

  TemporaryFolder folder_;
  std::unique_ptr<serve::Server> server_;
};

}  // namespace graft::test
