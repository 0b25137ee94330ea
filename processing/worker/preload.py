"""Imported by the fork server alone: what every worker needs, so that a new one starts in milliseconds.

Nothing here may start a thread, since a worker is a fork of this process.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os

# Before numpy is imported: OpenBLAS starts a thread for each core then, and the cores are the encoder's.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

importlib.import_module("eyeline.processing.worker.child")
importlib.import_module("eyeline.processing.worker.spec")
with contextlib.suppress(ImportError):  # told properly when the net is loaded
    importlib.import_module("ai_edge_litert.interpreter")
with contextlib.suppress(Exception):  # told properly when effects are prepared
    importlib.import_module("eyeline.processing.kernels.warm_up").warm_up()

gc.collect()
gc.freeze()  # a collection in a worker would copy every page that it shares with this process
