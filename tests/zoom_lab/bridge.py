"""`python -m zoom_lab.bridge`: the bridge as it is, with the double in the place of Zoom's SDK.

`ZOOM_LAB_SCENARIO` holds a scenario as JSON; a `Stage` gives the other variables. `ZOOM_LAB_PACE` may hold some of
the fields of a `Pace`; the bridge is in a hurry here in any case.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from eyeline.integrations.zoom.bridge.entry import serve
from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.integrations.zoom.bridge.pace import Pace
from zoom_lab.double import make_sdk
from zoom_lab.scenario import Scenario
from zoom_lab.stage import Notes, open_screen
from zoom_lab.steps import Steps
from zoom_lab.world import World

SCENARIO = "ZOOM_LAB_SCENARIO"
PACE = "ZOOM_LAB_PACE"

HURRIED = {"sources_after_ms": 50, "look_ms": 100, "sent_ms": 300, "cleaning_s": 1}


def load_double(loop: Loop) -> tuple[Any, str]:
    """The double and a version."""
    notes = Notes()
    world = World(Scenario.of(json.loads(os.environ.get(SCENARIO, "{}"))), loop, notes, open_screen())
    world.run_step = Steps(world).run
    notes.listen(loop, world.run_step)
    return make_sdk(world), "double"


if __name__ == "__main__":
    serve(sys.argv[1:], load_double, Pace(**{**HURRIED, **json.loads(os.environ.get(PACE, "{}"))}))
