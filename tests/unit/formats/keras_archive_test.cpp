// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/keras_archive.hpp"

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "formats_support.hpp"
#include "support.hpp"

namespace graft::formats {
namespace {

using test::expect_error;

std::filesystem::path golden(const std::string& name) { return graft::test::goldens() / "files" / name; }

void read(const std::filesystem::path& path) { static_cast<void>(read_keras_archive(path)); }

TEST(KerasArchive, ReadsKerasFile) {
  const KerasArchive archive = read_keras_archive(golden("small_cnn.keras"));
  EXPECT_TRUE(archive.metadata["keras_version"].get<std::string>().starts_with("3."));
  EXPECT_EQ(archive.config["config"]["name"], "small_cnn");
  EXPECT_EQ(archive.group_names.at("layers/dense_1/vars"), "predictions");
  EXPECT_EQ(test::tensor_of(archive.weights, "layers/dense_1/vars/1").shape(), Shape({5}));
  EXPECT_TRUE(archive.extra.empty());
}

TEST(KerasArchive, RoundTripsEveryGoldenFile) {
  const graft::test::TemporaryFolder folder;
  for (const auto& path : test::golden_files(".keras")) {
    KerasArchive archive = read_keras_archive(path);
    archive.extra["graft/facts.json"] = "{\"classes\": [\"\xC3\xA4\"]}";
    archive.extra["assets/empty.bin"] = "";
    const auto copy = folder.path() / "copy.keras";
    write_keras_archive(copy, archive);
    const KerasArchive again = read_keras_archive(copy);
    EXPECT_EQ(again.metadata, archive.metadata);
    EXPECT_EQ(again.config, archive.config);
    EXPECT_EQ(again.group_names, archive.group_names);
    EXPECT_EQ(again.extra, archive.extra);
    test::expect_equal(again.weights, archive.weights);
  }
}

TEST(KerasArchive, WritesEqualBytesAndLeavesNoTemporary) {
  const graft::test::TemporaryFolder folder;
  const KerasArchive archive = read_keras_archive(golden("small_cnn.keras"));
  write_keras_archive(folder.path() / "a.keras", archive);
  write_keras_archive(folder.path() / "b.keras", archive);
  EXPECT_EQ(graft::test::read_file(folder.path() / "a.keras"),
            graft::test::read_file(folder.path() / "b.keras"));
  // The first entry's time and date: 0:00 on 1 January 1980.
  EXPECT_EQ(graft::test::read_file(folder.path() / "a.keras").substr(10, 4), std::string("\0\0\x21\0", 4));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

TEST(KerasArchive, ReportsThatItCannotWrite) {
  const KerasArchive archive = read_keras_archive(golden("small_cnn.keras"));
  expect_error(ErrorKind::io, "a.keras",
               [&] { write_keras_archive("/nonexistent_folder/a.keras", archive); });
}

TEST(KerasArchive, RefusesUnsafeExtraNames) {
  const graft::test::TemporaryFolder folder;
  for (const char* name : {"", "/etc/x", "../x", "a/../../x", "config.json", "a\\b", "folder/"}) {
    KerasArchive archive;
    archive.extra[name] = "x";
    expect_error(ErrorKind::invalid_argument, "entry",
                 [&] { write_keras_archive(folder.path() / "a.keras", archive); });
  }
}

TEST(KerasArchive, ReportsTheDefect) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "m.keras";
  expect_error(ErrorKind::not_found, "m.keras", [&] { read(path); });
  test::write_bytes(path, "<html>not here</html>");
  expect_error(ErrorKind::bad_file, "web page", [&] { read(path); });
  expect_error(ErrorKind::bad_file, "HDF5", [&] { read(golden("small_cnn.h5")); });
  const std::string whole = graft::test::read_file(golden("small_cnn.keras"));
  test::write_bytes(path, whole.substr(0, whole.size() / 2));
  expect_error(ErrorKind::bad_file, "truncated", [&] { read(path); });
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 0x40);
  test::write_bytes(path, flipped);
  expect_error(ErrorKind::bad_file, "model.weights.h5", [&] { read(path); });
  test::make_zip(path, {{"config.json", "{}"}, {"metadata.json", "{}"}});
  expect_error(ErrorKind::bad_file, "without model.weights.h5", [&] { read(path); });
  test::make_zip(path, {{"config.json", "{\"a\": "}});
  expect_error(ErrorKind::bad_file, "config.json is not valid JSON", [&] { read(path); });
  test::make_zip(path, {{"config.json", std::string(2000, '[') + std::string(2000, ']')}});
  expect_error(ErrorKind::resource_limit, "nests deeper", [&] { read(path); });
}

TEST(KerasArchive, RefusesZipBombs) {
  const graft::test::TemporaryFolder folder;
  const auto path = folder.path() / "m.keras";
  test::make_zip(path, {{"config.json", std::string(50U << 20U, ' ')}}, true);
  ASSERT_LT(std::filesystem::file_size(path), 100'000U);
  expect_error(ErrorKind::resource_limit, "zip bomb", [&] { read(path); });
}

TEST(KerasArchive, RefusesADirectoryWithCountlessEntries) {
  // A zip64 directory end that claims 2^28 entries.
  const auto number = [](std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFFU);
    return text;
  };
  const std::uint64_t entries = std::uint64_t{1} << 28U;
  std::string bytes = "PK\x03\x04" + std::string(60, '\0');
  const std::uint64_t at = bytes.size();
  bytes += "PK\x06\x06" + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) + number(entries, 8) +
           number(entries, 8) + number(0, 8) + number(at, 8);
  bytes += "PK\x06\x07" + number(0, 4) + number(at, 8) + number(1, 4);
  bytes += "PK\x05\x06" + number(0, 4) + number(0xFFFFFFFF, 4) + number(0xFFFFFFFF, 8) + number(0, 2);
  const graft::test::TemporaryFolder folder;
  test::write_bytes(folder.path() / "m.keras", bytes);
  expect_error(ErrorKind::bad_file, "directory", [&] { read(folder.path() / "m.keras"); });
}

}  // namespace
}  // namespace graft::formats
