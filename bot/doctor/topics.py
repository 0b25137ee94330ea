"""The subjects of an examination, in their order. A new one is a check in a file of its own, and a line here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eyeline.bot.doctor.devices import check_devices
from eyeline.bot.doctor.diagnosis import Check, Diagnosis, Patient, of_error
from eyeline.bot.doctor.encoders import check_encoders
from eyeline.bot.doctor.extras import check_extras
from eyeline.bot.doctor.kernels import check_kernels
from eyeline.bot.doctor.machine import check_machine
from eyeline.bot.doctor.picture import check_picture
from eyeline.bot.doctor.ports import check_ports
from eyeline.bot.doctor.settings_files import check_settings
from eyeline.bot.doctor.shared_memory import check_shared_memory
from eyeline.bot.doctor.weights import check_weights
from eyeline.bot.doctor.zoom import check_zoom
from eyeline.config.errors import UsageError


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject.

    Args:
        name: A person asks for it by this.
        check: Looks at it.
        only_when_asked: Whether it is left out unless it is named.
    """

    name: str
    check: Check
    only_when_asked: bool = False


TOPICS = (
    Topic("machine", check_machine),
    Topic("settings", check_settings),
    Topic("weights", check_weights),
    Topic("kernels", check_kernels),
    Topic("picture", check_picture),
    Topic("encoders", check_encoders),
    Topic("memory", check_shared_memory),
    Topic("devices", check_devices),
    Topic("ports", check_ports),
    Topic("extras", check_extras),
    Topic("zoom", check_zoom, only_when_asked=True),
)


class TopicError(UsageError):
    """Nobody examines that."""

    code = "topic"


def chosen(names: Sequence[str], topics: Sequence[Topic] = TOPICS) -> list[Topic]:
    """The topics of these names, in the order of the list; without a name, those that everybody wants.

    Raises:
        TopicError: There is none of such a name.
    """
    known = {topic.name for topic in topics}
    for name in names:
        if name not in known:
            there = ", ".join(topic.name for topic in topics)
            raise TopicError(f"There is nothing called {name!r} to look at.", hint=f"There are: {there}.")
    return [topic for topic in topics if (topic.name in names if names else not topic.only_when_asked)]


def examine(topic: Topic, patient: Patient) -> Iterator[Diagnosis]:
    """Look at one subject; never raises what a check does."""
    try:
        yield from topic.check(patient)
    except Exception as error:
        yield of_error(topic.name, error)
