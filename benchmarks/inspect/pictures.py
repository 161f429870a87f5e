#!/usr/bin/env python3
# Duplicates, blur, dark and bright photos: graft inspect beside cleanvision on the same folder.
#   pip install cleanvision pillow
#   benchmarks/inspect/pictures.py GRAFT PHOTOS     (PHOTOS: a folder of class folders)
# Copies the photos and adds faults that are known: exact copies, copies at another size and quality, blurred, dark and bright ones.
import csv, os, random, shutil, subprocess, sys, tempfile
from PIL import Image, ImageEnhance, ImageFilter

graft, photos = sys.argv[1:3]
COUNT = 25


def listed(out, name):
    return {r['file'] for r in csv.DictReader(open(os.path.join(out, name + '.csv')))}


def figures(found, planted):
    hits = len(found & planted)
    return f'{len(found):4d} named, {hits} of {len(planted)} planted (recall {hits / len(planted):.1%}, precision {hits / max(len(found), 1):.1%})'


with tempfile.TemporaryDirectory() as work:
    copy, out = os.path.join(work, 'photos'), os.path.join(work, 'out')
    shutil.copytree(photos, copy)
    files = sorted(os.path.join(d, f) for d, _, fs in os.walk(copy) for f in fs)
    draw = random.Random(1)
    chosen = draw.sample(files, 6 * COUNT)
    planted = {k: set() for k in ('same', 'similar', 'blurred', 'dark', 'bright', 'flat')}
    for i, kind in enumerate(planted):
        for f in chosen[i * COUNT:(i + 1) * COUNT]:
            to = f'{os.path.splitext(f)[0]}_{kind}.jpg'
            picture = Image.open(f).convert('RGB')
            if kind == 'same':
                to = f'{os.path.splitext(f)[0]}_{kind}{os.path.splitext(f)[1]}'
                shutil.copy(f, to)
            elif kind == 'similar':
                picture.resize([round(.7 * s) for s in picture.size]).save(to, quality=60)
            else:
                if kind == 'blurred': picture = picture.filter(ImageFilter.GaussianBlur(max(picture.size) / 60))
                if kind == 'dark': picture = picture.point(lambda v: v * .12)
                if kind == 'bright': picture = picture.point(lambda v: 225 + v * .11)
                if kind == 'flat': picture = picture.point(lambda v: 120 + v * .02)
                picture.save(to, quality=95)
                os.remove(f)
            planted[kind].add(to)
    subprocess.run([graft, 'inspect', copy, '--no-features', '--out', out, '--quiet'], stdout=subprocess.DEVNULL)
    pairs = list(csv.DictReader(open(os.path.join(out, 'duplicates.csv'))))
    kinds = lambda wanted: {r[k] for r in pairs if r['kind'] in wanted for k in ('file', 'same_as')}
    from cleanvision import Imagelab
    import contextlib, io
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        lab = Imagelab(data_path=copy)
        lab.find_issues(n_jobs=1)
    issues = lab.issues
    theirs = lambda name: set(issues.index[issues[f'is_{name}_issue']])
    print(photos, len(files), 'photos')
    with_source = lambda names, kind: {f for f in names if f in planted[kind]}
    for kind, mine, other in (('same', kinds({'same file', 'same pixels'}), theirs('exact_duplicates')),
                              ('similar', kinds({'similar'}), theirs('near_duplicates'))):
        for who, found in (('graft', mine), ('cleanvision', other)):
            print(f'  {kind:8s} {who:12s} {len(found & planted[kind])} of {len(planted[kind])} planted copies, {len(found)} photos named')
    for kind, other in (('blurred', 'blurry'), ('dark', 'dark'), ('bright', 'light'), ('flat', 'low_information')):
        print(f'  {kind:8s} graft        {figures(listed(out, kind), planted[kind])}')
        print(f'  {kind:8s} cleanvision  {figures(theirs(other), planted[kind])}')
