#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes networks of torchvision in PyTorch and, from their ONNX files, in graft, and compares losses and logits.

  tests/onnx/finetune_as_pytorch.py --tests build/release/tests/onnx/onnx_tests --photos ../shared/data/photos/ants_bees

Needs a Python with torch, torchvision, numpy and Pillow. A network has random weights, and statistics of
BatchNormalization from the photos. BatchNormalization is then folded into the convolutions, as the exporter does it, so that
both programs train the same weights: one epoch of SGD with momentum on real photos, the same pixels in the same order, all
weights trained, without dropout. Prints a row for each network. The exit code is 1 where the loss of a step or a logit, before or
after the epoch, differs by more than 1e-3, as a part of the largest where that is above 1.
"""
import argparse
import copy
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
import torchvision
from PIL import Image
from torch.nn.utils.fusion import fuse_conv_bn_eval

NETWORKS = ["resnet18", "mobilenet_v2", "squeezenet1_1"]
ENDINGS = {".jpg", ".jpeg", ".png", ".ppm", ".webp"}
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
BOUND = 1e-3


def load_photos(folder, count, size):
    """Pixels (N, 3, H, W) and the classes, named by the photos' folders, in a fixed order that mixes the classes."""
    files = sorted(path for path in pathlib.Path(folder).rglob("*") if path.suffix.lower() in ENDINGS)
    if len(files) < count:
        sys.exit(f"{folder}: {len(files)} photos, expected at least {count}")
    random.Random(1).shuffle(files)
    files = files[:count]
    classes = sorted({path.parent.name for path in files})
    pixels = []
    for path in files:
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
        pixels.append((np.asarray(small, dtype=np.float32) / 255 - MEAN) / DEVIATION)
    photos = torch.from_numpy(np.stack(pixels).astype(np.float32)).permute(0, 3, 1, 2).contiguous()
    return photos, torch.tensor([classes.index(path.parent.name) for path in files]), len(classes)


def fold_normalisation(module):
    """Each BatchNormalization into the convolution that stands before it."""
    before = None
    for name, child in list(module.named_children()):
        if isinstance(child, torch.nn.BatchNorm2d):
            if before is None or before[1].out_channels != child.num_features:
                sys.exit(f"{name}: a BatchNormalization that follows no convolution; choose another network")
            setattr(module, before[0], fuse_conv_bn_eval(before[1], child))
            setattr(module, name, torch.nn.Identity())
            before = None
            continue
        before = (name, child) if isinstance(child, torch.nn.Conv2d) else None
        fold_normalisation(child)


def build(name, classes, photos):
    torch.manual_seed(1)
    model = torchvision.models.get_model(name, weights=None, num_classes=classes)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # the statistics are those of the photos alone
            module.reset_running_stats()
    model.train()
    with torch.no_grad():
        model(photos)
    model.eval()
    folded = copy.deepcopy(model)
    fold_normalisation(folded)
    folded.eval()
    with torch.no_grad():
        moved = difference(folded(photos).numpy(), model(photos).numpy())
    if moved > 1e-4:
        sys.exit(f"{name}: folding BatchNormalization moves its logits by {moved:.1e}; choose another network")
    return folded


def train(model, photos, labels, arguments):
    """The loss of each batch before its step. In inference mode: no dropout, as in the ONNX file."""
    optimizer = torch.optim.SGD(model.parameters(), lr=arguments.learning_rate, momentum=arguments.momentum)
    losses = []
    for begin in range(0, len(photos) - arguments.batch + 1, arguments.batch):
        end = begin + arguments.batch
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(photos[begin:end]), labels[begin:end])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


def logits_of(model, photos):
    with torch.no_grad():
        return model(photos).numpy()


def difference(found, expected):
    return float(np.abs(found - expected).max() / max(1, np.abs(expected).max()))


def write_folder(folder, model, photos, labels, arguments):
    options = {"input_names": ["image"], "output_names": ["logits"], "opset_version": arguments.opset}
    options |= {"dynamo": False, "dynamic_axes": {"image": {0: "batch"}, "logits": {0: "batch"}}}
    torch.onnx.export(model, photos[:1], str(folder / "network.onnx"), **options)
    np.save(folder / "photos.npy", photos.permute(0, 2, 3, 1).contiguous().numpy())
    np.save(folder / "labels.npy", labels.numpy().astype(np.int32))
    steps = {"batch": arguments.batch, "learning_rate": arguments.learning_rate, "momentum": arguments.momentum}
    (folder / "steps.json").write_text(json.dumps(steps))


def run_graft(folder, tests):
    """Its losses and logits."""
    environment = dict(os.environ, GRAFT_ONNX_STEPS=str(folder))
    run = subprocess.run([tests, "--gtest_filter=OnnxFineTune.StepsOfAFolder"], env=environment, capture_output=True,
                         text=True, check=False)
    if run.returncode != 0 or not (folder / "losses.npy").exists():
        raise RuntimeError("the test ended without an answer: " + (run.stdout + run.stderr)[-400:])
    return np.load(folder / "losses.npy"), np.load(folder / "logits.npy")


def compare(name, photos, labels, classes, arguments):
    """The row of the table, and whether it is within the bound."""
    model = build(name, classes, photos)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        write_folder(folder, model, photos, labels, arguments)
        losses, logits = run_graft(folder, arguments.tests)
    before = logits_of(model, photos)
    expected = train(model, photos, labels, arguments)
    after = logits_of(model, photos)
    if losses.shape != expected.shape or not np.isfinite(expected).all():
        return f"{losses.shape} losses, expected {expected.shape}, finite: {np.isfinite(expected).all()}", False
    of_steps, of_before, of_after = difference(losses, expected), difference(logits[0], before), difference(logits[1], after)
    # Were the weights not trained, the logits after the epoch would be those before it.
    moved = difference(after, before)
    fine = max(of_steps, of_before, of_after) < BOUND < moved
    return f"{len(losses)} | {expected[0]:.4f} to {expected[-1]:.4f} | {of_steps:.1e} | {of_before:.1e} | {of_after:.1e} | {moved:.1e}", fine


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"networks of torchvision; default: {' '.join(NETWORKS)}")
    parser.add_argument("--tests", required=True, help="the program onnx_tests")
    parser.add_argument("--photos", required=True, help="a folder of photos in folders of classes")
    parser.add_argument("--count", type=int, default=64, help="number of photos")
    parser.add_argument("--size", type=int, default=96, help="pixels of a side")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=0.005)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--opset", type=int, default=17)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    photos, labels, classes = load_photos(arguments.photos, arguments.count, arguments.size)
    names = arguments.names or NETWORKS
    equal = 0
    print(f"{len(photos)} photos of {classes} classes, {arguments.size} x {arguments.size}")
    print("| network | steps | loss | differences: losses | logits before | logits after | the epoch moves logits by |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for name in names:
        try:
            row, fine = compare(name, photos, labels, classes, arguments)
        except Exception as error:  # torch has many kinds
            row, fine = str(error).replace("\n", " ")[-400:], False
        equal += fine
        print(f"| {name} | {row} |", flush=True)
    print(f"\n{equal} of {len(names)} within {BOUND}")
    return 0 if equal == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
