# SPDX-License-Identifier: Apache-2.0
"""Exceptions."""


class Error(Exception):
    """What graft reports. The message names the thing, what was expected, what was received, and what to do."""

    #: "bad_file", "unsupported", "io", ...: the kind of the error
    kind: str = "internal"
    #: the option that it is about, or ""
    option: str = ""


class InvalidArgumentError(Error, ValueError):
    """An argument or option outside what is allowed; also pixels of another shape than the model expects."""


class NotFoundError(Error, FileNotFoundError):
    """A file, folder, network or its weights do not exist."""


def make_error(kind: str, message: str, option: str) -> Error:
    """The exception for an error object of the library."""
    kinds = {
        "invalid_argument": InvalidArgumentError,
        "shape_mismatch": InvalidArgumentError,
        "not_found": NotFoundError,
    }
    error = kinds.get(kind, Error)(message)
    error.kind = kind
    error.option = option
    return error
