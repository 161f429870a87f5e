# SPDX-License-Identifier: Apache-2.0
"""Maps of photos: how well `graft map --method tsne` keeps neighbours, beside scikit-learn's TSNE on the same features.

Usage: python benchmarks/inspect/map.py --graft build/release/bin/graft --data ../shared/data [--photos 1000]
Needs numpy and scikit-learn. Trustworthiness (Venna and Kaski 2001) of 5 and 15 neighbours, in the space of all features divided
by their length: 1 where no photo has a neighbour on the map that it has not in that space.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import tempfile
import time

import numpy
from sklearn.manifold import TSNE, trustworthiness

SETS = ["ants_bees/train", "cats_dogs/train", "hands/train", "landuse/train", "xray/train"]


def graft_map(program, model, photos, output, method):
    begin = time.perf_counter()
    subprocess.run([program, "map", *model, photos, "-o", output, "--method", method, "--quiet"], check=True)
    seconds = time.perf_counter() - begin
    with open(output, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row["file"] for row in rows], numpy.array([[float(row["x"]), float(row["y"])] for row in rows]), seconds


def features_of(program, model, photos, output):
    subprocess.run([program, "features", *model, photos, "-o", output, "--quiet"], check=True)
    with numpy.load(output, allow_pickle=False) as archive:
        rows = archive["features"].astype(numpy.float64)
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graft", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--weights", default="")
    arguments = parser.parse_args()
    model = [arguments.model] + (["--weights", arguments.weights] if arguments.weights else [])
    print(f"{'set':18}{'photos':>7}{'':4}{'graft t-SNE':>16}{'scikit-learn':>16}{'graft PCA':>16}{'seconds':>18}")
    for name in SETS:
        photos = str(pathlib.Path(arguments.data) / "photos" / name)
        with tempfile.TemporaryDirectory() as folder:
            rows = features_of(arguments.graft, model, photos, f"{folder}/features.npz")
            _, own, _ = graft_map(arguments.graft, model, photos, f"{folder}/tsne.csv", "tsne")
            _, plane, _ = graft_map(arguments.graft, model, photos, f"{folder}/pca.csv", "pca")
        begin = time.perf_counter()
        theirs = TSNE(random_state=0).fit_transform(rows.astype(numpy.float32))
        seconds = time.perf_counter() - begin
        figures = [[trustworthiness(rows, one, n_neighbors=k) for k in (5, 15)] for one in (own, theirs, plane)]
        print(f"{name:18}{len(rows):7}    " + "".join(f"{a:9.4f}{b:7.4f}" for a, b in figures) + f"{seconds:12.1f}", flush=True)


if __name__ == "__main__":
    main()
