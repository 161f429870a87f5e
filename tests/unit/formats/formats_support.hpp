// SPDX-License-Identifier: Apache-2.0
// What the tests of file formats share.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/formats/named_tensor.hpp"

namespace graft::formats::test {

void write_bytes(const std::filesystem::path& path, std::string_view bytes);

/// The graft::Error that action throws; nothing when it throws none. Other exceptions pass.
[[nodiscard]] std::optional<Error> error_of(const std::function<void()>& action);
/// Fails the test unless action throws Error of this kind with text in its message.
void expect_error(ErrorKind kind, const std::string& text, const std::function<void()>& action);

/// The tensor under a path; fails the test and returns an empty one when there is none.
[[nodiscard]] Tensor tensor_of(const NamedTensors& tensors, const std::string& path);
/// Same names, shapes, types and bytes in the same order.
void expect_equal(const NamedTensors& a, const NamedTensors& b);
[[nodiscard]] bool same_elements(const Tensor& a, const Tensor& b);

/// Golden files in the folder `files` whose name ends so.
[[nodiscard]] std::vector<std::filesystem::path> golden_files(std::string_view ending);

/// A zip of uncompressed or deflated entries.
void make_zip(const std::filesystem::path& path,
              const std::vector<std::pair<std::string, std::string>>& entries, bool deflate = false);

}  // namespace graft::formats::test
