"""A `.tflite` file as plain values: which operations it holds, on which tensors.

The format is a FlatBuffer; its schema is TensorFlow Lite's `schema.fbs`, read through the package `tflite`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eyeline.models.errors import InferenceError, RuntimeMissingError, UnsupportedNetworkError

_MAGIC = b"TFL3"
_VERIFY_HINT = "Run: eyeline models verify"
_TRANSPOSE_CONVOLUTION = "Convolution2DTransposeBias"

Options = Mapping[str, int | float | bool]


@dataclass(frozen=True, slots=True)
class GraphTensor:
    """One tensor.

    Args:
        name: As the file has it.
        shape: As it is laid out, so images are NHWC.
        data: Of a constant, `float32` or an integer type; `None` for what is computed.
    """

    name: str
    shape: tuple[int, ...]
    data: NDArray[Any] | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One step.

    Args:
        kind: As the schema spells it (`CONV_2D`); for a custom one, its own name.
        inputs: Numbers of tensors; -1 for one that is left out.
        output: Number of the tensor that it makes.
        options: What the schema calls them, in lower case: `stride_h`, `padding`, ...
    """

    kind: str
    inputs: tuple[int, ...]
    output: int
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graph:
    """A network.

    Args:
        name: For errors.
        tensors: All of them, by number.
        operations: In an order in which they can be done.
        inputs: Numbers of tensors.
        outputs: Numbers of tensors.
    """

    name: str
    tensors: tuple[GraphTensor, ...]
    operations: tuple[Operation, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_graph(path: Path) -> Graph:
    """Read a file.

    Raises:
        RuntimeMissingError: The package `tflite` is missing.
        InferenceError: The file cannot be read or is no `.tflite`.
        UnsupportedNetworkError: It holds what is not known here.
    """
    known = schema()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InferenceError(f"{path} cannot be loaded: {error.strerror or error}.", hint=_VERIFY_HINT) from error
    if content[4:8] != _MAGIC:
        raise InferenceError(f"{path} cannot be loaded: it is no .tflite file.", hint=_VERIFY_HINT)
    try:
        return _Reader(path.name, known, known.Model.GetRootAs(content, 0)).graph()
    except (struct.error, IndexError, ValueError, TypeError, AttributeError, UnicodeDecodeError) as error:
        # FlatBuffers are read where they lie and are not checked: whatever is cut off fails somewhere.
        raise InferenceError(f"{path} cannot be loaded: it is damaged.", hint=_VERIFY_HINT) from error


def schema() -> Any:
    """The package that knows the format.

    Raises:
        RuntimeMissingError: It is missing.
    """
    try:
        import tflite
    except ImportError as error:
        raise RuntimeMissingError(
            "Networks cannot be read into torch: the package tflite is not installed.",
            hint="Install the extra eyeline[torch], or run: python -m pip install torch tflite",
        ) from error
    return tflite


class _Reader:
    """One file; `schema` is the package that knows the format."""

    def __init__(self, name: str, schema: Any, model: Any) -> None:
        self._name = name
        self._schema = schema
        self._model = model
        self._kinds = {
            number: kind for kind, number in vars(schema.BuiltinOperator).items() if not kind.startswith("_")
        }
        self._types: dict[int, type[np.generic]] = {
            schema.TensorType.FLOAT32: np.float32,
            schema.TensorType.FLOAT16: np.float16,
            schema.TensorType.INT32: np.int32,
            schema.TensorType.INT64: np.int64,
        }

    def graph(self) -> Graph:
        if self._model.SubgraphsLength() != 1:
            raise self._unsupported(f"{self._model.SubgraphsLength()} graphs")
        graph = self._model.Subgraphs(0)
        tensors = tuple(self._tensor(graph.Tensors(index)) for index in range(graph.TensorsLength()))
        operations = tuple(self._operation(graph.Operators(index)) for index in range(graph.OperatorsLength()))
        return Graph(self._name, tensors, operations, _numbers(graph.InputsAsNumpy()), _numbers(graph.OutputsAsNumpy()))

    def _tensor(self, tensor: Any) -> GraphTensor:
        name = tensor.Name().decode("utf-8")
        kind = self._types.get(tensor.Type())
        if kind is None:
            raise self._unsupported(f"{name} of a type that is neither float nor integer")
        shape = _numbers(tensor.ShapeAsNumpy())
        raw = self._model.Buffers(tensor.Buffer()).DataAsNumpy()
        if isinstance(raw, int) or raw.size == 0:
            return GraphTensor(name, shape, None)
        data = np.frombuffer(raw.tobytes(), kind).reshape(shape)
        return GraphTensor(name, shape, data.astype(np.float32) if kind is np.float16 else data)

    def _operation(self, operator: Any) -> Operation:
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        kind = self._kinds[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]  # old files have the second alone
        outputs = _numbers(operator.OutputsAsNumpy())
        if kind == "CUSTOM":
            kind, options = code.CustomCode().decode("utf-8"), self._custom_options(code, operator)
        else:
            options = self._options(kind, operator)
        if len(outputs) != 1:
            raise self._unsupported(f"{kind} with {len(outputs)} outputs")
        return Operation(kind, _numbers(operator.InputsAsNumpy()), outputs[0], options)

    def _custom_options(self, code: Any, operator: Any) -> Options:
        """Of MediaPipe's transposed convolution: padding and strides, a C structure of 32-bit integers."""
        if code.CustomCode() != _TRANSPOSE_CONVOLUTION.encode():
            return {}
        same, stride_w, stride_h = struct.unpack_from("<3i", operator.CustomOptionsAsNumpy().tobytes())
        return {"padding_same": same == 1, "stride_w": stride_w, "stride_h": stride_h}

    def _options(self, kind: str, operator: Any) -> Options:
        reader = _OPTION_READERS.get(kind)
        if reader is None or operator.BuiltinOptions() is None:
            return {}
        table_name, read = reader
        table = getattr(self._schema, table_name)()
        table.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
        return read(table)

    def _unsupported(self, what: str) -> UnsupportedNetworkError:
        return UnsupportedNetworkError(
            f"{self._name} holds what torch is not taught here: {what}.", hint="Run it with the runtime litert."
        )


def _convolution(table: Any) -> Options:
    return {
        "stride_h": table.StrideH(),
        "stride_w": table.StrideW(),
        "dilation_h": table.DilationHFactor(),
        "dilation_w": table.DilationWFactor(),
        "padding_same": table.Padding() == 0,
        "activation": table.FusedActivationFunction(),
    }


def _pool(table: Any) -> Options:
    return {
        "stride_h": table.StrideH(),
        "stride_w": table.StrideW(),
        "filter_h": table.FilterHeight(),
        "filter_w": table.FilterWidth(),
        "padding_same": table.Padding() == 0,
        "activation": table.FusedActivationFunction(),
    }


def _activation(table: Any) -> Options:
    return {"activation": table.FusedActivationFunction()}


def _concatenation(table: Any) -> Options:
    return {"axis": table.Axis(), "activation": table.FusedActivationFunction()}


def _resize(table: Any) -> Options:
    return {"align_corners": bool(table.AlignCorners()), "half_pixel": bool(table.HalfPixelCenters())}


def _reducer(table: Any) -> Options:
    return {"keep_dims": bool(table.KeepDims())}


_OPTION_READERS: dict[str, tuple[str, Callable[[Any], Options]]] = {
    "CONV_2D": ("Conv2DOptions", _convolution),
    "DEPTHWISE_CONV_2D": ("DepthwiseConv2DOptions", _convolution),
    "AVERAGE_POOL_2D": ("Pool2DOptions", _pool),
    "MAX_POOL_2D": ("Pool2DOptions", _pool),
    "ADD": ("AddOptions", _activation),
    "MUL": ("MulOptions", _activation),
    "CONCATENATION": ("ConcatenationOptions", _concatenation),
    "RESIZE_BILINEAR": ("ResizeBilinearOptions", _resize),
    "MEAN": ("ReducerOptions", _reducer),
}


def _numbers(values: Any) -> tuple[int, ...]:
    """A vector of integers; the library gives the number 0 for one that is not there."""
    return () if isinstance(values, int) else tuple(int(value) for value in values)
