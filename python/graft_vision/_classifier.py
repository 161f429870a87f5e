# SPDX-License-Identifier: Apache-2.0
"""Classifiers and their answers."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any, List, NamedTuple, Optional, Tuple, Union

from ._errors import InvalidArgumentError
from ._library import (
    ClassifyOptions,
    DecisionStruct,
    OnnxOptions,
    OpenOptions,
    Pixels,
    PredictionStruct,
    call,
    library,
    path,
    text,
)

if TYPE_CHECKING:
    import numpy

    #: A path, the bytes of a photo's file, or pixels (height, width, channels) of uint8.
    Photo = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, "numpy.ndarray"]


class Handle:
    """An object of the library, freed with this one."""

    def __init__(self, pointer: ctypes.c_void_p, free: str) -> None:
        self.pointer = pointer
        self._free = getattr(library(), free)

    def __del__(self) -> None:
        if getattr(self, "_free", None) is not None and self.pointer:
            self._free(self.pointer)


def _floats(pointer: Any, count: int, owner: Handle) -> "numpy.ndarray":
    """Values of the library as an array, without a copy; they live as long as the array."""
    import numpy

    if count == 0:
        return numpy.empty(0, numpy.float32)
    memory = (ctypes.c_float * count).from_address(ctypes.addressof(pointer.contents))
    memory.owner = owner
    values = numpy.frombuffer(memory, numpy.float32)
    values.flags.writeable = False
    return values


class Prediction(NamedTuple):
    """A class that the photo may show."""

    name: str
    probability: float
    #: position among the classes
    index: int
    #: ImageNet's WordNet id; the name for other classifiers
    class_id: str


class Decision(NamedTuple):
    """The class to act on, which is not always the most probable one."""

    #: of the class, or "unknown"
    name: str
    #: position among the classes; None: unknown
    index: Optional[int]
    #: why it is not the most probable class; "": it is
    reason: str
    #: other classes that must not be missed and may be shown
    also: Tuple[str, ...]


class Answer:
    """The answer for one photo. It needs no classifier any more."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def __len__(self) -> int:
        """Number of classes."""
        return int(library().graft_answer_count(self._handle.pointer))

    def __repr__(self) -> str:
        best = ", ".join(f"{one.name} {one.probability:.3f}" for one in self.top(3))
        return f"<Answer {best}>"

    def _at(self, rank: int) -> Tuple[Prediction, bool]:
        one = PredictionStruct()
        call("graft_answer_prediction", self._handle.pointer, rank, ctypes.byref(one))
        return Prediction(one.name.decode(), one.probability, one.index, one.id.decode()), one.is_label == 1

    def top(self, count: int = 5) -> List[Prediction]:
        """The most probable classes, most probable first."""
        return [self._at(rank)[0] for rank in range(min(count, len(self)))]

    @property
    def probabilities(self) -> "numpy.ndarray":
        """float32, one a class in the order of `Classifier.class_names`: the library's memory, read only."""
        return _floats(library().graft_answer_probabilities(self._handle.pointer), len(self), self._handle)

    @property
    def decision(self) -> Decision:
        """The decision. Error of a classifier with several labels, which has `labels`."""
        made = DecisionStruct()
        call("graft_answer_decision", self._handle.pointer, ctypes.byref(made))
        also = tuple(made.also[i].decode() for i in range(made.also_count))
        return Decision(made.name.decode(), None if made.index < 0 else made.index, made.reason.decode(), also)

    @property
    def name(self) -> str:
        """The class to act on, or "unknown"."""
        return self.decision.name

    @property
    def probability(self) -> float:
        """Of the most probable class."""
        return self._at(0)[0].probability

    @property
    def labels(self) -> List[Prediction]:
        """Those that a classifier with several labels gives the photo, most probable first."""
        everything = [self._at(rank) for rank in range(len(self))]
        return [one for one, given in everything if given]

    @property
    def unknown(self) -> bool:
        """There is no answer to act on: with `reject`, where the photo is not certain enough or unlike the training
        photos. `unknown_reason` says why."""
        return self.unknown_reason != ""

    @property
    def unknown_reason(self) -> str:
        """Why there is no answer to act on; "": there is one."""
        return library().graft_answer_unknown_reason(self._handle.pointer).decode()

    @property
    def distance(self) -> Optional[float]:
        """To the nearest training photos; None: the model file knows none."""
        distance = float(library().graft_answer_distance(self._handle.pointer))
        return None if distance < 0 else distance

    @property
    def unlike_training(self) -> bool:
        """The photo is unlike the training photos: the answer means little."""
        return library().graft_answer_is_unlike_training(self._handle.pointer) == 1

    @property
    def note(self) -> str:
        """What a person should know of the photo, "nearly black"; mostly ""."""
        return library().graft_answer_note(self._handle.pointer).decode()


def _pixels(array: Any) -> Tuple[Any, int, Pixels]:
    """An array, the address of its pixels and their form. Copied only where pixels are not side by side."""
    import numpy

    pixels = numpy.asarray(array)
    if pixels.ndim == 2:
        pixels = pixels[:, :, numpy.newaxis]
    if pixels.ndim != 3 or pixels.dtype != numpy.uint8:
        raise InvalidArgumentError(
            f"photo: expected an array (height, width, channels) of uint8, received {pixels.shape} of {pixels.dtype}"
        )
    height, width, channels = pixels.shape
    if pixels.strides[2] != 1 or pixels.strides[1] != channels or pixels.strides[0] < width * channels:
        pixels = numpy.ascontiguousarray(pixels)
    form = Pixels(width=width, height=height, channels=channels, stride=pixels.strides[0])
    return pixels, pixels.ctypes.data, form


class Classifier:
    """A trained model with its class names and the way photos reach it.

    Several threads may use one: computations wait for each other, and Python's other threads go on meanwhile.
    """

    def __init__(
        self,
        model: Union[str, "os.PathLike[str]", bytes],
        *,
        threads: int = 0,
        precision: Optional[str] = None,
        class_names: Optional[str] = None,
        pixels: Optional[str] = None,
        weights: Optional[str] = None,
    ) -> None:
        """Opens a model file (.keras, .h5, .onnx, .tflite, TensorFlow.js's model.json), a result folder of graft, or the
        bytes of a .keras, .h5, .onnx or .tflite file.

        threads: that compute; 0: as many as this process has cores. precision: "float32", "mixed_bfloat16" or
        "int8". class_names: a file that names the classes. pixels: how the program around the model scaled its
        pixels, where no layer of the model does: "-1..1", "0..1", "caffe" or "torch". weights: of a .json.
        """
        options = OpenOptions(
            threads=threads,
            precision=text(precision),
            class_names=path(class_names),
            pixels=text(pixels),
            weights=path(weights),
        )
        opened = ctypes.c_void_p()
        if isinstance(model, bytes):
            call("graft_classifier_open_bytes", model, len(model), ctypes.byref(options), ctypes.byref(opened))
        else:
            call("graft_classifier_open", path(model), ctypes.byref(options), ctypes.byref(opened))
        self._take(opened)

    @classmethod
    def imagenet(
        cls, network: str, *, weights: Optional[str] = None, threads: int = 0, precision: Optional[str] = None, alpha: float = 0
    ) -> "Classifier":
        """A network for ImageNet's 1000 classes by its name, "mobilenet_v2", whose weights are on this computer."""
        options = OpenOptions(threads=threads, precision=text(precision), weights=path(weights), alpha=alpha)
        opened = ctypes.c_void_p()
        call("graft_classifier_imagenet", text(network), ctypes.byref(options), ctypes.byref(opened))
        return cls._of(opened)

    @classmethod
    def _of(cls, opened: ctypes.c_void_p) -> "Classifier":
        result = cls.__new__(cls)
        result._take(opened)
        return result

    def _take(self, opened: ctypes.c_void_p) -> None:
        self._handle = Handle(opened, "graft_classifier_free")

    @property
    def class_names(self) -> List[str]:
        """In the order of the model's outputs."""
        lib = library()
        count = lib.graft_classifier_class_count(self._handle.pointer)
        return [lib.graft_classifier_class_name(self._handle.pointer, i).decode() for i in range(count)]

    @property
    def image_size(self) -> Tuple[int, int]:
        """Height and width of the model's input, to which photos are resized."""
        lib = library()
        return lib.graft_classifier_height(self._handle.pointer), lib.graft_classifier_width(self._handle.pointer)

    @property
    def has_several_labels(self) -> bool:
        """Whether a photo is given any number of the classes, not one."""
        return library().graft_classifier_has_several_labels(self._handle.pointer) == 1

    @property
    def notes(self) -> List[str]:
        """What a person should know before relying on the answers; mostly empty."""
        lib = library()
        count = lib.graft_classifier_note_count(self._handle.pointer)
        return [lib.graft_classifier_note(self._handle.pointer, i).decode() for i in range(count)]

    def predict(
        self,
        photo: "Photo",
        *,
        views: int = 0,
        reject: bool = False,
        reject_below: float = 0,
        exif: Optional[str] = None,
        interpolation: Optional[str] = None,
    ) -> Answer:
        """The answer for one photo, as `graft predict` has it, bit by bit.

        photo: a path, the bytes of a photo's file, or pixels (height, width, channels) of uint8. views: mean of
        the answers for so many views. reject: the decision is "unknown" where the photo is not certain enough
        (below reject_below; 0: the model file's threshold) or unlike the training photos.
        """
        options = ClassifyOptions(
            views=views,
            reject=1 if reject else 0,
            reject_below=reject_below,
            exif=text(exif),
            interpolation=text(interpolation),
        )
        return Answer(Handle(self._run("graft_classify", photo, options), "graft_answer_free"))

    def features(
        self, photo: "Photo", *, exif: Optional[str] = None, interpolation: Optional[str] = None
    ) -> "numpy.ndarray":
        """What the classes are computed from, float32 (D,): alike for photos that are alike. Read only."""
        options = ClassifyOptions(exif=text(exif), interpolation=text(interpolation))
        handle = Handle(self._run("graft_features", photo, options), "graft_features_free")
        lib = library()
        return _floats(lib.graft_features_values(handle.pointer), lib.graft_features_count(handle.pointer), handle)

    def _run(self, function: str, photo: "Photo", options: ClassifyOptions) -> ctypes.c_void_p:
        result = ctypes.c_void_p()
        ends = ctypes.byref(options), ctypes.byref(result)
        if isinstance(photo, (str, os.PathLike)):
            call(function + "_file", self._handle.pointer, path(photo), *ends)
        elif isinstance(photo, (bytes, bytearray, memoryview)):
            photo = photo if isinstance(photo, bytes) else bytes(photo)
            call(function + "_bytes", self._handle.pointer, photo, len(photo), *ends)
        else:
            keep, address, form = _pixels(photo)
            call(function + "_pixels", self._handle.pointer, address, ctypes.byref(form), *ends)
            del keep
        return result

    def save(self, file: Union[str, "os.PathLike[str]"]) -> None:
        """Writes .keras (which Keras opens), .h5 or TensorFlow.js's .json, whole or not at all."""
        call("graft_classifier_save", self._handle.pointer, path(file))

    def export_onnx(
        self, file: Union[str, "os.PathLike[str]"], *, opset: int = 0, float16: bool = False, nchw: bool = False
    ) -> None:
        """Writes an ONNX file with the preprocessing inside."""
        options = OnnxOptions(opset=opset, float16=int(float16), nchw=int(nchw))
        call("graft_classifier_export_onnx", self._handle.pointer, path(file), ctypes.byref(options))
