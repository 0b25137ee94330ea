"""How long to wait for Zoom, and for the people there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits and pauses.

    Args:
        auth_limit_s: For the answer to our credentials; without a network the SDK's comes after 12 s.
        connecting_limit_s: For anything but silence after the join: with a wrong passcode the SDK says nothing.
        people_limit_s: For a person: the host, or somebody who lets us in from the waiting room.
        absent_limit_s: For the person on whose behalf we join.
        reconnecting_limit_s: For the SDK to reconnect by itself.
        moving_limit_s: On the way to a breakout room, or back.
        soon_pauses_s: Before each further try where things may pass by themselves.
        first_pause_s: Before the second try where a person has to come first; doubles up to `longest_pause_s`, since
            Zoom may tell the host of each try by mail.
        longest_pause_s: The longest such pause.
    """

    auth_limit_s: float = 25.0
    connecting_limit_s: float = 60.0
    people_limit_s: float = 1800.0
    absent_limit_s: float = 600.0
    reconnecting_limit_s: float = 180.0
    moving_limit_s: float = 120.0
    soon_pauses_s: tuple[float, ...] = (1.0, 2.0, 4.0)
    first_pause_s: float = 15.0
    longest_pause_s: float = 240.0
