"""scikit-learn's heads for several labels a photo and for numbers, and its figures of them: several.json.gz. Run with scikit-learn 1.9, scipy and numpy."""
import gzip
import json
import pathlib

import numpy as np
from sklearn import metrics
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from sklearn_labels import figures

OUT = pathlib.Path(__file__).resolve().parent.parent / "several.json.gz"
STRENGTHS = (0.01, 0.1, 1.0, 10.0)
ALPHAS = (0.01, 1.0, 30.0)


def as_float32(values):
    """Three decimals, as float32 holds what JSON says."""
    return np.round(values, 3).astype(np.float32).astype(np.float64)


def labelled(seed, rows, tested, width, shares):
    """Features that know something of each label."""
    random = np.random.RandomState(seed)
    truth = (random.uniform(size=(rows + tested, len(shares))) < shares).astype(int)
    directions = random.normal(0, 1, (len(shares), width)) / np.sqrt(width)
    features = as_float32(2 * truth @ directions + random.normal(0.3, 0.7, (rows + tested, width)))
    return features[:rows], truth[:rows], features[rows:], truth[rows:]


def machines(kind, c, weights):
    """A machine of each label; weights: what rows that have it count."""
    for weight in weights:
        of_label = None if weight == 1 else {0: 1, 1: weight}
        if kind == "linear_svm":
            yield LinearSVC(C=c, class_weight=of_label, dual=False, tol=1e-10, max_iter=1000000)
        else:
            yield LogisticRegression(C=c, class_weight=of_label, tol=1e-10, max_iter=100000)


def decisions(kind, c, weights, features, truth, tested):
    """As OneVsRestClassifier has them, which without weights is what is used."""
    if all(weight == 1 for weight in weights):
        heads = OneVsRestClassifier(next(machines(kind, c, [1]))).fit(features, truth)
        return heads.decision_function(tested)
    each = machines(kind, c, weights)
    return np.stack([head.fit(features, truth[:, k]).decision_function(tested) for k, head in enumerate(each)], axis=1)


def label_set(seed, rows, tested, width, shares):
    features, truth, others, answers = labelled(seed, rows, tested, width, np.array(shares))
    assert truth.any(axis=0).all() and not truth.all(axis=0).any()
    # What graft's --class-weight balanced gives a label.
    balanced = ((rows - truth.sum(axis=0)) / truth.sum(axis=0)).tolist()
    heads = []
    for kind in ("linear_svm", "logistic"):
        for c in STRENGTHS:
            for weights in ([1] * len(shares), balanced):
                values = np.round(decisions(kind, c, weights, features, truth, others), 6).astype(np.float32)
                assert np.abs(values).min() > 1e-5
                heads.append(
                    {
                        "kind": kind,
                        "c": c,
                        "positive_weights": [] if all(weight == 1 for weight in weights) else weights,
                        "decisions": np.round(values.astype(np.float64), 6).tolist(),
                        "figures": figures(answers, values.astype(np.float64), [0.5] * len(shares)),
                    }
                )
    return {
        "features": features.round(3).tolist(),
        "truth": truth.tolist(),
        "test": others.round(3).tolist(),
        "test_truth": answers.tolist(),
        "heads": heads,
    }


def number_figures(truth, answers):
    return {
        "mean_absolute_error": metrics.mean_absolute_error(truth, answers),
        "mean_squared_error": metrics.mean_squared_error(truth, answers),
        "median_absolute_error": metrics.median_absolute_error(truth, answers),
        "r2": metrics.r2_score(truth, answers),
    }


def number_set(seed, rows, tested, width):
    random = np.random.RandomState(seed)
    features = as_float32(random.normal(0.5, 1, (rows + tested, width)))
    slopes = random.normal(0, 1, (width, 2)) * [3, 0.02] / np.sqrt(width)
    numbers = as_float32(features @ slopes + [40, -1] + random.normal(0, 1, (rows + tested, 2)) * [2, 0.01])
    weights = as_float32(random.uniform(0.2, 3, rows))
    heads = []
    for alpha in ALPHAS:
        for weighted in (False, True):
            head = Ridge(alpha=alpha).fit(features[:rows], numbers[:rows], weights if weighted else None)
            answers = head.predict(features[rows:]).astype(np.float32)
            of_them = [number_figures(numbers[rows:, k], answers[:, k].astype(np.float64)) for k in range(2)]
            heads.append(
                {"alpha": alpha, "weighted": weighted, "answers": answers.astype(np.float64).tolist(), "figures": of_them}
            )
    return {
        "features": features[:rows].round(3).tolist(),
        "numbers": numbers[:rows].round(3).tolist(),
        "weights": weights.round(3).tolist(),
        "test": features[rows:].round(3).tolist(),
        "test_numbers": numbers[rows:].round(3).tolist(),
        "heads": heads,
    }


def main():
    # Of each the second has fewer rows than features: LinearSVC's dual there, and Ridge's equations of the rows.
    golden = {
        "labels": [label_set(1, 90, 60, 8, [0.5, 0.3, 0.15, 0.08]), label_set(2, 24, 30, 40, [0.4, 0.6, 0.2])],
        "numbers": [number_set(3, 60, 40, 7), number_set(4, 20, 30, 50)],
    }
    OUT.write_bytes(gzip.compress((json.dumps(golden, separators=(",", ":")) + "\n").encode(), mtime=0))


if __name__ == "__main__":
    main()
