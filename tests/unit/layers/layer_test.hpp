// SPDX-License-Identifier: Apache-2.0
// What the tests of single layers share.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/registry.hpp"

namespace graft::layers {

/// The layer's config is this text, key by key, and a layer made of it has the same config.
inline void expect_config(const Layer& layer, const std::string& text) {
  EXPECT_EQ(layer.config().dump(), text);
  const Layer copy = from_config(layer.class_name(), Json::parse(text));
  EXPECT_EQ(copy.config().dump(), text);
  EXPECT_EQ(copy.name(), layer.name());
  EXPECT_EQ(copy.class_name(), layer.class_name());
}

/// A config with only a name is a layer with defaults: null for every option changes nothing.
inline void expect_defaults(const std::string& class_name) {
  const Json config = from_config(class_name, {{"name", "x"}}).config();
  Json nulls{{"name", "x"}};
  for (const auto& [key, value] : config.items())
    if (key != "name" && key != "axis") nulls[key] = nullptr;
  EXPECT_EQ(from_config(class_name, nulls).config(), config);
}

/// The output's shape without the batch axis.
inline Shape shape_after(const Layer& layer, const Shape& input) {
  return layer(Input(input)).shape.without_batch();
}

/// The call throws an Error that names the class or the key of its config.
template <typename Call>
void expect_refused(const Call& call, const std::string& class_name) {
  try {
    call();
    ADD_FAILURE() << class_name << " accepted it";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_TRUE(text.find(class_name) != std::string::npos || text.find("layer '") != std::string::npos)
        << text;
  }
}

}  // namespace graft::layers
