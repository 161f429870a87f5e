// SPDX-License-Identifier: Apache-2.0
#include "cli/export_formats.hpp"

#include <algorithm>
#include <array>
#include <iostream>

#include "graft/base/fail.hpp"
#include "graft/base/folders.hpp"
#include "graft/cpp_source.hpp"
#include "graft/formats/tfjs.hpp"
#include "graft/formats/tfjs_runtime.hpp"
#include "graft/formats/tflite.hpp"
#include "graft/onnx.hpp"
#include "graft/onnx/runtime.hpp"
#include "graft/quantize.hpp"
#include "graft/tfjs.hpp"
#include "graft/tflite.hpp"
#include "graft/tflite/export.hpp"
#include "graft/tflite/run_source.hpp"
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
  TfliteOptions options{.float16 = settings.float16,
                        .image_size = classifier.image_size(),
                        .class_names = classifier.class_names(),
                        .metadata = metadata};
  if (settings.int8) options.int8 = int8_values(classifier);
  save_tflite(classifier.model(), file, options);
}

void save_as_source(const ExportSettings&, const Classifier& classifier, const ExportMetadata&,
                    const fs::path& file) {
  save_cpp_source(classifier.model(), file,
                  {.image_size = classifier.image_size(), .class_names = classifier.class_names()});
}

void save_as_tfjs(const ExportSettings& settings, const Classifier& classifier,
                  const ExportMetadata& metadata, const fs::path& file) {
  TfjsOptions options{.image_size = classifier.image_size(),
                      .class_names = classifier.class_names(),
                      .teachable_machine = settings.teachable_machine,
                      .metadata = metadata};
  // It says that pixels need no scaling.
  if (settings.teachable_machine) options.metadata.erase(kMetadataEntry);
  save_tfjs(classifier.model(), file, options);
}

constexpr std::array kFormats{
    ExportFormat{".onnx", "ONNX", &onnx_runtime, "GRAFT_ONNX_PYTHON", "onnx-runtime", true, &save_as_onnx},
    ExportFormat{".tflite", "TensorFlow Lite", &lite_rt, "GRAFT_LITERT_PYTHON", "litert", true,
                 &save_as_tflite},
    ExportFormat{".json", "TensorFlow.js", nullptr, "GRAFT_TFJS_FOLDER", "", true, &save_as_tfjs},
    ExportFormat{".hpp", "C++", nullptr, "", "", false, &save_as_source}};

bool is_tensorflow_js(const fs::path& file) { return file.extension() == ".json"; }
bool is_tensorflow_lite(const fs::path& file) { return file.extension() == ".tflite"; }

[[noreturn]] void fail_without_effect(const char* option, const ExportFormat& format) {
  fail(ErrorKind::invalid_argument, option, " has no effect on a ", format.name, " file; leave it out");
}

}  // namespace

const ExportFormat& export_format_of(const fs::path& file, const ExportSettings& settings) {
  const auto* const found = std::ranges::find_if(
      kFormats, [&](const ExportFormat& one) { return file.extension() == one.extension; });
  if (found == kFormats.end()) {
    fail(ErrorKind::invalid_argument, "-o ", file.string(),
         ": expected a name that ends in .onnx, .tflite, .json or .hpp");
  }
  if (found->engine == nullptr && settings.float16) fail_without_effect("--float16", *found);
  const bool is_onnx = file.extension() == ".onnx";
  if (!is_onnx && settings.opset) fail_without_effect("--opset", *found);
  if (!is_onnx && !is_tensorflow_lite(file) && settings.int8) fail_without_effect("--int8", *found);
  if (settings.int8 && settings.float16)
    fail(ErrorKind::invalid_argument, "--int8 and --float16: a file has one of both; choose one");
  if (!is_onnx && settings.nchw) fail_without_effect("--nchw", *found);
  if (!is_tensorflow_js(file) && settings.teachable_machine)
    fail_without_effect("--teachable-machine", *found);
  return *found;
}

std::vector<fs::path> exported_files(const fs::path& file) {
  std::vector<fs::path> files{file};
  if (file.extension() == ".hpp") files.push_back(fs::path(file).replace_extension(".weights"));
  if (!is_tensorflow_js(file)) return files;
  files.push_back(file.parent_path() / "metadata.json");
  for (const std::string& name : formats::tfjs_weight_files(file)) files.push_back(file.parent_path() / name);
  return files;
}

std::optional<std::map<std::string, std::size_t>> float32_operators_of(const fs::path& file,
                                                                       const ExportSettings& settings) {
  if (!settings.int8 || !is_tensorflow_lite(file)) return std::nullopt;
  return float32_operators(formats::read_tflite(file));
}

std::vector<fs::path> replaced_files(const fs::path& file) {
  std::vector<fs::path> files = exported_files(file);
  if (!is_tensorflow_js(file)) return files;
  // Weights of another file have the same names.
  std::error_code none;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name == "weights.bin" || (name.starts_with("group1-shard") && name.ends_with(".bin")))
      files.push_back(file.parent_path() / name);
  }
  return files;
}

namespace {

std::string engine_python(const ExportFormat& format) {
  std::string chosen = environment(format.place);
  if (!chosen.empty()) return chosen;
  const fs::path folder = cache_folder() / format.folder;
  std::error_code ignored;
  if (!fs::exists(folder / "bin" / "python", ignored))
    std::cerr << "note: installing " << format.engine().name << " in " << folder.string() << '\n';
  return formats::make_engine_environment(format.engine(), folder);
}

/// In the folder that is named for each version, else in a temporary one.
NamedAnswer answer_in_node(const ExportFormat& format, const ExportSettings& settings, const fs::path& file,
                           const Tensor& batch, const fs::path& folder) {
  const std::string version = settings.teachable_machine ? "1.3.1" : "4.22.0";
  const std::string chosen = environment(format.place);
  const fs::path packages = chosen.empty() ? folder / "packages" : fs::path(chosen) / version;
  std::error_code ignored;
  if (!fs::exists(packages / "node_modules", ignored)) {
    std::cerr << "note: installing npm's @tensorflow/tfjs " << version << " in "
              << (chosen.empty() ? "a temporary folder; $GRAFT_TFJS_FOLDER names one to keep it in"
                                 : packages.string())
              << '\n';
  }
  formats::install_tfjs(packages, version);
  formats::EngineAnswer answer = formats::run_tfjs(file, batch, packages, folder);
  return {cat("TensorFlow.js ", answer.version), std::move(answer.output)};
}

}  // namespace

NamedAnswer outside_answer(const ExportFormat& format, const ExportSettings& settings, const fs::path& file,
                           const Tensor& batch, const fs::path& folder) {
  if (is_tensorflow_js(file)) return answer_in_node(format, settings, file, batch, folder);
  if (format.engine == nullptr)
    return {"the source, compiled by c++,", run_cpp_source(file, "model", batch, "c++", folder)};
  formats::EngineAnswer answer =
      formats::run_engine(format.engine(), file, batch, engine_python(format), folder);
  return {cat(format.engine().name, " ", answer.version), std::move(answer.output)};
}

}  // namespace graft::cli
