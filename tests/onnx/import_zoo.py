#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Exports networks of torchvision and timm with random weights to ONNX, and compares graft's logits with ONNX Runtime's.

  tests/onnx/import_zoo.py --tests build/release/tests/onnx/onnx_tests torchvision/* timm/vit_tiny_patch16_224

Needs a Python with torch, torchvision, timm, onnx and onnxruntime. Names are SOURCE/NAME, with * for any letters. Prints a
table as it goes: the difference, as a part of the largest logit where that is above 1, or what graft refused. The exit code is 1
where a network differs by more than 1e-4 or was refused.
"""
import argparse
import fnmatch
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import torch

# Statistics and gammas that no formula forgives.
def randomize(model):
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (torch.nn.BatchNorm2d, torch.nn.BatchNorm1d)) and module.affine:
                module.weight.uniform_(0.6, 1.2, generator=generator)
                module.bias.uniform_(-0.2, 0.2, generator=generator)
                if module.running_mean is not None:
                    module.running_mean.uniform_(-0.2, 0.2, generator=generator)
                    module.running_var.uniform_(0.7, 1.3, generator=generator)


def known_names(wanted):
    import timm
    import torchvision
    classification = torchvision.models.list_models(module=torchvision.models)
    every = [f"torchvision/{name}" for name in classification] + [f"timm/{name}" for name in timm.list_models()]
    names = []
    for pattern in wanted:
        found = [name for name in every if fnmatch.fnmatch(name, pattern)]
        if not found:
            sys.exit(f"no network is called {pattern}")
        names += [name for name in found if name not in names]
    return names


def build(name):
    source, _, short = name.partition("/")
    if source == "torchvision":
        import torchvision
        options = {"init_weights": False} if short in ("googlenet", "inception_v3") else {}
        model = torchvision.models.get_model(short, weights=None, **options)
        size = 299 if short == "inception_v3" else 224
    else:
        import timm
        model = timm.create_model(short, pretrained=False)
        size = model.default_cfg["input_size"][-1]
    randomize(model)
    return model.eval(), size


def export(name, file, arguments):
    model, size = build(name)
    x = torch.randn(1, 3, size, size)
    options = {"input_names": ["image"], "output_names": ["logits"], "opset_version": arguments.opset}
    if arguments.exporter == "torchscript":
        options |= {"dynamo": False, "dynamic_axes": {"image": {0: "batch"}, "logits": {0: "batch"}}}
    else:
        options |= {"dynamo": True, "external_data": False, "verbose": False}
    torch.onnx.export(model, x, file, **options)


def compare(folder, tests):
    environment = dict(os.environ, GRAFT_ONNX_FILES=str(folder), GRAFT_ONNX_PYTHON=sys.executable)
    run = subprocess.run([tests, "--gtest_filter=OnnxImport.FilesOfAFolder"], env=environment, capture_output=True,
                         text=True, check=False)
    line = re.search(r"^network\.onnx: (.*)$", run.stdout, re.MULTILINE)
    return line[1] if line else "the test ended without an answer: " + (run.stderr or run.stdout)[-200:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--tests", required=True, help="the program onnx_tests")
    parser.add_argument("--opset", type=int, default=17)
    parser.add_argument("--exporter", choices=["torchscript", "dynamo"], default="torchscript")
    parser.add_argument("--keep", help="a folder for the files")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    names = known_names(arguments.names)
    equal = 0
    print("| network | difference |\n|---|---|", flush=True)
    for name in names:
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            file = folder / "network.onnx"
            try:
                export(name, str(file), arguments)
            except Exception as error:  # torch has many kinds
                print(f"| {name} | not exported by torch: {str(error).splitlines()[0][:150]} |", flush=True)
                continue
            answer = compare(folder, arguments.tests)
            if arguments.keep:
                os.makedirs(arguments.keep, exist_ok=True)
                file.rename(pathlib.Path(arguments.keep) / (name.replace("/", "_") + ".onnx"))
        number = re.match(r"([0-9.e+-]+), ", answer)
        fine = number is not None and float(number[1]) < 1e-4
        equal += fine
        print(f"| {name} | {answer.replace('|', '/')} |", flush=True)
    print(f"\n{equal} of {len(names)} equal")
    return 0 if equal == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
