#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Logistic regression of scikit-learn on features that `graft features` wrote, its strength cross-validated.

  benchmarks/sklearn_logistic.py TRAIN.npz TEST.npz SEED

Prints accuracy, log loss and seconds as JSON. benchmarks/accuracy.py calls it. Needs numpy and scikit-learn.
"""
import json
import sys
import time
import warnings

import numpy
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def main():
    warnings.filterwarnings("ignore")
    train, test = (numpy.load(path, allow_pickle=False) for path in sys.argv[1:3])
    start = time.time()
    folds = min(5, numpy.bincount(train["labels"]).min())
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    search = GridSearchCV(model, {"logisticregression__C": [1e-4, 1e-3, 1e-2, 0.1, 1, 10]}, scoring="neg_log_loss",
                          cv=StratifiedKFold(folds, shuffle=True, random_state=int(sys.argv[3])))
    search.fit(train["features"], train["labels"])
    probabilities = numpy.clip(search.predict_proba(test["features"]), 1e-7, 1)
    print(json.dumps({
        "test_accuracy": float((probabilities.argmax(1) == test["labels"]).mean()),
        "log_loss": float(log_loss(test["labels"], probabilities, labels=range(probabilities.shape[1]))),
        "seconds": time.time() - start, "train_photos": len(train["labels"]), "test_photos": len(test["labels"])}))


if __name__ == "__main__":
    main()
