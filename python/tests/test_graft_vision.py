# SPDX-License-Identifier: Apache-2.0
"""The installed package: python -m unittest, with GRAFT_PROGRAM naming the program graft that is compared with."""

import gc
import json
import os
import pickle
import re
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import numpy as np

import graft_vision as graft

PROGRAM = os.environ["GRAFT_PROGRAM"]
README = Path(__file__).parent.parent / "README.md"

#: A small network in Keras's config, with initial weights.
NETWORK = {
    "class_name": "Sequential",
    "config": {
        "name": "small",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 16, 16, 3], "dtype": "float32", "name": "image"}},
            {"class_name": "Rescaling", "config": {"name": "rescaling", "scale": 1 / 255, "offset": 0.0}},
            {
                "class_name": "Conv2D",
                "config": {"name": "conv", "filters": 8, "kernel_size": [3, 3], "strides": [2, 2], "activation": "relu"},
            },
            {"class_name": "GlobalAveragePooling2D", "config": {"name": "mean"}},
            {"class_name": "Dense", "config": {"name": "classes", "units": 2, "activation": "softmax"}},
        ],
    },
    "keras_version": "2.15.0",
    "backend": "tensorflow",
}


def write_ppm(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width, _ = pixels.shape
    path.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + pixels.tobytes())


def resident_kib():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.temporary.name)
        random = np.random.default_rng(1)
        for i in range(24):
            for name, channel in (("blue", 2), ("red", 0)):
                pixels = random.integers(0, 90, (20, 30, 3), np.uint8)
                pixels[:, :, channel] += 150
                write_ppm(cls.folder / "photos" / name / f"{i}.ppm", pixels)
        cls.noise = random.integers(0, 256, (30, 40, 3), np.uint8)
        cls.photo = cls.folder / "noise.ppm"
        write_ppm(cls.photo, cls.noise)
        network = cls.folder / "small.json"
        network.write_text(json.dumps(NETWORK))
        cls.network = str(network)
        cls.training = graft.train(cls.folder / "photos", cls.folder / "result", model=cls.network, weights="none", recipe="head")
        cls.classifier = graft.Classifier(cls.folder / "result")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_import_is_light(self):
        code = "import sys, graft_vision; sys.exit('numpy' in sys.modules or 'libgraft' in open('/proc/self/maps').read())"
        self.assertEqual(subprocess.run([sys.executable, "-c", code]).returncode, 0)
        code = "import time; t = time.process_time(); import graft_vision; print(time.process_time() - t)"
        seconds = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) for _ in range(3)]
        print(f"import: {min(seconds):.3f} s of processor time")
        self.assertLess(min(seconds), 0.1)

    def test_predictions_are_those_of_the_program(self):
        out = subprocess.run(
            [PROGRAM, "predict", self.folder / "result", self.photo, "--json"], capture_output=True, check=True
        ).stdout
        expected = json.loads(out)["photos"][0]
        answer = self.classifier.predict(self.photo)
        self.assertEqual(
            [(one.name, one.probability) for one in answer.top()],
            [(one["name"], one["probability"]) for one in expected["predictions"]],
        )
        self.assertEqual(answer.name, expected["answer"])
        self.assertEqual(self.classifier.class_names, ["blue", "red"])
        self.assertFalse(answer.unknown)
        unknown = self.classifier.predict(self.photo, reject=True, reject_below=1)
        self.assertTrue(unknown.unknown)
        self.assertEqual(unknown.name, "unknown")
        self.assertEqual(unknown.unknown_reason, unknown.decision.reason)

    def test_path_bytes_and_arrays_agree(self):
        expected = self.classifier.predict(str(self.photo)).probabilities
        self.assertEqual(expected.dtype, np.float32)
        padded = np.zeros((30, 50, 3), np.uint8)
        padded[:, :40] = self.noise
        for photo in (self.photo.read_bytes(), bytearray(self.photo.read_bytes()), self.noise, padded[:, :40], self.noise[::-1][::-1]):
            np.testing.assert_array_equal(self.classifier.predict(photo).probabilities, expected)
        features = self.classifier.features(self.photo)
        np.testing.assert_array_equal(self.classifier.features(self.noise), features)
        self.assertEqual(features.shape, (8,))

    def test_arrays_outlive_their_answer(self):
        values = self.classifier.predict(self.photo).probabilities
        gc.collect()
        self.assertAlmostEqual(float(values.sum()), 1, places=5)
        with self.assertRaises(ValueError):
            values[0] = 0

    def test_errors_have_types(self):
        with self.assertRaises(FileNotFoundError) as missing:
            graft.Classifier("nowhere.keras")
        self.assertEqual(missing.exception.kind, "not_found")
        with self.assertRaises(ValueError) as views:
            self.classifier.predict(self.photo, views=99)
        self.assertEqual(views.exception.option, "views")
        for wrong in (np.zeros((2, 2), np.float32), np.zeros((2, 2, 4), np.uint8), np.zeros(3, np.uint8)):
            with self.assertRaises(graft.InvalidArgumentError):
                self.classifier.predict(wrong)
        with self.assertRaises(graft.Error):
            self.classifier.predict(b"no photo")

    def test_training_can_be_stopped(self):
        calls = []

        def interrupt(progress):
            calls.append(progress)
            raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            graft.train(self.folder / "photos", model=self.network, weights="none", recipe="head", progress=interrupt)
        self.assertGreater(len(calls), 0)

        def stop_after_an_epoch(progress):
            if progress.epoch:
                raise KeyboardInterrupt

        result = self.folder / "stopped"
        stopped = graft.train(
            self.folder / "photos", result, model=self.network, weights="none", recipe="network", epochs=500, progress=stop_after_an_epoch
        )
        self.assertTrue(stopped.stopped)
        self.assertEqual(len(graft.Classifier(result).class_names), 2)
        # In memory it is the classifier that was written.
        np.testing.assert_array_equal(
            stopped.classifier().predict(self.photo).probabilities, graft.Classifier(result).predict(self.photo).probabilities
        )

    def test_save_and_memory(self):
        file = self.folder / "saved.keras"
        self.classifier.save(file)
        opened = graft.Classifier(file.read_bytes())
        np.testing.assert_array_equal(opened.predict(self.photo).probabilities, self.classifier.predict(self.photo).probabilities)
        self.classifier.export_onnx(self.folder / "saved.onnx")

    def test_threads_in_parallel(self):
        expected = self.classifier.predict(self.photo).probabilities.tolist()
        results = []

        def run():
            for _ in range(50):
                results.append(self.classifier.predict(self.noise).probabilities.tolist() == expected)

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [True] * 400)

    def test_memory_stays_flat(self):
        for _ in range(1000):
            self.classifier.predict(self.noise)
        before = resident_kib()
        for _ in range(10000):
            self.classifier.predict(self.noise).probabilities
        grown = resident_kib() - before
        print(f"memory after 10,000 predictions: {grown:+} KiB")
        self.assertLess(grown, 2048)

    def test_the_readme_runs(self):
        code = re.search(r"```python\n(.*?)```", README.read_text(), re.S).group(1)
        self.assertLessEqual(len([line for line in code.splitlines() if line and not line.startswith("#")]), 10)
        code = code.replace('"pets", progress', f'"pets", model={self.network!r}, weights="none", recipe="head", progress')
        write_ppm(self.folder / "readme" / "new.jpg", self.noise)
        os.symlink(self.folder / "photos", self.folder / "readme" / "photos")
        done = subprocess.run([sys.executable, "-c", code], cwd=self.folder / "readme", capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("test accuracy", done.stdout)

    def test_estimator_of_scikit_learn(self):
        try:
            from sklearn.base import clone
        except ImportError:
            self.skipTest("needs scikit-learn")
        from graft_vision.sklearn import TransferClassifier

        paths = sorted(map(str, (self.folder / "photos").glob("*/*.ppm")))
        labels = [Path(path).parent.name for path in paths]
        estimator = clone(TransferClassifier(model=self.network, weights="none", recipe="head"))
        self.assertIs(estimator.fit(paths, labels), estimator)
        self.assertEqual(list(estimator.classes_), ["blue", "red"])
        self.assertEqual(estimator.predict_proba(paths[:3]).shape, (3, 2))
        self.assertGreater(estimator.score(paths, labels), 0.9)
        again = pickle.loads(pickle.dumps(estimator))
        np.testing.assert_array_equal(again.predict_proba(paths[:3]), estimator.predict_proba(paths[:3]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
