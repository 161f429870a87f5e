#!/usr/bin/env python3
# Which distance recognises photos of other sets: docs/decisions/0042.
#   pip install scikit-learn numpy
#   benchmarks/inspect/unknown_photos.py GRAFT DATA WEIGHTS    (DATA: photos/ of the data folder, WEIGHTS: of mobilenet_v2)
# Features of each set by graft features; scores fitted on training photos; AUROC of other sets' photos against own test photos.
import os, subprocess, sys, tempfile
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

graft, data, weights = sys.argv[1:4]
SETS = {'ants_bees': ('train', 'val'), 'cats_dogs': ('train', 'test'), 'hands': ('train', 'test'), 'landuse': ('train', 'test'), 'xray': ('train', 'test')}
OTHERS = ('imagenet_samples', 'orl_faces', 'cifar10/test')
SAME_KIND = {('cats_dogs', 'imagenet_samples'), ('cats_dogs', 'cifar10/test')}  # they show cats and dogs too


def features(photos):
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, 'f.npz')
        subprocess.run([graft, 'features', 'mobilenet_v2', '--weights', weights, os.path.join(data, photos), '--quiet', '-o', out], check=True, stdout=subprocess.DEVNULL)
        z = np.load(out)
        return z['features'].reshape(len(z['features']), -1).astype('float64'), z['labels']


unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)


def mahalanobis(x, y, components, shrink=.1, rest=False):
    mean = unit(x).mean(0)
    u, s, v = np.linalg.svd(unit(x) - mean, full_matrices=False)
    p = v[:min(components, len(s))].T
    z = (unit(x) - mean) @ p
    centres = np.array([z[y == c].mean(0) for c in np.unique(y)])
    r = z - centres[np.searchsorted(np.unique(y), y)]
    c = r.T @ r / len(r)
    inverse = np.linalg.inv((1 - shrink) * c + shrink * np.trace(c) / len(c) * np.eye(len(c)))

    def parts(q):
        q = unit(q) - mean
        z = q @ p
        return np.min([np.einsum('ij,jk,ik->i', z - m, inverse, z - m) for m in centres], 0), (q ** 2).sum(1) - (z ** 2).sum(1)
    if not rest: return lambda q: parts(q)[0]
    a0, b0 = (v.mean() for v in parts(x))
    return lambda q: parts(q)[0] / a0 + parts(q)[1] / b0


def nearest(x, k, cosine=True):
    f = unit if cosine else (lambda v: v)
    rows = f(x)
    return lambda q: np.sort((f(q) ** 2).sum(1)[:, None] + (rows ** 2).sum(1) - 2 * f(q) @ rows.T, 1)[:, k - 1]


sets = {name: (features(f'{name}/{a}'), features(f'{name}/{b}')) for name, (a, b) in SETS.items()}
photos = {name: parts[1][0] for name, parts in sets.items()} | {name: features(name)[0] for name in OTHERS}
results = {}
for name, ((x, y), (test, _)) in sets.items():
    scale = np.sqrt((x ** 2).mean())
    head = LogisticRegression(C=.1, max_iter=2000).fit(x / scale, y)
    scores = {'1 - largest probability': lambda q: -head.predict_proba(q / scale).max(1),
              'Mahalanobis, 128 components': mahalanobis(x, y, 128), 'Mahalanobis, 128 components, and the rest': mahalanobis(x, y, 128, rest=True),
              'Mahalanobis, 256 components, and the rest': mahalanobis(x, y, 256, rest=True), '5th nearest, Euclidean': nearest(x, 5, False), '5th nearest, cosine': nearest(x, 5)}
    for what, score in scores.items():
        own = score(test)
        for other, rows in photos.items():
            if other == name or (name, other) in SAME_KIND: continue
            theirs = score(rows[:400])
            results.setdefault(what, []).append(roc_auc_score(np.r_[np.zeros(len(own)), np.ones(len(theirs))], np.r_[own, theirs]))
for what, values in results.items(): print(f'{what:45s} mean AUROC {np.mean(values):.4f}  worst {min(values):.4f}')
