// SPDX-License-Identifier: Apache-2.0
#include "c_api/guard.hpp"

#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "graft/base/fail.hpp"

/// See graft.h.
struct graft_error {  // NOLINT(readability-identifier-naming): a name of C
  graft_status status = GRAFT_OK;
  std::string message{};
  std::string option{};
};

namespace graft::c_api {
namespace {

/// Handed out where there is no memory for another one; never freed.
graft_error& out_of_memory() {
  // Short enough that no memory is needed for the text itself.
  static graft_error error{.status = GRAFT_RESOURCE_LIMIT, .message = "out of memory"};
  return error;
}

graft_status report(graft_error** error, graft_status status, const char* message,
                    const std::string& option = {}) noexcept {
  if (error == nullptr) return status;
  try {
    *error = new graft_error{.status = status, .message = message, .option = option};
  } catch (...) {
    *error = &out_of_memory();
  }
  return status;
}

}  // namespace

graft_status status_of(ErrorKind kind) {
  static_assert(static_cast<int>(ErrorKind::invalid_argument) + 1 == GRAFT_INVALID_ARGUMENT);
  static_assert(static_cast<int>(ErrorKind::shape_mismatch) + 1 == GRAFT_SHAPE_MISMATCH);
  static_assert(static_cast<int>(ErrorKind::not_found) + 1 == GRAFT_NOT_FOUND);
  static_assert(static_cast<int>(ErrorKind::bad_file) + 1 == GRAFT_BAD_FILE);
  static_assert(static_cast<int>(ErrorKind::unsupported) + 1 == GRAFT_UNSUPPORTED);
  static_assert(static_cast<int>(ErrorKind::io) + 1 == GRAFT_IO);
  static_assert(static_cast<int>(ErrorKind::resource_limit) + 1 == GRAFT_RESOURCE_LIMIT);
  static_assert(static_cast<int>(ErrorKind::numeric) + 1 == GRAFT_NUMERIC);
  static_assert(static_cast<int>(ErrorKind::interrupted) + 1 == GRAFT_INTERRUPTED);
  static_assert(static_cast<int>(ErrorKind::internal) + 1 == GRAFT_INTERNAL);
  return static_cast<graft_status>(kind) + 1;
}

graft_status report_exception(graft_error** error) noexcept {
  try {
    throw;
  } catch (const Error& known) {
    return report(error, status_of(known.kind()), known.what(), known.option());
  } catch (const std::bad_alloc&) {
    return report(error, GRAFT_RESOURCE_LIMIT, out_of_memory().message.c_str());
  } catch (const std::system_error& system) {
    return report(error, GRAFT_IO, system.what());
  } catch (const std::exception& other) {
    return report(error, GRAFT_INTERNAL, other.what());
  } catch (...) {
    return report(error, GRAFT_INTERNAL, "an exception of an unknown type");
  }
}

void fail_null(const char* name) {
  fail(ErrorKind::invalid_argument, name, ": expected an address, received NULL");
}

std::span<const std::byte> bytes_of(const void* bytes, std::size_t length, const char* name) {
  if (bytes == nullptr) fail_null(name);
  if (length == 0) fail(ErrorKind::invalid_argument, name, ": expected at least one byte, received 0");
  return {static_cast<const std::byte*>(bytes), length};
}

bool flag(std::int64_t value, const char* option) {
  if (value != 0 && value != 1)
    fail_option(ErrorKind::invalid_argument, option, option, ": expected 0 or 1, received ", value);
  return value == 1;
}

std::int64_t count_or_zero(std::int64_t value, const char* option, std::int64_t most) {
  if (value < 0 || value > most) {
    fail_option(ErrorKind::invalid_argument, option, option, ": expected 0 to ", most, ", received ", value);
  }
  return value;
}

void check_size(std::size_t given, std::size_t least, const char* name) {
  if (given >= least) return;
  fail_option(ErrorKind::invalid_argument, "size", name, ": expected its size, sizeof of the struct (", least,
              "), as its first field, received ", given);
}

void check_unknown_bytes(const void* given, std::size_t known, std::size_t size, const char* name) {
  const auto* bytes = static_cast<const unsigned char*>(given);
  for (std::size_t i = known; i < size; ++i) {
    if (bytes[i] == 0) continue;
    fail_option(ErrorKind::unsupported, "size", name,
                ": it has options that this version of graft does not know; use a newer library, or leave "
                "them at 0");
  }
}

}  // namespace graft::c_api

graft_status graft_error_status(const graft_error* error) {
  return error == nullptr ? GRAFT_OK : error->status;
}
const char* graft_error_message(const graft_error* error) {
  return error == nullptr ? "" : error->message.c_str();
}
const char* graft_error_option(const graft_error* error) {
  return error == nullptr ? "" : error->option.c_str();
}
void graft_error_free(graft_error* error) {
  if (error != &graft::c_api::out_of_memory()) delete error;
}
