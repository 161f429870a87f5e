// SPDX-License-Identifier: Apache-2.0
// graft.h: version, and opening and reading classifiers.
#include <algorithm>
#include <memory>
#include <string>

#include "graft/applications/pixels.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/int8_ranges.hpp"
#include "graft/version.hpp"

#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/memory_file.hpp"

namespace graft::c_api {
namespace {

std::optional<applications::Preprocessing> pixels_of(const char* name) {
  if (name == nullptr) return std::nullopt;
  const auto* found =
      std::ranges::find(applications::kPixels, std::string_view(name), &applications::NamedPixels::name);
  if (found == applications::kPixels.end()) {
    fail_option(ErrorKind::invalid_argument, "pixels",
                "pixels: expected -1..1, 0..1, caffe or torch, received '", name, "'");
  }
  return found->pixels;
}

std::unique_ptr<graft_classifier> as_handle(Classifier classifier, const Execution& execution) {
  check_precision(classifier, execution);
  return std::make_unique<graft_classifier>(graft_classifier{std::move(classifier)});
}

/// Opens the bytes; errors and notes say "the model in memory" where they would name a file.
Classifier open_in_memory(std::span<const std::byte> bytes, const ClassifierOptions& options) {
  const MemoryFile file(bytes);
  const std::string name = file.path().string();
  try {
    return Classifier::open(file.path(), options);
  } catch (const Error& error) {
    std::string message = error.what();
    for (std::size_t at = message.find(name); at != std::string::npos; at = message.find(name, at))
      message.replace(at, name.size(), "the model in memory");
    throw Error(error.kind(), message, error.option());
  }
}

}  // namespace

Execution execution_of(std::int64_t threads, const char* precision) {
  Execution execution;
  constexpr std::int64_t kMostThreads = 1024;
  execution.threads = static_cast<int>(count_or_zero(threads, "threads", kMostThreads));
  if (precision != nullptr) execution.dtype_policy = dtype_policy_from_name(precision);
  return execution;
}

ClassifierOptions open_options(const graft_open_options& given) {
  if (!(given.alpha >= 0)) {
    fail_option(ErrorKind::invalid_argument, "alpha", "alpha: expected a number above 0, received ",
                given.alpha);
  }
  return {.pixels = pixels_of(given.pixels),
          .weights = text_or_empty(given.weights),
          .alpha = given.alpha == 0 ? 1 : given.alpha,
          .class_names = text_or_empty(given.class_names),
          .execution = execution_of(given.threads, given.precision)};
}

void check_precision(const Classifier& classifier, const Execution& execution) {
  if (execution.dtype_policy != DTypePolicy::int8 || classify::int8_ranges(classifier.metadata()) != nullptr)
    return;
  fail_option(ErrorKind::invalid_argument, "precision",
              "precision int8: the model file has no ranges for it; graft quantize writes one that has");
}

}  // namespace graft::c_api

using namespace graft::c_api;  // NOLINT(google-build-using-namespace,google-global-names-in-headers): what
                               // follows are C's functions

// Both end in a zero: they are literals.
const char* graft_version() { return graft::version().data(); }
const char* graft_status_name(graft_status status) {
  if (status == GRAFT_OK) return "ok";
  if (status < GRAFT_OK || status > GRAFT_INTERNAL) return "unknown";
  return graft::to_string(static_cast<graft::ErrorKind>(status - 1)).data();
}

graft_status graft_classifier_open(const char* path, const graft_open_options* options,
                                   graft_classifier** classifier, graft_error** error) {
  return guarded_result(classifier, error, [&] {
    const auto given = open_options(read_struct(options, "options"));
    if (given.alpha != 1)
      graft::fail_option(graft::ErrorKind::invalid_argument, "alpha",
                         "alpha: a model file has its own width; leave it at 0");
    return as_handle(graft::Classifier::open(required_text(path, "path"), given), given.execution);
  });
}

graft_status graft_classifier_open_bytes(const void* bytes, size_t length, const graft_open_options* options,
                                         graft_classifier** classifier, graft_error** error) {
  return guarded_result(classifier, error, [&] {
    const auto given = open_options(read_struct(options, "options"));
    return as_handle(open_in_memory(bytes_of(bytes, length, "bytes"), given), given.execution);
  });
}

graft_status graft_classifier_imagenet(const char* network, const graft_open_options* options,
                                       graft_classifier** classifier, graft_error** error) {
  return guarded_result(classifier, error, [&] {
    const auto given = open_options(read_struct(options, "options"));
    if (given.pixels)
      graft::fail_option(graft::ErrorKind::invalid_argument, "pixels",
                         "pixels: a network by name knows how its pixels are scaled; leave it at NULL");
    return as_handle(graft::Classifier::imagenet(required_text(network, "network"), given), given.execution);
  });
}

void graft_classifier_free(graft_classifier* classifier) { delete classifier; }

size_t graft_classifier_class_count(const graft_classifier* classifier) {
  return classifier == nullptr ? 0 : classifier->classifier.class_names().size();
}
const char* graft_classifier_class_name(const graft_classifier* classifier, size_t index) {
  return classifier == nullptr ? nullptr : text_at(classifier->classifier.class_names(), index);
}
const char* graft_classifier_class_id(const graft_classifier* classifier, size_t index) {
  return classifier == nullptr ? nullptr : text_at(classifier->classifier.class_ids(), index);
}
int64_t graft_classifier_has_several_labels(const graft_classifier* classifier) {
  return classifier != nullptr && classifier->classifier.has_several_labels() ? 1 : 0;
}
int64_t graft_classifier_height(const graft_classifier* classifier) {
  return classifier == nullptr ? 0 : classifier->classifier.image_size().height;
}
int64_t graft_classifier_width(const graft_classifier* classifier) {
  return classifier == nullptr ? 0 : classifier->classifier.image_size().width;
}
int64_t graft_classifier_channels(const graft_classifier* classifier) {
  return classifier == nullptr
             ? 0
             : graft::data::channels_of(classifier->classifier.load_options().decode.color_mode);
}
size_t graft_classifier_note_count(const graft_classifier* classifier) {
  return classifier == nullptr ? 0 : classifier->classifier.notes().size();
}
const char* graft_classifier_note(const graft_classifier* classifier, size_t index) {
  return classifier == nullptr ? nullptr : text_at(classifier->classifier.notes(), index);
}
