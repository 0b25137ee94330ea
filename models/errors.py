"""What can go wrong with weights."""

from __future__ import annotations

from eyeline.config.errors import ModelError


class UnknownModelError(ModelError):
    """No network of that name is registered."""

    code = "model_unknown"


class MissingModelError(ModelError):
    """The weights are not on this machine."""

    code = "model_missing"


class OfflineError(ModelError):
    """The weights would have to be fetched, but the network is not to be used."""

    code = "model_offline"


class DamagedModelError(ModelError):
    """A file is not, byte for byte, the registered one."""

    code = "model_damaged"


class DownloadError(ModelError):
    """A file could not be fetched: no network, no such file, broken off."""

    code = "model_download"


class UnservedError(DownloadError):
    """The transfer of a file did not begin: no way to the server, or it refuses."""


class StorageError(ModelError):
    """The weights cannot be written or read: disk full, no permission."""

    code = "model_storage"


class InferenceError(ModelError):
    """A network could not be loaded or run."""

    code = "model_runtime"


class RuntimeMissingError(InferenceError):
    """What is to run networks is not installed, or cannot be imported."""

    code = "model_runtime_missing"


class UnsupportedNetworkError(InferenceError):
    """A network holds what the loader does not know."""

    code = "model_unsupported"


class MaskModelError(ModelError):
    """A file that somebody gave as the weights of a network is not that."""

    code = "mask_model"
