// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fields.hpp"

#include <gtest/gtest.h>

#include "graft/error.hpp"

namespace graft {
namespace {

enum class Mode { slow, fast };
constexpr EnumName<Mode> kModes[] = {{Mode::slow, "slow"}, {Mode::fast, "fast"}};

struct Options {
  std::int64_t units = 3;
  double slope = 0.5;
  bool bias = true;
  std::string text = "linear";
  std::vector<double> scale{1};
  std::vector<std::int64_t> axes{};
  std::optional<double> most{};
  std::optional<std::uint64_t> seed{};
  Mode mode = Mode::fast;
};

constexpr auto kFields =
    fields<Options>(field<&Options::units>("units"), field<&Options::slope>("slope").formerly("alpha"),
                    field<&Options::bias>("use_bias")) +
    fields<Options>(field<&Options::text>("text"), field<&Options::scale, NumberOrList>("scale"),
                    field<&Options::axes, NullWhenEmpty<std::vector<std::int64_t>>>("axes"),
                    field<&Options::most>("most").when_set(), field<&Options::seed, SeedCodec>("seed"),
                    field<&Options::mode, EnumCodec<kModes>>("mode"),
                    fixed_field<Options>(
                        "axis", [](const void*) -> Json { return -1; },
                        [](const ConfigReader& reader, const char* key, void*) {
                          if (reader.integer(key, -1) != -1) reader.wrong(key, "-1");
                        }));

Options read(const Json& config) {
  return read_options(kFields, ConfigReader(config, "config of layer 'x'", ConfigReader::Integers::sizes));
}

std::string complaint(const Json& config) {
  try {
    static_cast<void>(read(config));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_file);
    return error.what();
  }
  return "";
}

TEST(Fields, AreWrittenInOrderWithTheStructsOwnDefaults) {
  EXPECT_EQ(write_options(kFields, {}).dump(),
            R"({"units":3,"slope":0.5,"use_bias":true,"text":"linear","scale":1.0,"axes":null,"seed":null,)"
            R"("mode":"fast","axis":-1})");
}

TEST(Fields, ComeBackFromWhatWasWritten) {
  const Options options{.units = 7,
                        .slope = 0.25,
                        .bias = false,
                        .text = "relu",
                        .scale = {1, 2},
                        .axes = {1, 2},
                        .most = 6,
                        .seed = 5,
                        .mode = Mode::slow};
  const Options again = read(write_options(kFields, options));
  EXPECT_EQ(write_options(kFields, again), write_options(kFields, options));
  EXPECT_EQ(again.most, 6);
  EXPECT_TRUE(same_options(kFields, again, options));
  EXPECT_FALSE(same_options(kFields, again, {}));
}

TEST(Fields, AbsentKeysAndNullLeaveTheDefaultAndKeras2sKeyIsRead) {
  const Options options = read({{"units", nullptr}, {"alpha", 2}, {"other", "ignored"}});
  EXPECT_EQ(options.units, 3);
  EXPECT_EQ(options.slope, 2);
  EXPECT_EQ(read({{"alpha", 2}, {"slope", 4}}).slope, 4);
}

TEST(Fields, WrongValuesAreErrorsThatNameOwnerKeyAndValue) {
  EXPECT_EQ(complaint({{"units", "many"}}),
            "config of layer 'x': expected an integer of at most 2^31 for 'units', received \"many\"");
  EXPECT_EQ(complaint({{"units", 1e12}}),
            "config of layer 'x': expected an integer of at most 2^31 for 'units', received 1000000000000.0");
  EXPECT_EQ(complaint({{"alpha", "steep"}}),
            "config of layer 'x': expected a number for 'alpha', received \"steep\"");
  EXPECT_EQ(complaint({{"mode", "quick"}}),
            "config of layer 'x': expected slow or fast for 'mode', received \"quick\"");
  EXPECT_EQ(complaint({{"axis", 1}}), "config of layer 'x': expected -1 for 'axis', received 1");
}

TEST(Fields, WholeNumbersMayBeWrittenAsFloatsWhereSizesMayNot) {
  const Json config{{"steps", 4.0}};
  EXPECT_EQ(ConfigReader(config, "schedule").integer("steps", 0), 4);
  EXPECT_THROW((void)ConfigReader(config, "layer", ConfigReader::Integers::sizes).integer("steps", 0), Error);
  EXPECT_EQ(ConfigReader(Json("none"), "schedule").integer("steps", 3), 3);
}

TEST(Fields, ReferenceTableListsOptionTypeAndDefault) {
  const std::string table = reference_table(kFields);
  EXPECT_NE(table.find("| `units` | integer | `3` |"), std::string::npos) << table;
  EXPECT_NE(table.find("| `mode` | one of the names | `\"fast\"` |"), std::string::npos) << table;
}

}  // namespace
}  // namespace graft
