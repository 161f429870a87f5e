# SPDX-License-Identifier: Apache-2.0
"""The cases of photo folders and files."""
import os
import shutil

from common import result


def names_and_layouts(graft):
    folder = graft.case("01_latin1_class_name")
    os.rename(folder / "photos/first", os.fsencode(folder / "photos") + b"/caf\xe9")
    os.rename(folder / "photos/second", os.fsencode(folder / "photos") + b"/caf\xe8")
    for name, options in {"head": graft.small, "default": graft.base, "tutorial": [*graft.base, "--recipe", "tutorial"],
                          "resume": [*graft.small, "--resume"]}.items():
        run = graft("train", "photos", *options, "--out", "out", cwd=folder)
        graft.row(f"01 Latin-1 class name, {name}", "trains, then internal error, exit 10", run,
                  run.code == 2 and run.has("is not UTF-8") and not (folder / "out/model.keras").exists())

    folder = graft.case("02_split_folders_as_classes")
    for name, expected in {"kaggle": ["cats 17, dogs 17", "test_set"], "intel": ["buildings 17, forest 17", "seg_pred"]}.items():
        run = graft("train", name, *graft.small, "--out", f"out_{name}", cwd=folder)
        graft.row(f"02 {name}", "trains classes that are parts of a split", run.lines("classes, .*photos", "not used", "training photos"),
                  run.code == 0 and run.has(*expected))

    folder = graft.case("03_three_photos_per_class")
    for name, options in {"head": graft.small, "default": graft.base}.items():
        run = graft("train", "photos", *options, "--out", name, cwd=folder)
        graft.row(f"03 three photos a class, {name}", "batch_size: expected at least 1, exit 2", run.lines("temperature", "^test"),
                  run.code == 0 and result(folder / name)["test_accuracy"] > 0.8)


def folders(graft):
    folder = graft.case("05_unreadable_subfolder")
    os.chmod(folder / "photos/dogs/more", 0)
    os.chmod(folder, 0o777)
    nobody = {"user": 65534, "cwd": folder, "env": {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}}
    run = graft("train", "photos", *graft.small, "--out", "out", **nobody)
    graft.row("05 unreadable folder, train", "10 photos missing, exit 0", run.lines("Permission denied"),
              run.code == 1 and run.has("dogs/more: Permission denied"))
    run = graft("predict", "out", "photos", "--top", "1", **nobody)
    graft.row("05 predict", "10 photos missing, exit 0", run.lines("Permission denied"),
              run.code == 1 and run.has("dogs/more: Permission denied"))
    os.chmod(folder / "photos/dogs/more", 0o755)

    folder = graft.case("06_linked_subfolder")
    link = folder / "photos/dogs/more"
    if not link.is_symlink():
        link.symlink_to("../../elsewhere")
    run = graft("train", "photos", *graft.small, "--out", "out", cwd=folder)
    graft.row("06 linked folder, train", "10 photos missing without a word", run.lines("link to a folder", "classes, "),
              run.has("dogs/more: a link to a folder, not followed"))
    run = graft("predict", "out", "photos", "--top", "1", cwd=folder)
    graft.row("06 predict", "the same", run.lines("link to a folder"), run.has("not followed"))
    run = graft("train", "photos", *graft.small, "--follow-links", "--out", "out2", cwd=folder)
    graft.row("06 --follow-links", "no such option", run.lines("classes, "), run.code == 0 and run.has("25 photos"))

    folder = graft.case("07_own_result_becomes_a_class") / "photos"
    runs = [graft("train", ".", *graft.small, cwd=folder) for _ in range(2)]
    graft.row("07 own result, second training", "class 'photos-graft' has no photo, exit 4", runs[1].lines("a result of graft"),
              runs[1].code == 0 and runs[1].has("not used: .*photos-graft, a result of graft"))
    for words in (["evaluate", "photos-graft", "."], ["advise", ".", *graft.base]):
        run = graft(*words, cwd=folder)
        graft.row(f"07 {words[0]}", "exit 4", run.lines("a result of graft", "recommended"), run.code == 0)

    folder = graft.case("08_test_folder_without_classes")
    for name, expected in {"flat": "has none of the class folders", "lacks": "has no photo of 'birds'"}.items():
        source = folder / name / "train" if (folder / name / "train").is_dir() else folder / name
        run = graft("train", folder / name, *graft.small, "--out", f"out_{name}", cwd=folder)
        graft.row(f"08 {name}", "there is no folder, exit 3", run.lines("not used", "has no photo"),
                  source.exists() and run.code == 0 and run.has(expected))

    folder = graft.case("10_never_used_before")
    for name, options in {"train": [], "--quiet": ["--quiet"]}.items():
        run = graft("train", "photos", *graft.small, *options, "--out", "out" + name, cwd=folder)
        graft.row(f"10 test photos also in training, {name}", "16 photos never used before", run.lines("16 photos"),
                  run.code == 0 and run.has("16 of them also among") and not run.has("never used before"))


def odd_folders(graft):
    folder = graft.case("13_macosx_and_empty_class")
    for name, expected in {"mac": "__MACOSX, a folder of the operating system", "empty": "birds, an empty folder",
                           "nas": "@eaDir, a folder of the operating system"}.items():
        # Copies of the cases may lack empty folders.
        (folder / "empty/birds").mkdir(exist_ok=True)
        (folder / "nas/@eaDir").mkdir(exist_ok=True)
        run = graft("train", name, *graft.small, "--out", f"out_{name}", cwd=folder)
        graft.row(f"13 {name}", "has no photo, exit 4", run.lines("not used"), run.code == 0 and run.has(expected))
    for options in (["--classes", "cats,dogs"], ["--exclude", "birds"]):
        run = graft("train", "empty", *graft.small, *options, "--out", "out" + options[0], cwd=folder)
        graft.row("13 " + " ".join(options), "no such option", run.lines("classes, "), run.code == 0)

    folder = graft.case("15_out_below_a_file") if (graft.cases / "photos/15_out_below_a_file").is_dir() else graft.folder("15")
    photos = next((p for p in (folder / "photos", graft.work / "10_never_used_before/photos") if p.is_dir()))
    (folder / "afile").write_text("x")
    for name, out in {"below a file": "afile/x", "300 bytes": "n" * 300}.items():
        run = graft("train", photos, *graft.small, "--out", out, cwd=folder)
        graft.row(f"15 --out {name}", "trained, then lost", run, run.code == 6 and not run.has("internal error"))
    for out in ("nosuch/x.csv", "afile/x.csv"):
        run = graft("features", graft.work / "02_split_folders_as_classes/out_kaggle", photos, "-o", out, cwd=folder)
        graft.row(f"15 features -o {out}", "computed, then: is the disk full?", run, run.code == 6 and run.has("cannot be written"))


def pictures(graft):
    folder = graft.case("11_tiff_rgb_and_infrared")
    run = graft("preview", "photos", "-o", "sheet.png", "--rows", "2", "--columns", "2", cwd=folder)
    graft.row("11 preview", "no word", run.lines("bands"), run.has("4 bands, of which only the first 3 are used"))
    figures = []
    for seed in (42, 1, 2, 3):
        graft("train", "photos", *graft.small, "--seed", seed, "--out", f"out{seed}", cwd=folder)
        figures.append(result(folder / f"out{seed}")["test_accuracy"])
    graft.row("11 train, seeds 42, 1, 2, 3", "37.5, 87.5, 87.5, 62.5 %", ", ".join(f"{100 * x:.1f} %" for x in figures),
              min(figures) > 0.6)

    model = graft.work / "02_split_folders_as_classes/out_kaggle"
    folder = graft.case("18_predict_and_lists")
    run = graft("train", "photos", *graft.small, "--out", "out", cwd=folder)
    left = result(folder / "out").get("skipped_images", [])
    graft.row("18a train: files left out", "not named", run.lines("left out", "JPEG 2000", "empty file", "not in a class"),
              run.code == 1 and run.has("loose.jpg: not in a class folder", "zero.jpg: empty file") and len(left) >= 2)
    some = sorted((folder / "photos/cats").glob("*.jpg"))
    whole = next(p for p in some if p.stat().st_size > 0)
    run = graft("predict", model, whole, "gone.jpg", "--top", "1", cwd=folder)
    graft.row("18b a missing file", "exit 3 before any photo", run, run.code == 1 and run.has("gone.jpg", r"\d %"))
    run = graft("predict", model, "photos/cats/zero.jpg", "photos/cats", "--json", "--top", "1", cwd=folder)
    graft.row("18c --json", "a list; unreadable missing", f"keys {', '.join(run.json())}; skipped {len(run.json()['skipped_images'])}",
              len(run.json()["skipped_images"]) >= 1 and len(run.json()["photos"]) >= 1)
    strange = folder / "esc\x1b[2J.jpg"
    shutil.copy(whole, strange)
    run = graft("predict", model, strange, "--top", "1", cwd=folder)
    graft.row("18d escapes in names", "clear the screen", run, "\x1b[2J" not in run.out + run.err)
    run = graft("evaluate", "out", "photos", cwd=folder)
    graft.row("18f exit code of evaluate", "0", f"exit {run.code}", run.code == 1)

    for photo in sorted((graft.cases / "photos/20_pictures").iterdir()):
        if photo.name == "README":
            continue
        run = graft("predict", model, photo, "--top", "1")
        refused = photo.suffix in (".nef", ".heif")
        graft.row(f"20 {photo.name}", "black, not turned, shifted, a thumbnail or a torn reason", run,
                  run.code == (1 if refused else 0) and len(run.lines("left out")) == (1 if refused else 0))


def all_cases(graft):
    for part in (names_and_layouts, folders, odd_folders, pictures):
        part(graft)
