// SPDX-License-Identifier: Apache-2.0
#include "layers/codecs.hpp"

#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "layers/lowering.hpp"
#include "layers/rules/keras_call.hpp"

namespace graft {

void Codec<Size2D>::read(const ConfigReader& reader, const char* key, Size2D& value) {
  const std::vector<std::int64_t> values = reader.integers(key);
  if (values.size() != 1 && values.size() != 2) reader.wrong(key, "one or two integers");
  value = {values.front(), values.back()};
}
Json Codec<Size2D>::write(const Size2D& value) { return Json::array({value.height, value.width}); }

void Codec<SymmetricRange>::read(const ConfigReader& reader, const char* key, SymmetricRange& value) {
  const std::vector<double> values = reader.numbers(key);
  if (values.size() != 1 && values.size() != 2) reader.wrong(key, "one or two numbers");
  value = values.size() == 1 ? SymmetricRange(values[0]) : SymmetricRange(values[0], values[1]);
}
Json Codec<SymmetricRange>::write(const SymmetricRange& value) {
  return value.low == -value.high ? Json(value.high) : layers::RangeCodec::write(value);
}

namespace layers {

Json RangeCodec::write(const SymmetricRange& value) { return Json::array({value.low, value.high}); }

void SizesCodec::read(const ConfigReader& reader, const char* key, Shape& value) {
  value = Shape(reader.integers(key));
}
Json SizesCodec::write(const Shape& value) { return value.sizes(); }

Json NullableSizesCodec::write(const Shape& value) {
  Json sizes;
  for (const std::int64_t size : value.sizes()) sizes.push_back(size < 0 ? Json(nullptr) : Json(size));
  return sizes;
}

void AxisCodec::read(const ConfigReader& reader, const char* key, std::int64_t& value) {
  const std::vector<std::int64_t> axis = reader.integers(key);
  if (axis.size() > 1) {
    fail(ErrorKind::unsupported, "layer '", reader.text("name", ""), "': ", key, " ",
         reader.find(key)->dump(), " is not supported; graft computes along one axis");
  }
  if (axis.size() != 1) reader.wrong(key, "one axis");
  value = axis.front();
}

void ActivationCodec::read(const ConfigReader& reader, const char* key, std::string& value) {
  const Json& written = *reader.find(key);
  const bool has_config = written.is_object() && written.contains("config");
  if (has_config && written["config"].is_object()) {
    value = activation_of_layer(written);
    return;
  }
  const bool serialised = has_config && written["config"].is_string();
  if (!serialised && !written.is_string()) reader.wrong(key, "an activation's name");
  value = (serialised ? written["config"] : written).get<std::string>();
}
Json ActivationCodec::write(const std::string& value) {
  return value.starts_with('{') ? Json::parse(value) : Json(value);
}

void InitializerCodec::read(const ConfigReader& reader, const char* key, std::string& value) {
  const Json& written = *reader.find(key);
  // An initializer that graft does not know only decides how training from scratch would begin: a loaded
  // model brings its weights.
  const bool is_array = written.is_object() && written.contains("config") && written["config"].is_object() &&
                        written["config"].value("value", Json()).is_structured();
  if (!is_array) value = call_from_json(initializers(), written).value_or(value);
}
Json InitializerCodec::write(const std::string& value) { return initializer_json(value); }

Sides read_sides(const ConfigReader& reader, const char* key) {
  const std::vector<std::int64_t> values = reader.integers(key);
  if (values.size() == 1) return {values[0], values[0], values[0], values[0]};
  if (values.size() == 2) return {values[0], values[0], values[1], values[1]};
  if (values.size() != 4) reader.wrong(key, "one, two or four integers");
  return {values[0], values[1], values[2], values[3]};
}
Json write_sides(const Sides& sides) {
  return Json::array({Json::array({sides.top, sides.bottom}), Json::array({sides.left, sides.right})});
}

void require_channels_last(const ConfigReader& reader) {
  if (reader.text("data_format", "channels_last") == "channels_last") return;
  fail(ErrorKind::unsupported, "layer '", reader.text("name", ""),
       "' has data_format channels_first; graft reads channels_last models. ",
       "Save the model with channels_last");
}

void refuse(const ConfigReader& reader, const char* class_name, const std::string& what) {
  fail(ErrorKind::unsupported, class_name, " '", reader.text("name", ""), "': ", what);
}

}  // namespace layers
}  // namespace graft
