"""`python -m zoom_lab.bridge`: the bridge as it is, with the double in the place of Zoom's SDK.

`ZOOM_LAB_SCENARIO` holds a scenario as JSON; a `Stage` gives the other variables.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from eyeline.integrations.zoom.bridge.entry import serve
from eyeline.integrations.zoom.bridge.loop import Loop
from zoom_lab.double import make_sdk
from zoom_lab.scenario import Scenario
from zoom_lab.stage import Notes, open_screen
from zoom_lab.steps import Steps
from zoom_lab.world import World

SCENARIO = "ZOOM_LAB_SCENARIO"


def load_double(loop: Loop) -> tuple[Any, str]:
    """The double and a version."""
    notes = Notes()
    world = World(Scenario.of(json.loads(os.environ.get(SCENARIO, "{}"))), loop, notes, open_screen())
    world.run_step = Steps(world).run
    notes.listen(loop, world.run_step)
    return make_sdk(world), "double"


if __name__ == "__main__":
    serve(sys.argv[1:], load_double)
