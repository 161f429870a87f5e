// SPDX-License-Identifier: Apache-2.0
#include "formats_support.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>

#include <zip.h>

#include "support.hpp"

namespace graft::formats::test {

void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::optional<Error> error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return {};
}

void expect_error(ErrorKind kind, const std::string& text, const std::function<void()>& action) {
  const auto error = error_of(action);
  ASSERT_TRUE(error) << "no error; expected one with '" << text << "'";
  EXPECT_EQ(to_string(error->kind()), to_string(kind)) << error->what();
  EXPECT_NE(std::string(error->what()).find(text), std::string::npos) << error->what();
}

Tensor tensor_of(const NamedTensors& tensors, const std::string& path) {
  const auto found = std::ranges::find(tensors, path, &NamedTensor::path);
  if (found != tensors.end()) return found->tensor;
  ADD_FAILURE() << "no tensor " << path;
  return {};
}

bool same_elements(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         (a.empty() || std::memcmp(a.raw(), b.raw(), a.size_bytes()) == 0);
}

void expect_equal(const NamedTensors& a, const NamedTensors& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].path, b[i].path);
    EXPECT_TRUE(same_elements(a[i].tensor, b[i].tensor)) << a[i].path;
  }
}

std::vector<std::filesystem::path> golden_files(std::string_view ending) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(graft::test::goldens() / "files")) {
    if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  EXPECT_FALSE(found.empty()) << "no golden file " << ending;
  return found;
}

void make_zip(const std::filesystem::path& path,
              const std::vector<std::pair<std::string, std::string>>& entries, bool deflate) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  ASSERT_NE(archive, nullptr);
  for (const auto& [name, bytes] : entries) {
    const auto index =
        zip_file_add(archive, name.c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
    ASSERT_GE(index, 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                             deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  ASSERT_EQ(zip_close(archive), 0);
}

}  // namespace graft::formats::test
