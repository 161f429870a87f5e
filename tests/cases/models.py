# SPDX-License-Identifier: Apache-2.0
"""The cases of model files: computed as Keras or PyTorch does, or refused by name."""
import json
import shutil

REFUSED = {
    "k3b_unregistered_subclass_same_name.keras": "is of the user's own class Dense",
    "fake.onnx": "ONNX", "k3b_custom_activation.keras": "my_swish",
    "k3b_quant_int8.keras": "quantized", "k3b_two_inputs.keras": "2 inputs", "k3b_two_outputs.keras": "2 outputs",
}
NOTED = {"bn_called_training_true": "training=True", "mixed_float16_cast": "mixed_float16", "pixels_scaled_outside": "no layer of the model scales"}


def probabilities(graft, *words):
    """Of the three photos, one call each: rows by class index."""
    rows, run = [], None
    for photo in sorted((graft.cases / "models/photos").glob("c_64x64_*.png")):
        run = graft("predict", *words, photo, "--top", "1000", "--json")
        if run.code != 0:
            return [], run
        answers = run.json()["photos"][0]["predictions"]
        row = [0.0] * len(answers)
        for answer in answers:
            row[int(answer["class"])] = answer["probability"]
        rows.append(row)
    return rows, run


def difference(rows, expected):
    return max(abs(a - b) for row, other in zip(rows, expected, strict=True) for a, b in zip(row, other, strict=True))


def expected_of(file):
    return json.loads((file.parent / (file.stem + ".ref.json")).read_text())["probs"]


def against_reference(graft):
    for folder in sorted(p for p in (graft.cases / "models").iterdir() if p.is_dir()):
        for file in sorted(folder.iterdir()):
            if file.suffix not in (".keras", ".h5", ".onnx", ".tflite") or file.name == "k2_weights.h5":
                continue
            case = f"{folder.name}/{file.name}"
            if file.name in REFUSED:
                run = graft("predict", file, graft.cases / "models/photos/c_64x64_0.png")
                graft.row(case, "other numbers, or an unclear message", run, run.code in (4, 5) and run.has(REFUSED[file.name]))
                continue
            rows, run = probabilities(graft, file)
            if not (folder / (file.stem + ".ref.json")).exists():
                graft.row(case, "refused, or another loss", "probabilities; no .ref.json" if rows else run, rows)
                continue
            bound, found = 1e-4, difference(rows, expected_of(file)) if rows else None
            note = run.lines("^note: ")
            noted = folder.name not in NOTED or any(NOTED[folder.name] in line for line in note)
            graft.row(case, "refused, or other numbers without a word",
                      [f"differs by {found:.1e}", *note] if rows else run, rows and found < bound and noted)


def pixels(graft):
    file = graft.cases / "models/pixels_scaled_outside/cases_tm.h5"
    expected = json.loads((file.parent / "expected.json").read_text())
    out = graft.folder("pixels") / "tm.keras"
    rows, run = probabilities(graft, file)
    graft.row("pixels scaled outside, no option", "other classes, no note",
              [f"differs by {difference(rows, expected['raw 0..255']):.1e}", *run.lines("^note")], run.has("no layer of the model scales"))
    rows, run = probabilities(graft, file, "--pixels", "-1..1")
    graft.row("--pixels -1..1", "no such option", f"differs by {difference(rows, expected['scaled -1..1']):.1e}",
              difference(rows, expected["scaled -1..1"]) < 1e-4)
    graft("edit", file, "--pixels", "-1..1", "-o", out)
    rows, run = probabilities(graft, out)
    graft.row("edit --pixels, then predict", "no such option", f"differs by {difference(rows, expected['scaled -1..1']):.1e}",
              difference(rows, expected["scaled -1..1"]) < 1e-4)


def json_and_weights(graft):
    folder = graft.cases / "models/json_and_weights"
    whole = graft.folder("json") / "jw.keras"
    photo = graft.cases / "models/photos/c_64x64_0.png"
    two = [folder / "k2_model.json", "--weights", folder / "k2_weights.h5"]
    for words in (["edit", *two, "-o", whole], ["predict", *two, photo], ["summary", *two], ["features", *two, photo, "-o", whole.parent / "f.npy"],
                  ["explain", *two, photo, "-o", whole.parent / "x.png"], ["profile", two[0]]):
        run = graft(*words)
        graft.row(f"json_and_weights: {words[0]}", "--weights goes with the name of an architecture", run, run.code == 0)
    rows, _ = probabilities(graft, *two)
    same, _ = probabilities(graft, whole)
    graft.row("json_and_weights: against the edited whole model", "refused", f"differs by {difference(rows, same):.1e}", difference(rows, same) == 0)


def formats(graft):
    saved = graft.folder("saved") / "saved"
    saved.mkdir()
    (saved / "saved_model.pb").write_bytes(b"\x08\x01\x12\x05serve")
    for model in (saved, saved / "saved_model.pb", graft.data / "weights/resnet20-12fca82f.th"):
        run = graft("predict", model, graft.cases / "models/photos/c_64x64_0.png")
        graft.row(f"format: {model.name}", "may be broken", run, run.code == 5 and run.has("SavedModel|weights of PyTorch"))


def all_cases(graft):
    for part in (against_reference, pixels, json_and_weights, formats):
        part(graft)
    shutil.rmtree(graft.work / "pixels", ignore_errors=True)
