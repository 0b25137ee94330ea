"""Throws damaged input at every parser of what comes from the network, for as long as one likes.

    make fuzz                                  a million inputs
    python tests/fuzz_jitsi.py --inputs 20000 --seed 7

Golden stanzas, recordings of a real Jitsi where they lie beside the repository, and texts of every other kind are cut,
spliced, repeated and bent, and handed to a parser. Only errors of Eyeline's own may come out, no input may take long,
and the memory must not grow. The first input that breaks this is printed with its seed.
"""

from __future__ import annotations

import argparse
import copy
import gc
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))

from jwt_lab import jwt

from eyeline.config.errors import EyelineError
from eyeline.integrations.jitsi.caps import EYELINE
from eyeline.integrations.jitsi.chat import parse_chat
from eyeline.integrations.jitsi.colibri import parse_message
from eyeline.integrations.jitsi.deployment import parse_config_js
from eyeline.integrations.jitsi.focus import read_reply
from eyeline.integrations.jitsi.identity import announces_occupant_ids
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.jingle import JINGLE, SessionInitiate, parse_jingle
from eyeline.integrations.jitsi.join_errors import join_error
from eyeline.integrations.jitsi.muc import removal
from eyeline.integrations.jitsi.room_rules import parse_announcement
from eyeline.integrations.jitsi.roster import Roster
from eyeline.integrations.jitsi.sasl import choose_mechanism, content_of, login_error
from eyeline.integrations.jitsi.scram import Scram
from eyeline.integrations.jitsi.sdp import offer_sdp
from eyeline.integrations.jitsi.services import parse_services
from eyeline.integrations.jitsi.source_info import parse_source_info
from eyeline.integrations.jitsi.sources import parse_sources
from eyeline.integrations.jitsi.stanzas import Iq, Message, Presence, parse_error, parse_stanza
from eyeline.integrations.jitsi.stream_management import StreamManagement
from eyeline.integrations.jitsi.token import TokenClaims
from eyeline.integrations.jitsi.url import JitsiUrl
from eyeline.integrations.jitsi.xml import parse_frame, serialize
from eyeline.integrations.zoom.token import SdkToken
from eyeline.integrations.zoom.url import ZoomLink, looks_like_zoom

DATA = Path(__file__).resolve().parent / "data" / "jitsi"
RECORDINGS = Path(__file__).resolve().parents[1] / "../shared/jitsi-wire"
ROOM = Jid("conference.meet.local", "room")
URL = JitsiUrl.parse("https://meet.example.org/Room")
ZOOM_LINK = "https://zoom.us/j/81234567890?pwd=abc.1&tk=a&uname=Ada"
SLOW_S = 1.0
GROWTH_MB = 150

_FRAGMENTS = (
    "<", ">", "&", "'", '"', "]]>", "<!--", "<?", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "&#0;", "&#x110000;", "\0",
    "\ud800", "\uffff", "\u202e", "-1", "0", "4294967296", "9" * 400, "1e999", "NaN", "null", "true", "[]", "{}",
    "[" * 2000, '{"a":' * 500, "a=", "\r\n", " ", "", "%00", "http://", "@", "/", "//", "é" * 300, "<a>" * 100,
    "xmlns=''", "\u2028",
)  # fmt: skip


def stanza(text: str) -> None:
    """The way of a frame through the client, as far as it depends on nothing but the frame."""
    element = parse_frame(text)
    parse_frame(serialize(element))
    parsed = parse_stanza(element)
    if isinstance(parsed, Presence):
        roster = Roster(ROOM, guests="meet.local")
        roster.apply(parsed)
        roster.trust_occupant_ids()
        removal(parsed)
        join_error(parse_error(parsed), has_password=False)
    elif isinstance(parsed, Message):
        parse_chat(parsed, room=ROOM, own_nick="me", participants={})
        parse_announcement(parsed, server="meet.local")
    elif isinstance(parsed, Iq) and parsed.payload is not None:
        iq(parsed)
    else:
        element_of_the_stream(element)


def iq(parsed: Iq) -> None:
    """What an IQ may carry."""
    payload = parsed.payload
    assert payload is not None
    parse_services(payload)
    announces_occupant_ids(payload)
    EYELINE.knows(payload.get("node"))
    parse_error(parsed)
    if payload.tag == JINGLE:
        action = parse_jingle(payload)
        if isinstance(action, SessionInitiate):
            offer_sdp(action, ())


def element_of_the_stream(element: Element) -> None:
    """Login and stream management."""
    login_error(element, has_token=True, has_account=True)
    StreamManagement.of(element)
    StreamManagement().confirm(element)
    choose_mechanism(element)
    content_of(element)


def token(text: str) -> None:
    """A token's claims and what is said of them."""
    claims = TokenClaims.read(text)
    claims.check(1_800_000_000.0)
    list(claims.advice(1_800_000_000.0, room="daily"))


def zoom_link(text: str) -> None:
    """Whatever somebody pastes for Zoom."""
    looks_like_zoom(text)
    repr(ZoomLink.parse(text[:20_000]))


def zoom_token(text: str) -> None:
    """The token of Zoom's SDK."""
    read = SdkToken.read(text)
    read.check(1_800_000_000.0)
    list(read.advice(1_800_000_000.0))


def scram(text: str) -> None:
    """A server's part of a login. Work is limited: rounds are what makes it slow."""
    login = Scram("SCRAM-SHA-1", "user", "pencil", nonce="abc")
    login.final(text.encode("utf-8", "replace").replace(b"i=500000", b"i=4096")[:200])
    login.verify(text.encode("utf-8", "replace"))


Target = tuple[Callable[[str], object], list[str]]


def targets() -> dict[str, Target]:
    """Every parser with inputs to begin from."""
    frames = [path.read_text() for path in sorted(DATA.glob("*.xml"))]
    colibri = [
        '{"colibriClass":"ServerHello"}',
        '{"colibriClass":"SenderSourceConstraints","sourceName":"a","maxHeight":1}',
    ]
    for path in sorted(RECORDINGS.glob("*/*.txt")):
        texts = [part.partition("\n")[2].strip() for part in path.read_text(errors="replace").split("\n### ")]
        frames += [each for each in texts if each.startswith("<") and len(each) < 20_000][:40]
        colibri += [each for each in texts if each.startswith('{"colibriClass"')][:20]
    sources = '{"sources":{"ab12cd34":[[{"s":1,"n":"ab12cd34-v0","m":"a b"}],[["f",1,2]],[{"s":3,"n":"ab12cd34-a0"}]]}}'
    reply = '{"room":"r@c.d","ready":true,"focusJid":"f@a.d","properties":{"authentication":"false"},"vnode":"v1"}'
    configs = [path.read_text() for path in sorted(DATA.glob("*.js"))]
    challenge = "r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    return {
        "stanza": (stanza, frames),
        "colibri": (parse_message, colibri),
        "sources": (parse_sources, [sources]),
        "source info": (parse_source_info, ['{"ab12cd34-v0":{"muted":false,"videoType":"camera"}}']),
        "conference request": (read_reply, [reply]),
        "config.js": (lambda text: parse_config_js(text, URL), configs),
        "token": (token, [jwt(exp=1_900_000_000, room="*"), jwt(nbf=1)]),
        "scram": (scram, [challenge]),
        "url": (JitsiUrl.parse, ["https://meet.example.org/tenant/Room?jwt=a.b.c#config.x=1"]),
        "zoom link": (
            zoom_link,
            [ZOOM_LINK, f"Meeting ID: 812 3456 7890\nPasscode: 1\n{ZOOM_LINK}", "812-3456-7890 1a"],
        ),
        "zoom token": (zoom_token, [SdkToken.made("an-app", "s" * 32, 1_800_000_000.0).text]),
        "jid": (Jid.parse, ["room@conference.meet.local/ab12cd34"]),
    }


_WEIGHTS = {"stanza": 10, "colibri": 4, "sources": 3, "config.js": 3}


def bent(text: str, other: str, rng: random.Random) -> str:
    """The text with a few things done to it."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at, to = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        to = min(to, at + rng.choice((1, 4, 40, 400)))
        match rng.randint(0, 6):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:at] + rng.choice(_FRAGMENTS) + text[at:]
            case 2:
                text = text[:at] + rng.choice(_FRAGMENTS) + text[to:]
            case 3:
                text = text[:at] + text[at:to] * rng.choice((2, 3, 50)) + text[to:]
            case 4:
                start = rng.randint(0, len(other))
                text = text[:at] + other[start : start + rng.choice((4, 40, 400))] + text[to:]
            case 5:
                text = text[:at] + chr(rng.choice((rng.randint(0, 127), rng.randint(0, 0x10FFFF)))) + text[at + 1 :]
            case _:
                text = text.replace(text[at:to] or "x", rng.choice(_FRAGMENTS), rng.choice((1, 5)))
        text = text[:60_000]
    return text


def bent_tree(text: str, rng: random.Random) -> str:
    """The stanza with a few things done to its elements, so that it is well-formed still."""
    try:
        root = parse_frame(text)
    except EyelineError:
        return text
    for _ in range(rng.choice((1, 1, 2, 5))):
        elements = list(root.iter())
        element, other = rng.choice(elements), rng.choice(elements)
        match rng.randint(0, 5):
            case 0 if element.attrib:
                del element.attrib[rng.choice(sorted(element.attrib))]
            case 1 if element.attrib:
                element.set(rng.choice(sorted(element.attrib)), rng.choice(_FRAGMENTS))
            case 2 if len(element):
                element.remove(rng.choice(list(element)))
            case 3 if len(elements) < 500:
                element.append(copy.deepcopy(other))
            case 4:
                element.attrib |= other.attrib
            case _:
                element.text = rng.choice((*_FRAGMENTS, other.text or ""))
    return serialize(root)


def inputs(seeds: dict[str, Target], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Inputs without end: the parser's name and the text."""
    names = [name for name in seeds for _ in range(_WEIGHTS.get(name, 1))]
    while True:
        name = rng.choice(names)
        own = seeds[name][1]
        text = rng.choice(own)
        is_tree = name == "stanza" and rng.random() < 0.6
        yield name, bent_tree(text, rng) if is_tree else bent(text, rng.choice(own), rng)


def fuzz(count: int, seed: int) -> dict[str, object]:
    """Run so many inputs.

    Raises:
        AssertionError: One of them broke a parser; it is in the message.
    """
    seeds, outcomes, slowest_s = targets(), Counter[str](), (0.0, "")
    memory, base_mb, started_s = psutil.Process(), 0.0, time.perf_counter()
    stream = inputs(seeds, random.Random(seed))
    for number in range(count):
        name, text = next(stream)
        before_s = time.thread_time()
        try:
            seeds[name][0](text)
        except EyelineError as error:
            outcomes[f"{name}: {error.code}"] += 1
        except BaseException as error:
            what = "".join(traceback.format_exception(error))[-3000:]
            raise AssertionError(f"seed {seed}, input {number} of {name}:\n{text[:2000]!r}\n{what}") from error
        else:
            outcomes[f"{name}: taken"] += 1
        took_s = time.thread_time() - before_s
        slowest_s = max(slowest_s, (took_s, name))
        assert took_s < SLOW_S, f"seed {seed}, input {number} of {name} took {took_s:.2f} s: {text[:2000]!r}"
        if number == min(count // 10, 20_000):
            gc.collect()
            base_mb = memory.memory_info().rss / 2**20
    gc.collect()
    growth_mb = memory.memory_info().rss / 2**20 - base_mb
    assert growth_mb < GROWTH_MB, f"the memory grew by {growth_mb:.0f} MB"
    return {
        "inputs": count,
        "seed": seed,
        "took_s": round(time.perf_counter() - started_s, 1),
        "slowest_ms": {slowest_s[1]: round(slowest_s[0] * 1000, 1)},
        "growth_mb": round(growth_mb, 1),
        "outcomes": dict(sorted(outcomes.items())),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Throw damaged input at the Jitsi client's parsers.")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(json.dumps(fuzz(arguments.inputs, arguments.seed), indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
