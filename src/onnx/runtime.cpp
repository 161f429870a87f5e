// SPDX-License-Identifier: Apache-2.0
#include "graft/onnx/runtime.hpp"

namespace graft {
inline namespace onnx {
namespace {

constexpr const char* kScript = R"(
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=['CPUExecutionProvider'])
batch = numpy.load(sys.argv[2])
name = session.get_inputs()[0].name
parts = [session.run(None, {name: batch[i:i + 8]})[0] for i in range(0, len(batch), 8)]
numpy.save(sys.argv[3], numpy.concatenate(parts).astype('float32'))
open(sys.argv[4], 'w').write(onnxruntime.__version__)
)";

}  // namespace

const formats::OutsideEngine& onnx_runtime() {
  static constexpr formats::OutsideEngine kEngine{
      .name = "ONNX Runtime", .package = "onnxruntime", .module = "onnxruntime", .script = kScript};
  return kEngine;
}

}  // namespace onnx
}  // namespace graft
