// SPDX-License-Identifier: Apache-2.0
// graft.h: saving and export.
#include "graft/base/fail.hpp"
#include "graft/classify/file_entries.hpp"
#include "graft/onnx.hpp"
#include "graft/saving.hpp"

#include "c_api/guard.hpp"
#include "c_api/handles.hpp"

namespace graft::c_api {
namespace {

OnnxOptions onnx_options(const graft_onnx_options* from, const Classifier& classifier) {
  const auto given = read_struct(from, "options");
  OnnxOptions options;
  if (given.opset != 0) options.opset = given.opset;
  options.float16 = flag(given.float16, "float16");
  options.input = flag(given.nchw, "nchw") ? OnnxInput::nchw : OnnxInput::nhwc;
  options.image_size = classifier.image_size();
  options.metadata = classify::exported_metadata(classifier);
  return options;
}

}  // namespace
}  // namespace graft::c_api

using namespace graft::c_api;  // NOLINT(google-build-using-namespace,google-global-names-in-headers): what
                               // follows are C's functions

graft_status graft_classifier_save(const graft_classifier* classifier, const char* path,
                                   graft_error** error) {
  return guarded(error, [&] {
    const graft::Classifier& saved = required(classifier, "classifier").classifier;
    const std::filesystem::path file = required_text(path, "path");
    graft::SaveOptions options;
    if (file.extension() == ".keras") options.extra = graft::classify::model_file_entries(saved);
    graft::save_model(saved.model(), file, options);
  });
}

graft_status graft_classifier_export_onnx(const graft_classifier* classifier, const char* path,
                                          const graft_onnx_options* options, graft_error** error) {
  return guarded(error, [&] {
    const graft::Classifier& exported = required(classifier, "classifier").classifier;
    const std::filesystem::path file = required_text(path, "path");
    graft::save_onnx(exported.model(), file, onnx_options(options, exported));
  });
}
