# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime and OpenVINO on the network as torchvision exports it. case["runtime"]: onnxruntime or openvino."""
import os
import tempfile

import numpy as np

from serve import serve


def exported(case):
    """The network's ONNX file, made once for each batch size by a process of its own, whose memory and threads would
    else stand in the figures."""
    folder = os.path.join(tempfile.gettempdir(), "graft-compare-onnx")
    path = os.path.join(folder, f"{case['network']}_{case['size']}_{case['batch']}.onnx")
    if not os.path.exists(path):
        raise FileNotFoundError(path)
    return path


def predict(case):
    x = np.random.rand(case["batch"], 3, case["size"], case["size"]).astype("f")
    if case["runtime"] == "onnxruntime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        session = onnxruntime.InferenceSession(exported(case), options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return lambda: session.run(None, {name: x})
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if case["precision"] == "bfloat16" else "f32",
        "INFERENCE_NUM_THREADS": "2",
        "PERFORMANCE_HINT": "LATENCY",
    }
    request = openvino.Core().compile_model(exported(case), "CPU", settings).create_infer_request()
    return lambda: request.infer({0: x})


serve(predict)
