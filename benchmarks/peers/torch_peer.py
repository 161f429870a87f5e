# SPDX-License-Identifier: Apache-2.0
"""PyTorch. case["layout"]: nchw or nhwc; case["precision"]: float32 or bfloat16 (autocast)."""
import torch
import torchvision
from torch import nn

from serve import serve

torch.set_num_threads(2)
NAMES = {"efficientnetb0": "efficientnet_b0"}


def network(case):
    name = NAMES.get(case["network"], case["network"])
    extra = {"aux_logits": False, "init_weights": False} if name == "inception_v3" else {}
    return getattr(torchvision.models, name)(weights=None, **extra)


def in_layout(case, thing):
    if case["layout"] == "nchw":
        return thing
    return thing.to(memory_format=torch.channels_last)


def autocast(case):
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=case["precision"] == "bfloat16")


def photos(case):
    return in_layout(case, torch.rand(case["batch"], 3, case["size"], case["size"]))


def predict(case):
    model, x = in_layout(case, network(case).eval()), photos(case)

    def run():
        with torch.inference_mode(), autocast(case):
            model(x)

    return run


# The first trained part of each network, as Keras's layer of the same place.
PARTS = {
    ("mobilenet_v2", 100): lambda m: list(m.features[12:]),
    ("vgg16", "block5"): lambda m: list(m[0][24:]),
    ("resnet50", "conv5"): lambda m: [m.layer4],
}


def with_head(case):
    model = network(case)
    if case["network"] == "mobilenet_v2":
        model.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 10))
        head = model.classifier
    elif case["network"] == "resnet50":
        model.fc = head = nn.Linear(2048, 10)
    else:
        side = case["size"] // 32
        head = nn.Sequential(nn.Flatten(), nn.Linear(512 * side * side, case["hidden"]), nn.ReLU(), nn.Dropout(0.3),
                             nn.Linear(case["hidden"], 10))
        model = nn.Sequential(model.features, head)
    return model, head


def step(case):
    model, head = with_head(case)
    model.train(bool(case.get("bn_training")))
    everything = case["train"] == "all"
    for parameter in model.parameters():
        parameter.requires_grad = everything
    parts = [] if case["train"] in ("all", "none") else PARTS[case["network"], case["train"]](model)
    for part in [*parts, head]:
        for parameter in part.parameters():
            parameter.requires_grad = True
    model, x = in_layout(case, model), photos(case)
    y = torch.arange(case["batch"]) % 10
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 1e-5)

    def run():
        optimizer.zero_grad()
        with autocast(case):
            output = model(x)
        nn.functional.cross_entropy(output.float(), y).backward()
        optimizer.step()

    return run


serve(lambda case: globals()[case["kind"]](case))
