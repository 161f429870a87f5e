# SPDX-License-Identifier: Apache-2.0
"""graft/graft.h by ctypes. A call releases the interpreter's lock."""

import ctypes
import os
from ctypes import POINTER, Structure, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from functools import lru_cache
from typing import Any, Optional

from ._errors import make_error

_STOPPED_BY_CALLBACK = "interrupted"


class Sized(Structure):
    """A struct that begins with its size."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(size=ctypes.sizeof(type(self)), **fields)


class OpenOptions(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("threads", c_int64),
        ("precision", c_char_p),
        ("class_names", c_char_p),
        ("pixels", c_char_p),
        ("weights", c_char_p),
        ("alpha", c_double),
    ]


class ClassifyOptions(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("views", c_int64),
        ("reject", c_int64),
        ("reject_below", c_double),
        ("exif", c_char_p),
        ("interpolation", c_char_p),
        ("max_pixels", c_int64),
    ]


class Pixels(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("width", c_int64),
        ("height", c_int64),
        ("channels", c_int64),
        ("stride", c_int64),
        ("length", c_size_t),
    ]


class PredictionStruct(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("index", c_int64),
        ("name", c_char_p),
        ("id", c_char_p),
        ("probability", c_double),
        ("is_label", c_int64),
    ]


class DecisionStruct(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("index", c_int64),
        ("name", c_char_p),
        ("reason", c_char_p),
        ("also_count", c_size_t),
        ("also", POINTER(c_char_p)),
    ]


class OnnxOptions(Sized):
    _fields_ = [("size", c_size_t), ("opset", c_int64), ("float16", c_int64), ("nchw", c_int64)]


class ProgressStruct(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("stage", c_char_p),
        ("done", c_uint64),
        ("total", c_uint64),
        ("unit", c_char_p),
        ("line", c_char_p),
        ("epoch", c_int64),
        ("value_count", c_size_t),
        ("value_names", POINTER(c_char_p)),
        ("values", POINTER(c_double)),
    ]


ProgressCallback = ctypes.CFUNCTYPE(c_int32, POINTER(ProgressStruct), c_void_p)


class TrainOptions(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("result_folder", c_char_p),
        ("resume", c_int64),
        ("model", c_char_p),
        ("weights", c_char_p),
        ("recipe", c_char_p),
        ("epochs", c_int64),
        ("learning_rate", c_double),
        ("budget", c_double),
        ("image_size", c_int64),
        ("batch_size", c_int64),
        ("seed", c_uint64),
        ("threads", c_int64),
        ("precision", c_char_p),
        ("validation", c_char_p),
        ("test", c_char_p),
        ("progress", ProgressCallback),
        ("user", c_void_p),
    ]


class TrainingFacts(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("test_accuracy", c_double),
        ("test_accuracy_low", c_double),
        ("test_accuracy_high", c_double),
        ("validation_accuracy", c_double),
        ("train_photos", c_uint64),
        ("validation_photos", c_uint64),
        ("test_photos", c_uint64),
        ("left_out", c_uint64),
        ("seconds", c_double),
        ("stopped", c_int64),
        ("network", c_char_p),
        ("broke_down", c_char_p),
    ]


# Name: type of the result, types of the arguments but for the place of an error, whether it has one.
_P = c_void_p
_FUNCTIONS = {
    "graft_version": (c_char_p, [], False),
    "graft_status_name": (c_char_p, [c_int32], False),
    "graft_error_status": (c_int32, [_P], False),
    "graft_error_message": (c_char_p, [_P], False),
    "graft_error_option": (c_char_p, [_P], False),
    "graft_error_free": (None, [_P], False),
    "graft_classifier_open": (c_int32, [c_char_p, POINTER(OpenOptions), POINTER(_P)], True),
    "graft_classifier_open_bytes": (c_int32, [_P, c_size_t, POINTER(OpenOptions), POINTER(_P)], True),
    "graft_classifier_imagenet": (c_int32, [c_char_p, POINTER(OpenOptions), POINTER(_P)], True),
    "graft_classifier_free": (None, [_P], False),
    "graft_classifier_class_count": (c_size_t, [_P], False),
    "graft_classifier_class_name": (c_char_p, [_P, c_size_t], False),
    "graft_classifier_class_id": (c_char_p, [_P, c_size_t], False),
    "graft_classifier_has_several_labels": (c_int64, [_P], False),
    "graft_classifier_height": (c_int64, [_P], False),
    "graft_classifier_width": (c_int64, [_P], False),
    "graft_classifier_channels": (c_int64, [_P], False),
    "graft_classifier_note_count": (c_size_t, [_P], False),
    "graft_classifier_note": (c_char_p, [_P, c_size_t], False),
    "graft_classify_file": (c_int32, [_P, c_char_p, POINTER(ClassifyOptions), POINTER(_P)], True),
    "graft_classify_bytes": (c_int32, [_P, _P, c_size_t, POINTER(ClassifyOptions), POINTER(_P)], True),
    "graft_classify_pixels": (c_int32, [_P, _P, POINTER(Pixels), POINTER(ClassifyOptions), POINTER(_P)], True),
    "graft_answer_free": (None, [_P], False),
    "graft_answer_count": (c_size_t, [_P], False),
    "graft_answer_probabilities": (POINTER(c_float), [_P], False),
    "graft_answer_prediction": (c_int32, [_P, c_size_t, POINTER(PredictionStruct)], True),
    "graft_answer_decision": (c_int32, [_P, POINTER(DecisionStruct)], True),
    "graft_answer_distance": (c_double, [_P], False),
    "graft_answer_unknown_reason": (c_char_p, [_P], False),
    "graft_answer_is_unlike_training": (c_int64, [_P], False),
    "graft_answer_note": (c_char_p, [_P], False),
    "graft_features_file": (c_int32, [_P, c_char_p, POINTER(ClassifyOptions), POINTER(_P)], True),
    "graft_features_bytes": (c_int32, [_P, _P, c_size_t, POINTER(ClassifyOptions), POINTER(_P)], True),
    "graft_features_pixels": (c_int32, [_P, _P, POINTER(Pixels), POINTER(ClassifyOptions), POINTER(_P)], True),
    "graft_features_count": (c_size_t, [_P], False),
    "graft_features_values": (POINTER(c_float), [_P], False),
    "graft_features_free": (None, [_P], False),
    "graft_classifier_save": (c_int32, [_P, c_char_p], True),
    "graft_classifier_export_onnx": (c_int32, [_P, c_char_p, POINTER(OnnxOptions)], True),
    "graft_train": (c_int32, [c_char_p, POINTER(TrainOptions), POINTER(_P)], True),
    "graft_training_free": (None, [_P], False),
    "graft_training_get_facts": (c_int32, [_P, POINTER(TrainingFacts)], True),
    "graft_training_note_count": (c_size_t, [_P], False),
    "graft_training_note": (c_char_p, [_P, c_size_t], False),
    "graft_training_classifier": (c_int32, [_P, POINTER(OpenOptions), POINTER(_P)], True),
}


def _path() -> str:
    """The library that GRAFT_LIBRARY names, else that of the wheel, else the system's."""
    beside = os.path.join(os.path.dirname(__file__), "libgraft.so")
    return os.environ.get("GRAFT_LIBRARY") or (beside if os.path.exists(beside) else "libgraft.so.0.1")


@lru_cache(maxsize=None)
def library() -> ctypes.CDLL:
    """The library, loaded at the first use."""
    loaded = ctypes.CDLL(_path())
    for name, (result, arguments, can_fail) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype = result
        function.argtypes = arguments + ([POINTER(_P)] if can_fail else [])
    return loaded


def call(name: str, *arguments: Any) -> None:
    """Calls a function that can fail; raises its error."""
    error = _P()
    status = getattr(library(), name)(*arguments, ctypes.byref(error))
    if status == 0:
        return
    lib = library()
    try:
        kind = lib.graft_status_name(lib.graft_error_status(error)).decode()
        message = lib.graft_error_message(error).decode(errors="replace")
        raise make_error(kind, message, lib.graft_error_option(error).decode())
    finally:
        lib.graft_error_free(error)


def text(value: Optional[str]) -> Optional[bytes]:
    """A text as the library takes it."""
    return None if value is None else value.encode()


def path(value: Any) -> Optional[bytes]:
    """A path as the library takes it."""
    return None if value is None else os.fsencode(value)
