#!/usr/bin/env python3
# Precision and recall of graft inspect's suspected labels beside cleanlab's on the same probabilities.
#   pip install cleanlab numpy
#   benchmarks/inspect/label_errors.py GRAFT PHOTOS...    (PHOTOS: folders of class folders)
# Copies each set, moves 5 % of the photos to another class's folder, and compares the first hits with what was moved.
import csv, os, random, shutil, subprocess, sys, tempfile
import numpy as np
from cleanlab.filter import find_label_issues


def swap(folder, share, seed):
    classes = sorted(d for d in os.listdir(folder) if os.path.isdir(os.path.join(folder, d)))
    photos = [(c, f) for c in classes for f in sorted(os.listdir(os.path.join(folder, c)))]
    draw = random.Random(seed)
    moved = set()
    for c, f in draw.sample(photos, max(1, round(share * len(photos)))):
        to = draw.choice([d for d in classes if d != c])
        name = f'swapped_{c}_{f}'
        os.rename(os.path.join(folder, c, f), os.path.join(folder, to, name))
        moved.add(os.path.join(folder, to, name))
    return moved


def figures(hits, moved):
    first = hits[:len(moved)]
    right, found = sum(h in moved for h in first), sum(h in moved for h in hits)
    return (f'{len(hits):4d} named, {found / max(len(hits), 1):6.1%} of them swapped, recall {found / len(moved):6.1%}; '
            f'first {len(moved)}: precision = recall {right / len(moved):6.1%}')


graft, sets = sys.argv[1], sys.argv[2:]
for photos in sets:
    with tempfile.TemporaryDirectory() as work:
        copy, out = os.path.join(work, 'photos'), os.path.join(work, 'out')
        shutil.copytree(photos, copy)
        moved = swap(copy, .05, 1)
        subprocess.run([graft, 'inspect', copy, '--out', out, '--quiet'] + os.environ.get('GRAFT_ARGS', '').split(), stdout=subprocess.DEVNULL)
        rows = list(csv.reader(open(os.path.join(out, 'probabilities.csv'))))
        names = rows[0][2:]
        files = [r[0] for r in rows[1:]]
        labels = np.array([names.index(r[1]) for r in rows[1:]])
        p = np.array([[float(x) for x in r[2:]] for r in rows[1:]])
        p /= p.sum(1, keepdims=True)
        ours = [r['file'] for r in csv.DictReader(open(os.path.join(out, 'labels.csv')))]
        print(photos, len(files), 'photos,', len(names), 'classes,', len(moved), 'swapped')
        print('  graft    ', figures(ours, moved))
        for by in ('prune_by_noise_rate', 'confident_learning'):
            theirs = [files[i] for i in find_label_issues(labels, p, return_indices_ranked_by='normalized_margin', filter_by=by)]
            print(f'  cleanlab {by}', figures(theirs, moved))
        sys.stdout.flush()
