"""Names, shapes and outputs of timm's models: python timm_models.py FOLDER [NAME...]

Each timm.NAME.json.gz holds which application of graft the model is, with which arguments, the state_dict's names
and shapes, and the logits for the goldens' image, all weights by formula (goldens' README). Sizes are small ones that
every padding shows at. Needs timm, torch and numpy.
"""
import gzip
import json
import os
import sys

import timm
import torch

from keras_models import image
from torchvision_models import fillt

MODELS = {
    "mobilenetv1_100": ("MobileNet", {}, 128),
    "mobilenetv2_100": ("MobileNetV2", {}, 128),
    "mobilenetv2_050": ("MobileNetV2", {"alpha": 0.5}, 96),
    "mobilenetv2_140": ("MobileNetV2", {"alpha": 1.4}, 97),
    "mobilenetv3_small_100": ("MobileNetV3Small", {}, 128),
    "mobilenetv3_large_100": ("MobileNetV3Large", {}, 97),
    "tf_mobilenetv3_small_075": ("MobileNetV3Small", {"alpha": 0.75}, 96),
    "tf_mobilenetv3_large_100": ("MobileNetV3Large", {}, 128),
    "tf_mobilenetv3_small_minimal_100": ("MobileNetV3Small", {"minimalistic": True}, 96),
    "tf_mobilenetv3_large_minimal_100": ("MobileNetV3Large", {"minimalistic": True}, 96),
    **{f"efficientnet_b{i}": (f"EfficientNetB{i}", {}, 96) for i in (0, 2, 5)},
    **{f"tf_efficientnet_b{i}": (f"EfficientNetB{i}", {}, 97) for i in (0, 3)},
    "efficientnet_lite0": ("EfficientNetLite0", {}, 96),
    **{f"tf_efficientnet_lite{i}": (f"EfficientNetLite{i}", {}, 97) for i in (0, 3, 4)},
    **{f"tf_efficientnetv2_b{i}": (f"EfficientNetV2B{i}", {}, 97) for i in (0, 3)},
    "tf_efficientnetv2_s": ("EfficientNetV2S", {}, 96),
    "efficientnetv2_s": ("EfficientNetV2S", {}, 96),
    "resnet50": ("ResNet50", {}, 96),
    "densenet121": ("DenseNet121", {}, 96),
    "vgg16": ("VGG16", {}, 224),
    "vgg13_bn": ("VGG13_BN", {}, 224),
    "inception_v3": ("InceptionV3", {}, 128),
    "inception_resnet_v2": ("InceptionResNetV2", {}, 128),
    "legacy_xception": ("Xception", {}, 128),
    "convnext_tiny": ("ConvNeXtTiny", {}, 96),
}
# Keras's networks that scale pixels by layers of their own, which timm does beforehand.
SCALE_PIXELS = ("MobileNetV3", "EfficientNetV2", "ConvNeXt")


def main():
    folder, names = sys.argv[1], sys.argv[2:] or list(MODELS)
    os.makedirs(folder, exist_ok=True)
    for name in names:
        application, arguments, size = MODELS[name]
        model = timm.create_model(name).eval()
        model.load_state_dict({key: fillt(key, value) for key, value in model.state_dict().items()})
        pixels = torch.from_numpy((image(size, size) / 127.5 - 1).transpose(0, 3, 1, 2).copy())
        with torch.no_grad():
            logits = model(pixels).flatten().double()
        if application.startswith(SCALE_PIXELS):
            arguments = {**arguments, "include_preprocessing": False}
        record = dict(model="timm." + name, application=application, spec=f"{application}:{size}", include_top=True,
                      kwargs=arguments, input=[size, size, 3],
                      total_params=sum(p.numel() for p in model.parameters()),
                      state_dict=[[key, list(value.shape)] for key, value in model.state_dict().items()],
                      output=[float(f"{value:.7g}") for value in logits])
        with gzip.GzipFile(f"{folder}/timm.{name}.json.gz", "wb", mtime=0) as file:
            file.write(json.dumps(record, separators=(",", ":")).encode())
        print(name, record["total_params"], float(logits.abs().max()), flush=True)


if __name__ == "__main__":
    main()
