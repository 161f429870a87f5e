// SPDX-License-Identifier: Apache-2.0
#include "cli/export_formats.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/cpp_source.hpp"
#include "graft/onnx.hpp"
#include "graft/onnx/runtime.hpp"
#include "graft/quantize.hpp"
#include "graft/tflite.hpp"
#include "graft/tflite/runtime.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

void save_as_onnx(const ExportSettings& settings, const Classifier& classifier,
                  const ExportMetadata& metadata, const fs::path& file) {
  OnnxOptions options{.float16 = settings.float16, .metadata = metadata};
  options.opset = settings.opset.value_or(options.opset);
  if (settings.int8) options.int8 = int8_values(classifier);
  options.input = settings.nchw ? OnnxInput::nchw : OnnxInput::nhwc;
  options.image_size = classifier.image_size();
  save_onnx(classifier.model(), file, options);
}

void save_as_tflite(const ExportSettings& settings, const Classifier& classifier,
                    const ExportMetadata& metadata, const fs::path& file) {
  save_tflite(classifier.model(), file,
              {.float16 = settings.float16,
               .image_size = classifier.image_size(),
               .class_names = classifier.class_names(),
               .metadata = metadata});
}

void save_as_source(const ExportSettings&, const Classifier& classifier, const ExportMetadata&,
                    const fs::path& file) {
  save_cpp_source(classifier.model(), file,
                  {.image_size = classifier.image_size(), .class_names = classifier.class_names()});
}

constexpr std::array kFormats{
    ExportFormat{".onnx", "ONNX", &onnx_runtime, "GRAFT_ONNX_PYTHON", "onnx-runtime", &save_as_onnx},
    ExportFormat{".tflite", "TensorFlow Lite", &lite_rt, "GRAFT_LITERT_PYTHON", "litert", &save_as_tflite},
    ExportFormat{".hpp", "C++", nullptr, "", "", &save_as_source}};

[[noreturn]] void fail_without_effect(const char* option, const ExportFormat& format) {
  fail(ErrorKind::invalid_argument, option, " has no effect on a ", format.name, " file; leave it out");
}

}  // namespace

const ExportFormat& export_format_of(const fs::path& file, const ExportSettings& settings) {
  const auto* const found = std::ranges::find_if(
      kFormats, [&](const ExportFormat& one) { return file.extension() == one.extension; });
  if (found == kFormats.end()) {
    fail(ErrorKind::invalid_argument, "-o ", file.string(),
         ": expected a name that ends in .onnx, .tflite or .hpp");
  }
  if (found->engine == nullptr && settings.float16) fail_without_effect("--float16", *found);
  const bool is_onnx = file.extension() == ".onnx";
  if (!is_onnx && settings.opset) fail_without_effect("--opset", *found);
  if (!is_onnx && settings.int8) fail_without_effect("--int8", *found);
  if (settings.int8 && settings.float16)
    fail(ErrorKind::invalid_argument, "--int8 and --float16: a file has one of both; choose one");
  if (!is_onnx && settings.nchw) fail_without_effect("--nchw", *found);
  return *found;
}

std::vector<fs::path> exported_files(const fs::path& file) {
  std::vector<fs::path> files{file};
  if (file.extension() == ".hpp") files.push_back(fs::path(file).replace_extension(".weights"));
  return files;
}

}  // namespace graft::cli
