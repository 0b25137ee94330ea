"""Our own networks as a `.tflite`: the way back from `tflite_graph.read_graph`, for the few operations that they hold.

So the same runtime runs them as runs the others, and nothing is needed for it beside LiteRT.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eyeline.models.errors import UnsupportedNetworkError
from eyeline.models.nets.tflite_graph import Graph, GraphTensor, Operation, schema

_MAGIC = b"TFL3"
_VERSION = 3
_ALIGNMENT = 16
"""Of weights, which LiteRT uses where they lie in the file."""


def write_graph(graph: Graph) -> bytes:
    """A file of a network.

    Args:
        graph: Its constants are float32 or int32; it holds CONV_2D, ADD and RESIZE_BILINEAR alone.

    Returns:
        The same bytes for the same graph.

    Raises:
        RuntimeMissingError: The package `tflite` is missing.
        UnsupportedNetworkError: It holds something else.
    """
    return _Writer(graph).written()


class _Writer:
    """One file. FlatBuffers are written from the leaves to the root."""

    def __init__(self, graph: Graph) -> None:
        self._schema = schema()  # its absence is told by an error of ours
        import flatbuffers

        self._graph = graph
        self._builder: Any = flatbuffers.Builder(1 << 16)
        self._kinds = sorted({operation.kind for operation in graph.operations})

    def written(self) -> bytes:
        made = self._schema
        constants = [tensor.data for tensor in self._graph.tensors if tensor.data is not None]
        buffers = self._tables([self._buffer(None), *(self._buffer(data) for data in constants)])
        graphs = self._tables([self._subgraph()])
        codes = self._tables([self._code(kind) for kind in self._kinds])
        name = self._builder.CreateString(self._graph.name)
        made.ModelStart(self._builder)
        made.ModelAddVersion(self._builder, _VERSION)
        made.ModelAddOperatorCodes(self._builder, codes)
        made.ModelAddSubgraphs(self._builder, graphs)
        made.ModelAddDescription(self._builder, name)
        made.ModelAddBuffers(self._builder, buffers)
        self._builder.Finish(made.ModelEnd(self._builder), file_identifier=_MAGIC)
        return bytes(self._builder.Output())

    def _buffer(self, data: NDArray[Any] | None) -> int:
        vector = self._bytes(np.ascontiguousarray(data).tobytes()) if data is not None else None
        self._schema.BufferStart(self._builder)
        if vector is not None:
            self._schema.BufferAddData(self._builder, vector)
        return int(self._schema.BufferEnd(self._builder))

    def _bytes(self, content: bytes) -> int:
        builder = self._builder
        builder.StartVector(1, len(content), _ALIGNMENT)
        builder.head -= len(content)
        builder.Bytes[builder.head : builder.head + len(content)] = content
        return int(builder.EndVector())

    def _numbers(self, values: Sequence[int]) -> int:
        return int(self._builder.CreateNumpyVector(np.array(values, np.int32)))

    def _tables(self, tables: Sequence[int]) -> int:
        self._builder.StartVector(4, len(tables), 4)
        for table in reversed(tables):
            self._builder.PrependUOffsetTRelative(table)
        return int(self._builder.EndVector())

    def _code(self, kind: str) -> int:
        number = getattr(self._schema.BuiltinOperator, kind)
        self._schema.OperatorCodeStart(self._builder)
        self._schema.OperatorCodeAddDeprecatedBuiltinCode(self._builder, number)
        self._schema.OperatorCodeAddBuiltinCode(self._builder, number)
        self._schema.OperatorCodeAddVersion(self._builder, _VERSIONS[kind])
        return int(self._schema.OperatorCodeEnd(self._builder))

    def _subgraph(self) -> int:
        filled = 0
        tensors = []
        for tensor in self._graph.tensors:
            filled += tensor.data is not None
            tensors.append(self._tensor(tensor, filled if tensor.data is not None else 0))
        operators = self._tables([self._operator(operation) for operation in self._graph.operations])
        table = self._tables(tensors)
        inputs, outputs = self._numbers(self._graph.inputs), self._numbers(self._graph.outputs)
        self._schema.SubGraphStart(self._builder)
        self._schema.SubGraphAddTensors(self._builder, table)
        self._schema.SubGraphAddInputs(self._builder, inputs)
        self._schema.SubGraphAddOutputs(self._builder, outputs)
        self._schema.SubGraphAddOperators(self._builder, operators)
        return int(self._schema.SubGraphEnd(self._builder))

    def _tensor(self, tensor: GraphTensor, buffer: int) -> int:
        shape, name = self._numbers(tensor.shape), self._builder.CreateString(tensor.name)
        integer = tensor.data is not None and tensor.data.dtype == np.int32
        self._schema.TensorStart(self._builder)
        self._schema.TensorAddShape(self._builder, shape)
        self._schema.TensorAddType(
            self._builder, self._schema.TensorType.INT32 if integer else self._schema.TensorType.FLOAT32
        )
        self._schema.TensorAddBuffer(self._builder, buffer)
        self._schema.TensorAddName(self._builder, name)
        return int(self._schema.TensorEnd(self._builder))

    def _operator(self, operation: Operation) -> int:
        if operation.kind not in _VERSIONS:
            raise UnsupportedNetworkError(f"{self._graph.name} holds what is not written here: {operation.kind}.")
        inputs, outputs = self._numbers(operation.inputs), self._numbers([operation.output])
        table_name, names = _OPTIONS[operation.kind]
        getattr(self._schema, f"{table_name}Start")(self._builder)
        for name, adder in names.items():
            getattr(self._schema, f"{table_name}Add{adder}")(self._builder, _stored(name, operation.options))
        options = getattr(self._schema, f"{table_name}End")(self._builder)
        self._schema.OperatorStart(self._builder)
        self._schema.OperatorAddOpcodeIndex(self._builder, self._kinds.index(operation.kind))
        self._schema.OperatorAddInputs(self._builder, inputs)
        self._schema.OperatorAddOutputs(self._builder, outputs)
        self._schema.OperatorAddBuiltinOptionsType(self._builder, getattr(self._schema.BuiltinOptions, table_name))
        self._schema.OperatorAddBuiltinOptions(self._builder, options)
        return int(self._schema.OperatorEnd(self._builder))


_VERSIONS = {"CONV_2D": 1, "ADD": 1, "RESIZE_BILINEAR": 3}
_OPTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "CONV_2D": (
        "Conv2DOptions",
        {
            "padding_same": "Padding",
            "stride_w": "StrideW",
            "stride_h": "StrideH",
            "dilation_w": "DilationWFactor",
            "dilation_h": "DilationHFactor",
            "activation": "FusedActivationFunction",
        },
    ),
    "ADD": ("AddOptions", {"activation": "FusedActivationFunction"}),
    "RESIZE_BILINEAR": (
        "ResizeBilinearOptions",
        {"align_corners": "AlignCorners", "half_pixel": "HalfPixelCenters"},
    ),
}


def _stored(name: str, options: Any) -> Any:
    """As the schema counts: "SAME" is 0."""
    return int(not options[name]) if name == "padding_same" else options[name]
