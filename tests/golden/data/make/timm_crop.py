# SPDX-License-Identifier: Apache-2.0
"""Pixels of timm's evaluation transforms: python timm_crop.py > ../timm_crop.json (needs timm, torchvision, Pillow)."""
import json

import numpy as np
from PIL import Image
from timm.data.transforms_factory import transforms_imagenet_eval

from keras_models import u01

CASES = [
    # source height, width, target height, width, crop_pct, crop_mode, interpolation
    (45, 70, 16, 16, 0.875, "center", "bicubic"),
    (71, 46, 16, 16, 0.9, "center", "bilinear"),
    (45, 71, 16, 16, 1.0, "center", "bicubic"),
    (45, 70, 16, 16, 0.8, "squash", "bicubic"),
    (45, 70, 16, 16, 1.0, "squash", "bilinear"),
    (50, 41, 16, 24, 0.875, "center", "bicubic"),
    (20, 13, 16, 16, 0.95, "center", "bicubic"),
    (45, 70, 16, 16, 0.875, "center", "lanczos"),
    (45, 70, 16, 16, 1.0, "border", "bicubic"),
    (71, 46, 16, 16, 0.875, "border", "bilinear"),
    (50, 41, 16, 24, 0.9, "border", "bicubic"),
    (9, 13, 16, 16, 1.0, "border", "bicubic"),
]
goldens = []
for height, width, rows, columns, crop, mode, interpolation in CASES:
    picture = np.floor(u01(f"resize/{height}x{width}", height * width * 3) * 256).reshape(height, width, 3).astype("uint8")
    transform = transforms_imagenet_eval((rows, columns), crop_pct=crop, crop_mode=mode, interpolation=interpolation,
                                         mean=(0, 0, 0), std=(1, 1, 1))
    # timm's border has the colour of the mean, which is zero here: the transform is made again with another one.
    color = [124, 116, 104] if mode == "border" else [0, 0, 0]
    for step in transform.transforms:
        if hasattr(step, "fill"):
            step.fill = color
    pixels = np.round(transform(Image.fromarray(picture)).numpy().transpose(1, 2, 0) * 255).astype(int)
    goldens.append({"source": [height, width], "target": [rows, columns], "crop_pct": crop, "crop_mode": mode,
                    "interpolation": interpolation, "border_color": color, "pixels": pixels.reshape(-1).tolist()})
print(json.dumps(goldens, separators=(",", ":")))
