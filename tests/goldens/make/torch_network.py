"""A whole network in a small PyTorch file: python torch_network.py FOLDER

torch_resnet18.pth is a trainer's checkpoint of torchvision's ResNet18, its state_dict under "run" and "model", with
names that begin with "backbone.", beside an optimizer's state and an averaged copy. So that it takes 100 kB, every
tensor is an overlapping view, with strides of its own, of one of two small storages. torch_resnet18.json has the
logits for the goldens' image of 64 x 64, as image / 127.5 - 1. Needs torch and torchvision.
"""
import json
import sys

import torch
import torchvision

from keras_models import image, u01

STEPS = (11, 7, 5, 3)


def main():
    folder = sys.argv[1]
    model = torchvision.models.resnet18(weights=None).eval()
    signed = torch.from_numpy(((2 * u01("signed", 16384) - 1) * 0.05).astype("float32"))
    positive = torch.from_numpy((0.5 + u01("positive", 8192)).astype("float32"))
    state, place = {}, 0
    for name, value in model.state_dict().items():
        if value.dim() == 0:
            state["backbone." + name] = value
            continue
        place += 17
        scale = value.dim() == 1 and (name.endswith("weight") or name.endswith("running_var"))
        state["backbone." + name] = torch.as_strided(positive if scale else signed, value.shape, STEPS[: value.dim()],
                                                     place % 512)
    model.load_state_dict({name[len("backbone."):]: value.clone() for name, value in state.items()})
    checkpoint = {
        "epoch": 3,
        "optimizer": {"state": {0: {"momentum_buffer": signed[:8]}}, "param_groups": [{"lr": 0.1, "params": [0]}]},
        "ema": {name: signed[0].expand(value.shape) for name, value in state.items()},
        "run": {"model": state, "best": 0.5},
    }
    torch.save(checkpoint, f"{folder}/torch_resnet18.pth")
    pixels = torch.from_numpy((image(64, 64) / 127.5 - 1).transpose(0, 3, 1, 2).copy())
    with torch.no_grad():
        logits = model(pixels).flatten().double()
    with open(f"{folder}/torch_resnet18.json", "w", encoding="utf-8") as file:
        json.dump({"output": [float(f"{value:.8g}") for value in logits]}, file)
    print(float(logits.abs().max()), float(logits.std()))


if __name__ == "__main__":
    main()
