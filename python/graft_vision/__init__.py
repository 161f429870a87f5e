# SPDX-License-Identifier: Apache-2.0
"""graft in Python: train classifiers on folders of photos, classify photos, take their features.

    import graft_vision as graft
    graft.train("photos", "pets")                 # a sub-folder of photos a class
    classifier = graft.Classifier("pets")
    answer = classifier.predict("new.jpg")        # a path, bytes, or an array (height, width, 3) of uint8
    print(answer.name, answer.probability)

Importing this loads neither numpy nor graft's library: both are loaded when they are first needed.
"""

from ._classifier import Answer, Classifier, Decision, Prediction
from ._errors import Error, InvalidArgumentError, NotFoundError
from ._train import Progress, Training, train

__all__ = [
    "Answer",
    "Classifier",
    "Decision",
    "Error",
    "InvalidArgumentError",
    "NotFoundError",
    "Prediction",
    "Progress",
    "Training",
    "train",
    "version",
]


def version() -> str:
    """graft's version, "0.1.0"."""
    from ._library import library

    return library().graft_version().decode()
