# SPDX-License-Identifier: Apache-2.0
"""The named cases: what is measured, beside whom, and the ratio that is asked for (peer's time / graft's)."""


def _peers(kind):
    keras = {"keras": {"program": "keras_peer.py", "precision": "float32"}}
    torch = {
        f"torch {layout}": {"program": "torch_peer.py", "layout": layout, "precision": "float32"}
        for layout in ("nchw", "nhwc")
    }
    torch["torch bf16"] = {"program": "torch_peer.py", "layout": "nhwc", "precision": "bfloat16"}
    if kind == "head_epoch":
        return keras
    if kind == "step":
        return {**keras, **torch}
    runtimes = {
        "onnxruntime": {"program": "runtime_peer.py", "runtime": "onnxruntime", "precision": "float32"},
        "openvino": {"program": "runtime_peer.py", "runtime": "openvino", "precision": "float32"},
        "openvino bf16": {"program": "runtime_peer.py", "runtime": "openvino", "precision": "bfloat16"},
    }
    return {**keras, **torch, **runtimes}


def _predict(network, size, batch):
    return f"predict_{network}_b{batch}", {"kind": "predict", "network": network, "size": size, "batch": batch}


def _all():
    yield _predict("mobilenet_v2", 160, 1)
    yield _predict("mobilenet_v2", 160, 32)
    for network, size, large in (
        ("resnet50", 224, 32),
        ("inception_v3", 299, 16),
        ("vgg16", 224, 8),
        ("efficientnetb0", 224, 32),
        ("densenet121", 224, 16),
    ):
        yield _predict(network, size, 1)
        yield _predict(network, size, large)
    mobilenet = {"kind": "step", "network": "mobilenet_v2", "size": 160, "batch": 32}
    yield "step_mobilenet_v2_head", {**mobilenet, "train": "none"}
    yield "step_mobilenet_v2_from_100", {**mobilenet, "train": 100, "target": 2, "target_bf16": 3}
    yield "step_mobilenet_v2_all", {**mobilenet, "train": "all", "target": 3}
    yield "step_mobilenet_v2_all_bn_training", {**mobilenet, "train": "all", "bn_training": True, "target": 2}
    vgg = {"kind": "step", "network": "vgg16", "size": 48, "batch": 256, "train": "block5", "hidden": 1000}
    yield "step_vgg16_block5", {**vgg, "target": 1, "target_bf16": 1.4}
    yield "step_vgg16_block5_cached", {**vgg, "cached": True, "target": 3}
    yield "step_resnet50_conv5", {
        "kind": "step", "network": "resnet50", "size": 224, "batch": 32, "train": "conv5", "target": 1.2,
        "target_bf16": 1.6,
    }
    yield "head_epoch", {
        "kind": "head_epoch", "network": "mobilenet_v2", "size": 160, "batch": 32, "train": "none", "photos": 900,
        "target": 100,
    }
    for network, batch in (("vgg16", 8), ("resnet50", 8)):
        yield f"kernels_{network}", {"kind": "kernels", "network": network, "batch": batch, "target": 0.88}
    yield "command_tutorial", {"kind": "command", "target": 8}
    yield "command_default_train", {"kind": "command", "target": 20}
    # Without report and inspection of photos.
    yield "command_tutorial_model_only", {"kind": "command", "target": 8}
    yield "command_train_model_only", {"kind": "command", "target": 20}
    yield "command_predict_cold", {"kind": "command", "target": 40}


CASES = dict(_all())


def competitors(case, before):
    """Name -> arguments of its program, graft's first. before: another build of graft, too."""
    ours = {"graft": {"program": "graft", "precision": "float32"}}
    if case["kind"] != "head_epoch" and not case.get("cached"):
        ours["graft bf16"] = {"program": "graft", "precision": "mixed_bfloat16"}
    if before:
        ours |= {name.replace("graft", "before"): what for name, what in ours.items()}
    peers = _peers(case["kind"])
    return {name: {**case, **what} for name, what in {**ours, **peers}.items()}
