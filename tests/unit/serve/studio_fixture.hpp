// SPDX-License-Identifier: Apache-2.0
// A studio with a project of its own, and requests to it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/serve/studio.hpp"

#include "http_client.hpp"
#include "support.hpp"

namespace graft::test {

inline std::string small_picture(int red) {
  return "P6\n2 1\n255\n" +
         std::string{static_cast<char>(red), '\0', '\0', '\0', '\0', static_cast<char>(red)};
}

/// As a value of a query.
inline std::string in_query(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '/' ? std::string("%2F") : std::string(1, c);
  return result;
}

class StudioRequests : public testing::Test {
 protected:
  StudioRequests() { start(); }
  void start() {
    studio_.reset();
    studio_ = std::make_unique<serve::Studio>(
        serve::StudioOptions{.project = project(), .program = "/bin/false", .port = 0});
  }
  [[nodiscard]] std::filesystem::path project() const { return folder_.path() / "things"; }
  [[nodiscard]] Answer request(const std::string& method, const std::string& path,
                               const std::string& body = {}, const std::string& headers = {}) const {
    return ask(studio_->port(), {.method = method,
                                 .path = path,
                                 .body = body,
                                 .headers = "Authorization: Bearer " + studio_->token() + "\r\n" + headers});
  }
  [[nodiscard]] int post(const std::string& path, const std::string& body = {}) const {
    return request("POST", path, body).status;
  }
  [[nodiscard]] std::vector<std::string> classes() const {
    std::vector<std::string> names;
    const Json state = get("/studio/state");
    for (const Json& one : state["classes"])
      names.push_back(one["name"].get<std::string>() + " " + std::to_string(one["photos"].get<int>()));
    return names;
  }
  [[nodiscard]] std::string revision_of(const std::string& name) const {
    const Json state = get("/studio/state");
    for (const Json& one : state["classes"])
      if (one["name"] == name) return one["revision"];
    return "none";
  }
  [[nodiscard]] Json get(const std::string& path) const { return Json::parse(request("GET", path).body); }
  void make_class(const std::string& name, int photos) const {
    ASSERT_EQ(post("/studio/classes?name=" + in_query(name)), 201) << name;
    for (int i = 0; i < photos; ++i)
      ASSERT_EQ(post("/studio/photos?class=" + in_query(name) + "&name=" + std::to_string(i) + ".ppm",
                     small_picture(i)),
                201);
  }

  TemporaryFolder folder_;
  std::unique_ptr<serve::Studio> studio_;
};

}  // namespace graft::test
