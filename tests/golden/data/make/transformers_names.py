# SPDX-License-Identifier: Apache-2.0
"""Names and shapes of transformers' CNNs: python transformers_names.py (needs transformers and torch)."""
import gzip
import json

import transformers as T

NETWORKS = {
    "resnet18": T.ResNetForImageClassification(T.ResNetConfig(
        embedding_size=64, hidden_sizes=[64, 128, 256, 512], depths=[2, 2, 2, 2], layer_type="basic", num_labels=5)),
    "resnet50": T.ResNetForImageClassification(T.ResNetConfig(num_labels=5)),
    "convnext_tiny": T.ConvNextForImageClassification(T.ConvNextConfig(num_labels=5)),
    "mobilenet": T.MobileNetV1ForImageClassification(T.MobileNetV1Config(num_labels=5)),
    "mobilenet_v2": T.MobileNetV2ForImageClassification(T.MobileNetV2Config(num_labels=5)),
    "efficientnet_b0": T.EfficientNetForImageClassification(T.EfficientNetConfig(
        width_coefficient=1.0, depth_coefficient=1.0, image_size=224, hidden_dim=1280, num_labels=5)),
}
names = {network: {name: list(value.shape) for name, value in model.state_dict().items()} for network, model in NETWORKS.items()}
with gzip.GzipFile("../transformers_names.json.gz", "wb", mtime=0) as out:
    out.write(json.dumps(names, separators=(",", ":")).encode())
