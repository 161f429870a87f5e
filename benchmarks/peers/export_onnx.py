# SPDX-License-Identifier: Apache-2.0
"""export_onnx.py NETWORK SIZE BATCH PATH: torchvision's network, random weights, as ONNX."""
import os
import sys

import torch
import torchvision

network, size, batch, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
name = {"efficientnetb0": "efficientnet_b0"}.get(network, network)
extra = {"aux_logits": False, "init_weights": False} if name == "inception_v3" else {}
model = getattr(torchvision.models, name)(weights=None, **extra).eval()
os.makedirs(os.path.dirname(path), exist_ok=True)
torch.onnx.export(model, (torch.rand(batch, 3, size, size),), path + ".part", dynamo=False, opset_version=17)
os.replace(path + ".part", path)
