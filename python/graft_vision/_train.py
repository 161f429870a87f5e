# SPDX-License-Identifier: Apache-2.0
"""Training."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, Union

from ._classifier import Classifier, Handle
from ._errors import Error
from ._library import OpenOptions, ProgressCallback, TrainingFacts, TrainOptions, call, library, path, text

_Path = Union[str, "os.PathLike[str]"]


class Progress(NamedTuple):
    """Progress of a training, to be shown."""

    #: "photos", "features", "head", "epoch 3", ...
    stage: str
    #: units of the stage that are done
    done: int
    #: units in total; 0: unknown
    total: int
    #: "photos", "steps"
    unit: str
    #: a finished sentence to keep on the screen; "" while under way
    line: str
    #: with the line about an epoch its number, from 1; else 0
    epoch: int
    #: its figures: "loss", "val_accuracy", ...
    values: Dict[str, float]


class Training:
    """A training that has ended."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        facts = TrainingFacts()
        call("graft_training_get_facts", handle.pointer, ctypes.byref(facts))
        #: on photos that were never used, 0 to 1
        self.test_accuracy: float = facts.test_accuracy
        #: its 95 % confidence interval
        self.test_accuracy_interval: Tuple[float, float] = (facts.test_accuracy_low, facts.test_accuracy_high)
        self.validation_accuracy: float = facts.validation_accuracy
        self.train_photos: int = facts.train_photos
        self.validation_photos: int = facts.validation_photos
        self.test_photos: int = facts.test_photos
        #: files that were not used
        self.left_out: int = facts.left_out
        self.seconds: float = facts.seconds
        #: progress or Ctrl-C stopped it; what was best so far was kept
        self.stopped: bool = facts.stopped == 1
        self.network: str = facts.network.decode()
        #: what went wrong where a loss was no longer a number; "": nothing
        self.broke_down: str = facts.broke_down.decode()

    @property
    def notes(self) -> List[str]:
        """What was done and why, sentence by sentence."""
        lib = library()
        count = lib.graft_training_note_count(self._handle.pointer)
        return [lib.graft_training_note(self._handle.pointer, i).decode() for i in range(count)]

    def classifier(self, *, threads: int = 0, precision: Optional[str] = None) -> Classifier:
        """The trained classifier."""
        options = OpenOptions(threads=threads, precision=text(precision))
        opened = ctypes.c_void_p()
        call("graft_training_classifier", self._handle.pointer, ctypes.byref(options), ctypes.byref(opened))
        return Classifier._of(opened)


class _Callback:
    """Shows progress; an exception, such as Ctrl-C's KeyboardInterrupt, stops the training."""

    def __init__(self, show: Optional[Callable[[Progress], Any]]) -> None:
        self._show = show
        self.exception: Optional[BaseException] = None
        self.function = ProgressCallback(self._call)

    def _call(self, given: Any, _user: Any) -> int:
        try:
            if self._show is None:
                return 0
            progress = given.contents
            values = {progress.value_names[i].decode(): progress.values[i] for i in range(progress.value_count)}
            shown = Progress(
                progress.stage.decode(errors="replace"),
                progress.done,
                progress.total,
                progress.unit.decode(),
                progress.line.decode(errors="replace"),
                progress.epoch,
                values,
            )
            return 1 if self._show(shown) is False else 0
        except BaseException as exception:  # noqa: B902: it must not cross the library
            self.exception = self.exception or exception
            return 1


def train(
    photos: _Path,
    result_folder: Optional[_Path] = None,
    *,
    model: Optional[str] = None,
    weights: Optional[str] = None,
    recipe: Optional[str] = None,
    epochs: int = 0,
    learning_rate: float = 0,
    budget: float = 0,
    image_size: int = 0,
    batch_size: int = 0,
    seed: int = 42,
    threads: int = 0,
    precision: Optional[str] = None,
    validation: Optional[_Path] = None,
    test: Optional[_Path] = None,
    resume: bool = False,
    progress: Optional[Callable[[Progress], Any]] = None,
) -> Training:
    """Trains a classifier on a folder with a sub-folder of photos a class, as `graft train` does.

    result_folder: gets model.keras, result.json, ...; None: nothing is written. Options that are left out are
    those of `graft train`. progress: called with a Progress; where it returns False, training stops and what is
    best so far is kept. Ctrl-C does the same: the result is returned (`Training.stopped`) and written, or
    KeyboardInterrupt is raised where there is nothing to keep yet. Another exception of progress stops the training,
    the result is written, and the exception is raised.
    """
    callback = _Callback(progress)
    options = TrainOptions(
        result_folder=path(result_folder),
        resume=1 if resume else 0,
        model=path(model),
        weights=path(weights),
        recipe=text(recipe),
        epochs=epochs,
        learning_rate=learning_rate,
        budget=budget,
        image_size=image_size,
        batch_size=batch_size,
        seed=seed,
        threads=threads,
        precision=text(precision),
        validation=path(validation),
        test=path(test),
        progress=callback.function,
    )
    trained = ctypes.c_void_p()
    try:
        call("graft_train", path(photos), ctypes.byref(options), ctypes.byref(trained))
    except Error as error:
        if error.kind == "interrupted" and callback.exception is not None:
            raise callback.exception from None
        raise
    if callback.exception is not None and not isinstance(callback.exception, KeyboardInterrupt):
        raise callback.exception
    return Training(Handle(trained, "graft_training_free"))
