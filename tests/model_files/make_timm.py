# SPDX-License-Identifier: Apache-2.0
"""timm's networks with random weights as a hub download has them, against what timm's own evaluation answers.

    python make_timm.py FOLDER PHOTOS GRAFT                 all networks of the list; needs timm, torch, safetensors, Pillow
    python make_timm.py FOLDER PHOTOS GRAFT 'resnet*'       only these

For each network: FOLDER/NAME/model.safetensors and config.json (mean, std, filter, crop of its pretrained_cfg); the photos
go through timm's transform and the network in PyTorch, and through `graft predict --weights`. Prints the greatest difference
of the probabilities, or graft's message. Exit code 1 where a difference is above 1e-4.
"""
import fnmatch
import json
import pathlib
import subprocess
import sys

import timm
import torch
from PIL import Image
from safetensors.torch import save_file

# timm's name, graft's name.
NETWORKS = {
    "convnext_tiny.fb_in1k": "convnext_tiny", "densenet121.ra_in1k": "densenet121", "efficientnet_b0.ra4_e3600_r224_in1k": "efficientnetb0",
    "efficientnet_b1.ft_in1k": "efficientnetb1", "inception_v3.tf_in1k": "inception_v3", "legacy_xception.tf_in1k": "xception",
    "mobilenetv1_100.ra4_e3600_r224_in1k": "mobilenet", "mobilenetv2_100.ra_in1k": "mobilenet_v2",
    "mobilenetv3_large_100.miil_in21k_ft_in1k": "mobilenet_v3_large", "mobilenetv3_small_100.lamb_in1k": "mobilenet_v3_small",
    "resnet18.a1_in1k": "resnet18", "resnet34.a1_in1k": "resnet34", "resnet50.a1_in1k": "resnet50", "resnext50_32x4d.a1_in1k": "resnext50_32x4d",
    "tf_efficientnet_b0.ap_in1k": "efficientnetb0", "tf_efficientnet_lite0.in1k": "efficientnet_lite0",
    "tf_efficientnetv2_b0.in1k": "efficientnetv2_b0", "tf_mobilenetv3_small_100.in1k": "mobilenet_v3_small", "vgg16.tv_in1k": "vgg16",
}


def randomise(model, batch):
    """Random weights whose activations neither vanish nor explode, with running statistics of their own."""
    generator = torch.Generator().manual_seed(1)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.weight.data = torch.rand(norm.weight.shape, generator=generator) * 0.4 + 0.8
        norm.bias.data = torch.randn(norm.bias.shape, generator=generator) * 0.05
        norm.momentum = None
        norm.reset_running_stats()
    if norms:
        model.train()
        for dropout in (m for m in model.modules() if isinstance(m, torch.nn.Dropout)):
            dropout.eval()
        with torch.no_grad():
            model(batch)
    model.eval()
    with torch.no_grad():
        head = model.get_classifier()
        factor = 3 / float(model(batch).std())
        head.weight.mul_(factor)
        head.bias.mul_(factor)


def answers(model, config, photos):
    transform = timm.data.create_transform(**timm.data.resolve_data_config(pretrained_cfg=config), is_training=False)
    batch = torch.stack([transform(Image.open(photo).convert("RGB")) for photo in photos])
    torch.manual_seed(0)
    randomise(model, torch.cat([batch, batch.flip(3), batch.flip(2)]))
    with torch.no_grad():
        return torch.softmax(model(batch), 1).tolist()


def graft_answers(graft, name, weights, photos):
    done = subprocess.run([graft, "predict", name, "--weights", weights, *photos, "--json", "--top", "1000"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        return None, f"exit {done.returncode}: {done.stderr.strip()[:160]}"
    order = {photo["file"]: {p["class"]: p["probability"] for p in photo["predictions"]} for photo in json.loads(done.stdout)["photos"]}
    return [order[str(photo)] for photo in photos], done.stderr.strip()


def main():
    folder, source, graft = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    photos = sorted(source.rglob("*.jpg"))[:3]
    worst = 0.0
    for full, name in NETWORKS.items():
        if not any(fnmatch.fnmatch(full, pattern) for pattern in sys.argv[4:] or ["*"]):
            continue
        config = timm.models.get_pretrained_cfg(full).to_dict()
        model = timm.create_model(full, pretrained=False)
        expected = answers(model, config, photos)
        place = folder / full
        place.mkdir(parents=True, exist_ok=True)
        save_file({k: v.contiguous().clone() for k, v in model.state_dict().items()}, place / "model.safetensors")
        kept = {k: config.get(k) for k in ("tag", "input_size", "mean", "std", "interpolation", "crop_pct", "crop_mode", "first_conv", "classifier")}
        (place / "config.json").write_text(json.dumps({"architecture": full.split(".")[0], "num_classes": 1000, "pretrained_cfg": kept}))
        found, said = graft_answers(graft, name, place / "model.safetensors", photos)
        if found is None:
            print(f"| {full} | {said} | - |", flush=True)
            continue
        # ImageNet's classes in the order of the outputs: the sorted WordNet ids.
        difference = max(abs(row[key] - wanted[i]) for row, wanted in zip(found, expected, strict=True) for i, key in enumerate(sorted(row)))
        worst = max(worst, difference)
        print(f"| {full} | {said[:120]} | {difference:.1e} |", flush=True)
        (place / "model.safetensors").unlink()
    return 1 if worst > 1e-4 else 0


if __name__ == "__main__":
    sys.exit(main())
