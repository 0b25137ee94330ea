"""Who is in the meeting, ourselves included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from eyeline.integrations.zoom.bridge.chat import MAX_NAME_CHARS
from eyeline.integrations.zoom.bridge.hold import Held, SdkObject
from eyeline.integrations.zoom.bridge.messages import (
    Event,
    OwnState,
    Person,
    PersonChanged,
    PersonJoined,
    PersonLeft,
)

_HOSTS = ("USERROLE_HOST", "USERROLE_COHOST")
_LOOKED_AT_AT_ONCE = 20


class People:
    """The participants of the meeting that we are in.

    The SDK's wrapper has no events for cameras and microphones, neither of ours nor of others': they are looked at in
    turns, from `tick`.

    Args:
        sdk: The SDK.
        say: Tells the meeting process.
        on_behalf: Whether we are in beside a user, so that it is worth asking who that is.
    """

    def __init__(self, sdk: Held, say: Callable[[Event], None], *, on_behalf: bool) -> None:
        self._sdk = sdk
        self._say = say
        self._on_behalf = on_behalf
        self._controller: SdkObject | None = None
        self._people: dict[int, Person] = {}
        self._to_look_at: list[int] = []
        self._own: OwnState | None = None

    @property
    def own_id(self) -> int:
        """Ours, once we are in; else 0."""
        if self._own is None:
            self._look_at_ourselves()
        return 0 if self._own is None else self._own.user_id

    def enter(self, meeting: SdkObject) -> None:
        """Find out who is in the meeting that has begun; people of the one before are gone."""
        self._controller = self._sdk.get(meeting, "GetMeetingParticipantsController")
        if self._controller is None:
            return
        events = self._sdk.callbacks(
            "MeetingParticipantsCtrlEventCallbacks",
            onUserJoinCallback=lambda ids, _info: self._look_at(ids or ()),
            onUserLeftCallback=lambda ids, _info: self._gone(ids or ()),
            onHostChangeNotificationCallback=lambda user_id: self._look_at([*self._people, user_id]),
            onCoHostChangeNotificationCallback=lambda user_id, _is: self._look_at([user_id]),
            onUserNamesChangedCallback=lambda ids: self._look_at(ids or ()),
            onAllowParticipantsStartVideoNotificationCallback=lambda _allowed: self._look_at_ourselves(),
        )
        self._sdk.do(self._controller, "SetEvent", events)
        self._look_at_ourselves()
        self._look_at_all()

    def leave(self) -> None:
        """Controllers are not to be asked for the moment."""
        self._controller = None

    def tick(self) -> None:
        """Look at ourselves, and at some of the others."""
        if self._controller is None:
            return
        self._look_at_ourselves()
        if not self._to_look_at:
            self._to_look_at = list(self._people)
        now, self._to_look_at = self._to_look_at[:_LOOKED_AT_AT_ONCE], self._to_look_at[_LOOKED_AT_AT_ONCE:]
        self._look_at(user_id for user_id in now if user_id in self._people)

    def _look_at_all(self) -> None:
        there = self._sdk.get(self._controller, "GetParticipantsList") or []
        self._gone([user_id for user_id in self._people if user_id not in there])
        self._look_at(there)

    def _look_at_ourselves(self) -> None:
        if self._controller is None:
            return
        user = self._sdk.get(self._controller, "GetMySelfUser")
        if user is None:
            return
        own = OwnState(
            self._sdk.get(user, "GetUserID"),
            self._sdk.get(user, "IsVideoOn"),
            self._sdk.get(self._controller, "IsParticipantsStartVideoAllowed"),
            self._sdk.get(user, "IsAudioMuted"),
        )
        if own != self._own:
            self._own = own
            self._say(own)

    def _look_at(self, ids: Iterable[int]) -> None:
        authorized = self._authorized_user()
        for user_id in ids:
            if user_id != self.own_id and self._controller is not None:
                self._look_at_one(user_id, authorized)

    def _look_at_one(self, user_id: int, authorized: int) -> None:
        user = self._sdk.get(self._controller, "GetUserByUserID", user_id)
        if user is None or self._sdk.get(user, "IsMySelf"):
            return
        person = Person(
            user_id,
            self._sdk.text(user, "GetUserName", MAX_NAME_CHARS),
            self._sdk.get(user, "GetUserRole").name in _HOSTS,
            self._sdk.text(user, "GetPersistentId", MAX_NAME_CHARS),
            self._sdk.get(user, "IsVideoOn"),
            self._sdk.get(user, "IsAudioMuted"),
            is_authorized_user=user_id == authorized,
        )
        known = self._people.get(user_id)
        if person != known:
            self._people[user_id] = person
            self._say(PersonJoined(person) if known is None else PersonChanged(person))

    def _authorized_user(self) -> int:
        if not self._on_behalf or self._controller is None or not self.own_id:
            return 0
        user = self._sdk.get(self._controller, "GetBotAuthorizedUserInfoByUserID", self.own_id)
        return 0 if user is None else int(self._sdk.get(user, "GetUserID"))

    def _gone(self, ids: Sequence[int]) -> None:
        for user_id in ids:
            if self._people.pop(user_id, None) is not None:
                self._say(PersonLeft(user_id))
