# SPDX-License-Identifier: Apache-2.0
"""A scikit-learn estimator: `TransferClassifier().fit(paths, labels)`. Needs scikit-learn."""

from __future__ import annotations

import os
import tempfile
from typing import Any, List, Optional, Sequence

import numpy
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from ._classifier import Classifier
from ._errors import InvalidArgumentError
from ._train import train


class TransferClassifier(ClassifierMixin, BaseEstimator):
    """Classifies photos by transfer learning.

    X is a sequence of paths of photos, y one label each. Parameters are those of `graft_vision.train`, with its
    defaults. A fitted estimator can be pickled: it keeps the model's file in memory.
    """

    def __init__(
        self,
        model: Optional[str] = None,
        weights: Optional[str] = None,
        recipe: Optional[str] = None,
        epochs: int = 0,
        learning_rate: float = 0,
        budget: float = 0,
        image_size: int = 0,
        batch_size: int = 0,
        random_state: int = 42,
        threads: int = 0,
        precision: Optional[str] = None,
    ) -> None:
        self.model = model
        self.weights = weights
        self.recipe = recipe
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.budget = budget
        self.image_size = image_size
        self.batch_size = batch_size
        self.random_state = random_state
        self.threads = threads
        self.precision = precision

    def fit(self, X: Sequence[Any], y: Sequence[Any]) -> "TransferClassifier":
        """Trains on photos X with labels y; a part of them is kept back to choose by."""
        labels = numpy.asarray(y)
        if labels.ndim != 1 or len(labels) != len(X) or len(X) == 0:
            raise InvalidArgumentError(f"y: expected one label a photo, received {labels.shape} for {len(X)} photos")
        self.classes_, positions = numpy.unique(labels, return_inverse=True)
        options = {name: value for name, value in self.get_params().items() if name != "random_state"}
        with tempfile.TemporaryDirectory() as folder:
            # Names of class folders sort as the classes do.
            for number, (photo, position) in enumerate(zip(X, positions)):
                of_class = os.path.join(folder, "photos", f"{position:06}")
                os.makedirs(of_class, exist_ok=True)
                ending = os.path.splitext(os.fspath(photo))[1]
                os.symlink(os.path.abspath(photo), os.path.join(of_class, f"{number:08}{ending}"))
            trained = train(os.path.join(folder, "photos"), seed=self.random_state, **options)
            file = os.path.join(folder, "model.keras")
            trained.classifier().save(file)
            with open(file, "rb") as model:
                self.model_bytes_ = model.read()
        self.training_ = {"validation_accuracy": trained.validation_accuracy, "test_accuracy": trained.test_accuracy}
        self._classifier = None
        return self

    @property
    def classifier_(self) -> Classifier:
        """The trained classifier, whose classes are called "000000", "000001", ..."""
        check_is_fitted(self, "model_bytes_")
        if getattr(self, "_classifier", None) is None:
            self._classifier = Classifier(self.model_bytes_, threads=self.threads, precision=None)
        return self._classifier

    def predict_proba(self, X: Sequence[Any]) -> "numpy.ndarray":
        """Probabilities (photos, classes), in the order of classes_."""
        classifier = self.classifier_
        rows: List[Any] = [classifier.predict(photo).probabilities for photo in X]
        return numpy.stack(rows) if rows else numpy.empty((0, len(self.classes_)), numpy.float32)

    def predict(self, X: Sequence[Any]) -> "numpy.ndarray":
        """The most probable label of each photo."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def __getstate__(self) -> Any:
        state = dict(super().__getstate__())
        state.pop("_classifier", None)
        return state
