"""scikit-learn's answers for classical heads: heads.json.gz. Run with scikit-learn 1.9 and numpy."""
import gzip
import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.svm import SVC, LinearSVC

OUT = pathlib.Path(__file__).resolve().parent.parent / "heads.json.gz"


def blobs(seed, counts, dimensions, rows):
    """Classes that overlap, each number written with three decimals so that float32 holds what JSON says."""
    random = np.random.RandomState(seed)
    centres = random.uniform(0, 1.2, (len(counts), dimensions))
    labels = np.repeat(np.arange(len(counts)), counts)
    train = centres[labels] + random.normal(0, 0.8, (len(labels), dimensions))
    test = centres[random.randint(0, len(counts), rows)] + random.normal(0, 0.8, (rows, dimensions))
    order = random.permutation(len(labels))
    return np.round(train[order], 3), labels[order], np.round(test, 3)


def heads():
    for c in (0.01, 1.0, 100.0):
        for weight in (None, "balanced"):
            options = {"c": c, "class_weight": weight or "none"}
            yield ("logistic", options, LogisticRegression(C=c, class_weight=weight, tol=1e-8, max_iter=10000))
            yield ("linear_svm", options, LinearSVC(C=c, class_weight=weight, dual=False, tol=1e-8, max_iter=100000))
            yield ("rbf_svm", options, SVC(C=c, class_weight=weight))
            yield ("rbf_svm", {**options, "gamma": 0.3}, SVC(C=c, gamma=0.3, class_weight=weight))
    for k in (1, 3, 5, 10):
        yield "knn", {"neighbours": k}, KNeighborsClassifier(n_neighbors=k, algorithm="brute")
    yield "centroid", {}, NearestCentroid()


def main():
    sets = []
    # The last has fewer rows than features: LinearSVC and graft solve the dual there.
    for seed, counts, width in ((1, [40, 25], 7), (2, [30, 18, 24], 7), (3, [20, 12, 16, 9, 22], 7), (4, [12, 9, 10], 40)):
        train, labels, test = blobs(seed, counts, width, 150 if width < 10 else 60)
        x, y = train.astype(np.float32).astype(np.float64), test.astype(np.float32).astype(np.float64)
        cases = []
        for kind, options, model in heads():
            model.fit(x, labels)
            case = {"kind": kind, **options, "predictions": model.predict(y).tolist()}
            if kind == "linear_svm":
                case["decisions"] = np.round(model.decision_function(y), 6).tolist()
            elif kind == "rbf_svm" and len(counts) == 2:
                case["decisions"] = np.round(model.decision_function(y), 6).tolist()
            elif kind in ("logistic", "knn"):
                case["probabilities"] = np.round(model.predict_proba(y), 6).tolist()
            cases.append(case)
        sets.append({"train": train.tolist(), "labels": labels.tolist(), "test": test.tolist(), "heads": cases})
    OUT.write_bytes(gzip.compress((json.dumps({"sets": sets}, separators=(",", ":")) + "\n").encode(), mtime=0))


if __name__ == "__main__":
    main()
