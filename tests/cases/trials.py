# SPDX-License-Identifier: Apache-2.0
"""Lines A, B and C1 to C9 of the trials: figures that are not true, options without effect, a learner's obstacles."""
import csv
import json
import re
import shutil

from common import result


def log_loss(graft, run, photos):
    done = graft("evaluate", run, photos, "--json", "--no-report").json()
    return done["loss"], done["ece"]


def calibration(graft):
    photos = graft.data / "photos/landuse"
    out, losses = graft.folder("a1"), {}
    for name in ("--calibrate", "--no-calibrate"):
        run = graft("train", photos / "train", "--test", photos / "test", *graft.lite, "--recipe", "head", name, "--out", out / name)
        losses[name] = log_loss(graft, out / name, photos / "test")
        if name == "--calibrate":
            said = run.lines("measured on others")
    text = ", ".join(f"{name}: {loss:.3f}, error {100 * error:.1f} %" for name, (loss, error) in losses.items())
    graft.row("A1 --calibrate, log loss on test photos", "1.5 % -> 0.0 %; 0.33, without 0.09", [*said, text],
              losses["--calibrate"][0] <= 1.05 * losses["--no-calibrate"][0])

    same = out / "--no-calibrate"
    trained, evaluated = result(same)["test_accuracy"], graft("evaluate", same, photos / "test", "--json", "--no-report").json()["accuracy"]
    graft.row("A6 train and evaluate on the same photos", "96.7 and 96.0 %", f"{trained} and {evaluated}", trained == evaluated)
    run = graft("evaluate", same, photos / "train", "--no-report")
    graft.row("A3 evaluate on training photos", "96.3 % with an interval", run.lines("trained on"), run.has("was trained on .* of these photos"))
    lines = graft("evaluate", same, photos / "test", "--no-report").lines("most confused")
    graft.row("A8 ties", "skirt for hat, twice", lines, any(" taken for " in line for line in lines))


def answer(graft, run, photo):
    first = graft("predict", run, photo, "--json", "--top", "1").json()["photos"][0]["predictions"][0]
    return first["name"], first["probability"]


def later_rounds(graft):
    source = graft.data / "photos/landuse"
    first = graft.photos("a2_first", "landuse/train", 20)
    names = sorted(p.name for p in first.iterdir())
    moved = []
    for name, other in zip(names[:6], names[1:7]):
        path = sorted((first / name).iterdir())[3]
        moved.append((name, path.rename(first / other / ("wrong_" + path.name))))
    graft("train", first, "--test", source / "test", *graft.lite, "--recipe", "head", "--out", graft.work / "a2_run")
    before = sum(answer(graft, graft.work / "a2_run", path)[0] == name for name, path in moved)
    second = graft.photos("a2_second", "landuse/train", 4, start=20)
    for name, path in moved:
        shutil.copy(path, second / name / path.name)
    run = graft("train", second, "--from", graft.work / "a2_run", "--rehearse", "50", "--test", source / "test", "--out", graft.work / "a2_next")
    after = sum(answer(graft, graft.work / "a2_next", second / name / path.name)[0] == name for name, path in moved)
    graft.row("A2 6 corrected labels, --from --rehearse 50", "both of 2 keep their wrong answer", f"{before} of 6 right before, {after} after", after == 6)
    graft.row("A4 --from", "90 photos never used before", run.lines("^test"), not run.has("never used before"))

    copies = graft.folder("a5")
    known = graft.photos("a5_first", "ants_bees/train", 60)
    for folder in known.iterdir():
        shutil.copytree(folder, copies / folder.name)
        for photo in sorted(folder.iterdir()):
            shutil.copy(photo, copies / folder.name / ("copy_" + photo.name))
    graft("train", known, *graft.lite, "--recipe", "head", "--out", graft.work / "a5_run")
    run = graft("train", copies, "--from", graft.work / "a5_run", "--rehearse", "100", "--out", graft.work / "a5_next")
    with (graft.work / "a5_next/predictions.csv").open() as table:
        rows = list(csv.DictReader(table))
    graft.row("A5 copies of known photos", "720 entries of 480 photos", [*run.lines("classes, ", "known from"), f"{len(rows)} rows of predictions.csv"], run.code == 0 and len(rows) == 120)


def uneven_and_settings(graft):
    photos = graft.folder("a7")
    classes = sorted(p for p in (graft.data / "photos/landuse/train").iterdir() if p.is_dir())[:4]
    for folder, count in zip(classes, (60, 14, 14, 14)):
        (photos / folder.name).mkdir()
        for photo in sorted(folder.iterdir())[:count]:
            shutil.copy(photo, photos / folder.name / photo.name)
    run = graft("train", photos, *graft.lite, "--recipe", "head", "--out", graft.work / "a7_run")
    graft.row("A7 uneven classes", "test 88.9 %, nothing else", run.lines("^the classes are uneven", "^recall"),
              run.has("recall: .*always answering .* reaches"))
    for recipe in ("auto", "head", "tutorial"):
        run = graft("train", photos, *graft.small[:-2], "--recipe", recipe, "--class-weight", "balanced", "--out", graft.work / f"a7_{recipe}",
                    *(["--epochs", "1"] if recipe == "tutorial" else []))
        graft.row(f"A7 --class-weight balanced, {recipe}", "refused by the default", f"exit {run.code}", run.code == 0)
    graft("train", "--settings", graft.work / "a7_run", "--out", graft.work / "a9_run")
    same = [(graft.work / run / "predictions.csv").read_bytes() for run in ("a7_run", "a9_run")]
    graft.row("A9 train --settings", "no option reads settings.json", "predictions.csv equal" if same[0] == same[1] else "predictions.csv differ",
              same[0] == same[1])


def options(graft):
    photos = graft.photos("b", "ants_bees/train", 20)
    own = graft.work / "b_own.keras"
    graft("edit", "efficientnet_lite0", "--classes", "ants,bees", "-o", own, "--force")
    run = graft("train", photos, "--model", own, "--freeze", "stem*|block*", "--epochs", "1", "--out", graft.work / "b1")
    graft.row("B1 --freeze of an own network", "all parameters train", run.lines("layers are frozen", "^training .* parameters"),
              run.code == 0 and run.has("layers are frozen"))
    run = graft("train", photos, "--model", own, "--freeze", "blok*", "--epochs", "1", "--out", graft.work / "b1b")
    graft.row("B1 --freeze of no layer", "no remark", run, run.code == 3 and not run.has("classes, "))
    run = graft("train", photos, *graft.small[:4], "--image-size", "96", "--recipe", "tutorial", "--fine-tune-from", "block_16_expand", "--epochs", "1",
                "--fine-tune-epochs", "1", "--learning-rate", "0.5", "--out", graft.work / "b2")
    settings = json.loads((graft.work / "b2/settings.json").read_text()) if run.code == 0 else {}
    graft.row("B1, B2 tutorial --fine-tune-from, --learning-rate", "ignored", [*run.lines("stay frozen"), "settings: 0.5" if "0.5" in json.dumps(settings) else "not kept"],
              run.has("layers stay frozen", r"\b0\.5\b") and "0.5" in json.dumps(settings))
    for extra in (["--fine-tune-from", "block_16_expand"], ["--freeze", "x"], ["--augment", "strong"]):
        run = graft("train", photos, *graft.small, *extra, "--out", graft.work / "b3")
        graft.row(f"B3 head {' '.join(extra)}", "no remark", run, run.code == 2 and run.has("has no effect"))
    run = graft("predict", "vgg16", "--weights", "none", sorted((photos / "ants").iterdir())[0], "--top", "1")
    graft.row("B7 predict --weights none", "ImageNet's names for noise", run.lines("^note"), run.has("random weights"))
    run = graft("train", photos, "--model", "mobilenet_v2", "--recipe", "head", "--weights", "none", "--image-size", "96", "--out", graft.work / "b7t")
    graft.row("B7 train --weights none", "no remark", run.lines("random weights"), run.has("random weights"))
    run = graft("train", photos, *graft.small, "--out", graft.work / "b9")
    run = graft("train", photos, *graft.small, "--resume", "--out", graft.work / "b9")
    graft.row("B9 --resume of a finished run", "trains again", run, run.code == 0 and run.has("finished"))
    graft("train", photos, "--test", graft.data / "photos/ants_bees/val", *graft.small, "--out", graft.work / "b10")
    run = graft("train", photos, "--from", graft.work / "b10", "--out", graft.work / "b10b")
    graft.row("B10 --from a run with --test", "none is left to test on; add photos", run, run.code == 2 and run.has("--test"))
    more = graft.photos("b11", "ants_bees/train", 5)
    shutil.copytree(more / "ants", more / "birds")
    run = graft("evaluate", graft.work / "b9", more, "--no-report")
    graft.row("B11 evaluate with an unknown class", "refuses everything", run, run.has("--exclude|exclude it", "birds"))
    run = graft("evaluate", graft.work / "b9", more, "--exclude", "birds", "--no-report")
    graft.row("B11 --exclude birds", "-", run.lines("accuracy"), run.code == 0)


def library(graft):
    program = next(iter(graft.program.parents[1].rglob("case_library")), None)
    if program is None:
        print("| B4 to B8, C2, C3 of the library | | not run: the target case_library was not built | |")
        return
    photos = graft.photos("library", "ants_bees/train", 10)
    script = graft.program
    graft.program = program
    run = graft(photos, graft.cases / "models/loss_of_other_activation", cwd=graft.folder("library_work"))
    graft.program = script
    expected = {"B4": "expected input", "B5": r"difference (0|[0-9.]+e-0[67]), labels of other files 0", "B6": "no preprocessing is known", "B7": "no ImageNet weights",
                "B8": "there is no figure 'val_acc'", "C2": "no error", "C3": "cats dogs",
                "loss ma.keras": r"0\.6903[78]", "loss mb.keras": r"1\.2291[0-4]"}
    before = {"B4": "predicts, trains", "B5": "another order", "B6": "computed", "B7": "random weights", "B8": "crash", "C2": "need a weights_loader",
              "C3": "0, 1", "loss ma.keras": "0.68734", "loss mb.keras": "1.15538"}
    for name, pattern in expected.items():
        lines = run.lines("^" + name)
        graft.row(f"{name}, C++", before[name], [line[len(name):] for line in lines],
                  lines and all(re.search(pattern, line) for line in lines))


def learner(graft):
    photos = graft.photos("c", "ants_bees/train", 30)
    head = graft.work / "c1.keras"
    run = graft("edit", "vgg16", "--weights", "none", "--classes", "ants,bees", "--hidden", "256", "--dropout", "0.5", "--input-size", "64",
                "--fine-tune-from", "block5_conv1", "-o", head, "--force")
    run = graft("train", photos, "--model", head, "--epochs", "1", "--out", graft.work / "c1")
    graft.row("C1 head on VGG16, frozen up to block5_conv1", "in C++ only", run.lines("^training .* parameters"), run.code == 0 and run.has("training .* of .* parameters"))
    run = graft("edit", graft.work / "b9", "--class-names", "ant,bee", "-o", graft.work / "c3.keras", "--force")
    photo = sorted((photos / "ants").iterdir())[0]
    pairs = [answer(graft, graft.work / "b9", photo), answer(graft, graft.work / "c3.keras", photo)]
    graft.row("C3 edit --class-names", "the trained head is thrown away", str(pairs), abs(pairs[0][1] - pairs[1][1]) < 1e-6 and pairs[1][0] in ("ant", "bee"))
    run = graft("summary", "mobilenet_v2", "--weights", "none", "--no-top", "--pooling", "avg", "--json")
    graft.row("C5 summary --pooling", "no such option", run.out[:60], run.code == 0 and run.has("2257984"))
    run = graft("summary", "mobilenet_v2", "--weights", "none", "--classes", "5", "--freeze", "*", "--json")
    graft.row("C5 summary --classes --freeze", "no such option", f"exit {run.code}", run.code == 0)
    shape = graft.cases / "models/json_and_weights/k2_model.json"
    weights = ["--weights", graft.cases / "models/json_and_weights/k2_weights.h5"]
    numbered = graft.folder("c6_photos")
    for name, folder in zip("01", sorted(photos.iterdir())):
        shutil.copytree(folder, numbered / name)
    words = {"summary": [shape], "profile": [shape], "predict": [shape, *weights, photo], "features": [shape, *weights, photo, "-o", graft.work / "c6.npy"],
             "explain": [shape, *weights, photo, "-o", graft.work / "c6.png"], "quantize": [shape, *weights, numbered, "-o", graft.work / "c6q.keras", "--force"],
             "similar": [shape, *weights, photos, photo]}
    done = {name: graft(name, *rest) for name, rest in words.items()}
    graft.row("C6 a .json in each command", "refused", ", ".join(f"{name} {run.code}" for name, run in done.items()), all(run.code == 0 for run in done.values()))
    shapes = [graft("features", "vgg16", "--weights", "none", *extra, photo, "-o", graft.work / "c7.npy").lines("float32") for extra in (["--top"], [])]
    graft.row("C7 features vgg16 --top", "512 numbers", [line for lines in shapes for line in lines], "(1, 4096)" in str(shapes[0]))
    run = graft("edit", "resnet50", "--weights", "none", "--classes", "2", "-o", graft.work / "c8.keras", "--force")
    graft.row("C8 edit's parameters", "12 more than the article", run.lines("parameters"), run.has("12 of the preprocessing"))
    run = graft("train", photos, *graft.small[:4], "--image-size", "96", "--recipe", "tutorial", "--epochs", "1", "--fine-tune-epochs", "1", "--out", graft.work / "c9")
    graft.row("C9 layers that stay frozen", "68 layers", run.lines("stay frozen"), run.has("100 of 154 layers"))


def all_cases(graft):
    for part in (calibration, later_rounds, uneven_and_settings, options, library, learner):
        part(graft)
