from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.integrations.errors import MeetingUrlError
from eyeline.integrations.zoom.errors import AmbiguousMeetingError, NotAMeetingError, NotZoomError, StartLinkError
from eyeline.integrations.zoom.hosts import api_of, web_domain_of
from eyeline.integrations.zoom.url import ZoomLink, looks_like_zoom

NUMBER = 81234567890
LINK = f"https://us02web.zoom.us/j/{NUMBER}?pwd=Zm9vYmFy.1"
SAFE = "https://nam02.safelinks.protection.outlook.com/?url={}&data=05%7C01&reserved=0"
GOOGLE = "https://www.google.com/url?q={}&sa=D&source=calendar&usg=AOv"
GERMAN = """Ada Lovelace lädt Sie zu einem geplanten Zoom-Meeting ein.

Thema: Zoom-Meeting von Ada
Uhrzeit: 24. Nov. 2026 10:00 AM Berlin
Beitreten Zoom Meeting
https://us02web.zoom.us/j/81234567890?pwd=Zm9vYmFy.1

Meeting-ID: 812 3456 7890
Kenncode: 123456

---

Schnelleinwahl mobil
+496971049922,,81234567890#,,,,*123456# Deutschland
Einwahl nach aktuellem Standort
Ortseinwahl suchen: https://us02web.zoom.us/u/kbXyz
"""
JAPANESE = """エイダさんがあなたを予約されたZoomミーティングに招待しています。
Zoomミーティングに参加する(https://us02web.zoom.us/j/81234567890?pwd=Zm9vYmFy.1)、
ミーティング ID: 812 3456 7890
パスコード: 123456
"""
MARKUP = '<p>Join: <a href="https://zoom.us/j/81234567890?uname=Ada&amp;pwd=Zm9vYmFy.1">here</a>.</p>'


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        f"  {LINK}\n",
        f"us02web.zoom.us/j/{NUMBER}?pwd=Zm9vYmFy.1",
        f"http://ZOOM.us/j/{NUMBER}/?pwd=Zm9vYmFy%2E1#success",
        "https://zoom.com/j/812-3456-7890?pwd=Zm9vYmFy.1&pwd=other",
        "https://acme.zoom.us:443/j/812%203456%207890?omn=1&pwd=Zm9vYmFy.1",
        f"https://app.zoom.us/wc/join/{NUMBER}?pwd=Zm9vYmFy.1",
        f"https://app.zoom.us/wc/{NUMBER}/join?fromPWA=1&pwd=Zm9vYmFy.1",
        f"zoommtg://zoom.us/join?action=join&confno={NUMBER}&pwd=Zm9vYmFy.1&zc=0&uname=Ada",
        f"zoomus:us02web.zoom.us/join?confno={NUMBER}&pwd=Zm9vYmFy.1",
        SAFE.format(quote(LINK, safe="")),
        GOOGLE.format(quote(LINK, safe="")),
        SAFE.format(quote(GOOGLE.format(quote(LINK, safe="")), safe="")),
        f"Call me: {LINK}.",
        f"<{LINK}>, or {LINK} again, or https://zoom.us/j/{NUMBER}",
        f"https://zoom.us/j/{NUMBER} (with the passcode: {LINK})",
        f"To start: https://zoom.us/s/{NUMBER}?zak=secret\nTo join: {LINK}",
        GERMAN,
        JAPANESE,
        MARKUP,
        f"{NUMBER} Zm9vYmFy.1",
    ],
)
def test_finds_the_one_meeting(text: str) -> None:
    link = ZoomLink.parse(text)
    assert (link.meeting_number, link.passcode) == (NUMBER, "Zm9vYmFy.1")
    assert (link.vanity_id, link.token, link.webinar, link.web_domain) == ("", "", False, "https://zoom.us")
    assert looks_like_zoom(text)


@pytest.mark.parametrize(
    ("text", "number", "passcode"),
    [
        ("812 3456 7890", NUMBER, ""),
        ("812-3456-7890", NUMBER, ""),
        ("81 23 45 67 89 0", NUMBER, ""),
        ("812\u00a03456\u00a07890 123456", NUMBER, "123456"),
        ("812 3456 7890 123456", NUMBER, "123456"),
        ("812 3456 7890, Passcode: a_B*9", NUMBER, "a_B*9"),
        ("812 3456 7890\nパスコード: 123456", NUMBER, "123456"),
        ("123 456 789 0123", 123456789, "0123"),
        ("123 456 7890", 1234567890, ""),
        ("123456789", 123456789, ""),
        ("Meeting ID: 812 3456 7890\nPasscode: 9Xa@_-", NUMBER, "9Xa@_-"),
        ("Meeting ID: 812 3456 7890 Passcode: abc One tap mobile +1301,,1#", NUMBER, "abc"),
        ("ID de réunion : 812 3456 7890\nCode secret : 4a5b", NUMBER, "4a5b"),
        ("会议号\uff1a812 3456 7890\n密码\uff1a123456", NUMBER, "123456"),
        ("Téléphone : 646 558 8656\nID de réunion : 812 3456 7890\n", NUMBER, ""),
        ("Meeting ID: 812 3456 7890\n\nOne tap mobile: +13017158592,,81234567890#,,,,*1#", NUMBER, ""),
        ("Meeting ID: 812 3456 7890\nTopic: our weekly meeting", NUMBER, ""),
        ("+13017158592,,81234567890#,,,,*123456# US (Washington DC)", NUMBER, "123456"),
        ("+13017158592,,81234567890#,,,,,,0#,,123456# US", NUMBER, "123456"),
        ("tel:+496971049922,,81234567890#", NUMBER, ""),
        ("81234567890@zoomcrc.com", NUMBER, ""),
        ("sip:81234567890.123456..99@zoomcrc.com", NUMBER, "123456"),
        ("SIP: 81234567890.123456@zoomcrc.com", NUMBER, "123456"),
    ],
)
def test_finds_a_number_where_there_is_no_link(text: str, number: int, passcode: str) -> None:
    link = ZoomLink.parse(text)
    assert (link.meeting_number, link.passcode) == (number, passcode)
    assert looks_like_zoom(text)


def test_knows_webinars_personal_links_names_and_clouds() -> None:
    webinar = ZoomLink.parse(f"https://zoom.us/w/{NUMBER}?tk=abc.DEF-1&pwd=x&uname=Ada+Lovelace")
    assert (webinar.webinar, webinar.token, webinar.name_hint) == (True, "abc.DEF-1", "Ada Lovelace")
    personal = ZoomLink.parse("https://acme.zoom.us/my/ada.lovelace?pwd=x")
    assert (personal.meeting_number, personal.vanity_id, personal.passcode) == (0, "ada.lovelace", "x")
    assert ZoomLink.parse("https://acme.zoomgov.com/j/1612345678").web_domain == "https://zoomgov.com"
    assert ZoomLink.parse("https://zoom.com.cn/j/1612345678").web_domain == "https://zoom.com.cn"
    assert api_of("https://zoomgov.com") == "https://api.zoomgov.com"
    assert api_of("https://zoom.us") == "https://api.zoom.us"
    assert ZoomLink.parse(f"https://zoom.us/j/{NUMBER}?uname=%07").name_hint == ""


def test_a_passcode_goes_to_zoom_as_it_stands_in_the_link() -> None:
    for written, passcode in (("a+b/c==", "a+b/c=="), ("a%2Bb%3D%3D", "a+b=="), ("Ab-_9_", "Ab-_9_"), ("", "")):
        assert ZoomLink.parse(f"https://zoom.us/j/{NUMBER}?pwd={written}").passcode == passcode


@pytest.mark.parametrize(
    ("text", "error", "what"),
    [
        ("", MeetingUrlError, "no Zoom meeting"),
        ("hello there", MeetingUrlError, "no Zoom meeting"),
        ("https://meet.example.org/Room", MeetingUrlError, "no Zoom meeting"),
        ("https://zoom.us/pricing", MeetingUrlError, "no Zoom meeting"),
        ("x" * 20_001, MeetingUrlError, "characters"),
        ("https://zoom.us/j/", MeetingUrlError, "names no meeting"),
        ("https://zoom.us/j/12345678", MeetingUrlError, "8 digits"),
        ("https://zoom.us/j/812345678901", MeetingUrlError, "12 digits"),
        ("812345678901234567", MeetingUrlError, "18 digits"),
        ("81234567 89012 34567", MeetingUrlError, "18 digits"),
        ("https://zoom.us/j/8123456789a", MeetingUrlError, "else than digits"),
        ("Meeting ID: 812345678901", MeetingUrlError, "no Zoom meeting"),
        ("Invoice: 123-456-789-012", MeetingUrlError, "no Zoom meeting"),
        ("Register: https://zoom.us/meeting/register/a\nMeeting ID: 812 3456 7890", NotAMeetingError, "registration"),
        ("812 3456 7890 is my number", MeetingUrlError, "no passcode"),
        ("https://zoom.us/my/..%2F..", MeetingUrlError, "personal link"),
        (f"https://zoom.us/j/{NUMBER}?pwd=a%20b", MeetingUrlError, "passcode has signs"),
        (f"https://zoom.us/j/{NUMBER}?pwd=a%00b", MeetingUrlError, "passcode has signs"),
        (f"https://zoom.us/j/{NUMBER}?pwd={'a' * 257}", MeetingUrlError, "too many"),
        (f"https://zoom.us/w/{NUMBER}?tk=%C3%A9", MeetingUrlError, "token has signs"),
        (f"https://ada:pw@zoom.us/j/{NUMBER}", MeetingUrlError, "no valid URL"),
        (f"https://zoom.us:8443/j/{NUMBER}", MeetingUrlError, "no valid URL"),
        (f"https://zoom.us:port/j/{NUMBER}", MeetingUrlError, "no valid URL"),
        (f"https://zoom.us@evil.example/j/{NUMBER}", MeetingUrlError, "no valid URL"),
        (f"https://zoom.us/s/{NUMBER}?zak=eyJ", StartLinkError, "host's key"),
        (f"https://zoom.us/s/{NUMBER}", StartLinkError, "host's key"),
        (f"https://zoom.us/j/{NUMBER}?pwd=a&zak=eyJ", StartLinkError, "host's key"),
        (f"https://app.zoom.us/wc/{NUMBER}/start", StartLinkError, "host's key"),
        (f"zoommtg://zoom.us/start?action=start&confno={NUMBER}", StartLinkError, "host's key"),
        (f"zoommtg://zoom.us/join?action=start&confno={NUMBER}", StartLinkError, "host's key"),
        ("zoommtg://zoom.us/settings?action=x", NotAMeetingError, "joins no meeting"),
        ("https://zoom.us/meeting/register/tJAv-uGg", NotAMeetingError, "registration"),
        ("https://zoom.us/webinar/register/WN_abc", NotAMeetingError, "registration"),
        ("https://us02web.zoom.us/rec/share/abc?pwd=x", NotAMeetingError, "recording"),
        ("https://events.zoom.us/ev/Abc", NotAMeetingError, "Events"),
        (f"https://evilzoom.us/j/{NUMBER}", NotZoomError, "evilzoom.us"),
        (f"https://zoom.us.evil.com/j/{NUMBER}?pwd=hunter2", NotZoomError, "zoom.us.evil.com"),
        (f"https://zoom.us./j/{NUMBER}", NotZoomError, "zoom.us."),
        ("https://zoom-us.example/my/ada", NotZoomError, "zoom-us.example"),
        (f"zoommtg://evil.example/join?confno={NUMBER}", NotZoomError, "evil.example"),
        (f"{LINK} https://zoom.us/j/123456789", AmbiguousMeetingError, "several"),
        (f"{LINK} https://zoom.us/my/ada", AmbiguousMeetingError, "several"),
        ("Meeting ID: 812 3456 7890\nMeeting ID: 812 3456 7891", AmbiguousMeetingError, "several"),
        ("+13017158592,,81234567890#\n+13017158592,,81234567891#", AmbiguousMeetingError, "several"),
        (
            SAFE.format(
                quote(SAFE.format(quote(SAFE.format(quote(LINK))))),
            ),
            MeetingUrlError,
            "more than 2 times",
        ),
        (SAFE.format(quote("https://zoom.us/rec/share/abc")), NotAMeetingError, "recording"),
    ],
)
def test_says_why_there_is_no_meeting_to_join(text: str, error: type[MeetingUrlError], what: str) -> None:
    with pytest.raises(MeetingUrlError) as caught:
        ZoomLink.parse(text)
    assert type(caught.value) is error
    assert what in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    for secret in ("hunter2", "eyJ", "zak="):
        assert secret not in str(caught.value)


def test_every_refusal_has_a_code_of_its_own() -> None:
    kinds = (MeetingUrlError, AmbiguousMeetingError, NotAMeetingError, NotZoomError, StartLinkError)
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_no_text_form_shows_what_opens_the_meeting() -> None:
    link = ZoomLink.parse(f"https://zoom.us/w/{NUMBER}?pwd=hunter2&tk=token3")
    for shown in (repr(link), str(link), f"{link}"):
        assert "hunter2" not in shown
        assert "token3" not in shown
    assert str(link) == f"https://zoom.us/w/{NUMBER}"


@pytest.mark.parametrize(
    "text",
    [
        "https://meet.example.org/MyRoom",
        "meet.example.org/123 456 7890",
        "https://meet.example.org/zoom.us/j",
        "https://zoom.example.org/Daily",
        "https://meet.example.org/room?next=https://zoom.us/j/123456789",
        "123456789.example.org/room",
        "hello",
        "",
        "https://meet.example.org/Größe",
    ],
)
def test_leaves_other_platforms_alone(text: str) -> None:
    assert not looks_like_zoom(text)


@pytest.mark.parametrize(
    "text",
    [
        f"https://evilzoom.us/j/{NUMBER}",
        f"zoommtg://evil.example/join?confno={NUMBER}",
        "https://zoom.us/rec/share/abc",
        "https://us02web.zoom.us:99999/j/1",
        "Join us:\nhttps://example.org/calendar\nMeeting ID: 812 3456 7890",
        "Meeting ID: 812 3456 7890, as in https://example.org/calendar",
        "812345678901234567",
    ],
)
def test_takes_what_it_has_to_refuse(text: str) -> None:
    assert looks_like_zoom(text)


@pytest.mark.parametrize(
    ("host", "web_domain"),
    [
        ("zoom.us", "https://zoom.us"),
        ("us02web.zoom.us", "https://zoom.us"),
        ("a.b.zoom.com", "https://zoom.us"),
        ("acme.zoomgov.com", "https://zoomgov.com"),
        ("evilzoom.us", None),
        (".zoom.us", None),
        ("a..zoom.us", None),
        ("-a.zoom.us", None),
        ("zoom.us.evil.com", None),
        ("zoom.usa", None),
        ("evil-zoom.us", None),
        ("", None),
    ],
)
def test_knows_zooms_hosts(host: str, web_domain: str | None) -> None:
    assert web_domain_of(host) == web_domain


_NUMBERS = st.integers(min_value=10**8, max_value=10**11 - 1)
# A full stop at the end of a link ends a sentence, and no passcode of Zoom's ends in one.
_WORDS = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=40).filter(
    lambda w: w[-1:] != "."
)


@given(
    _NUMBERS, _WORDS, st.booleans(), st.sampled_from(["zoom.us", "us02web.zoom.us", "zoomgov.com"]), st.integers(0, 2)
)
def test_a_link_is_read_as_it_was_made(number: int, passcode: str, webinar: bool, host: str, wrapped: int) -> None:
    url = f"https://{host}/{'w' if webinar else 'j'}/{number}?pwd={quote(passcode, safe='')}"
    for _ in range(wrapped):
        url = SAFE.format(quote(url, safe=""))
    link = ZoomLink.parse(url)
    assert link == ZoomLink(number, passcode=passcode, webinar=webinar, web_domain=web_domain_of(host) or "")
    assert ZoomLink.parse(str(link)) == replace(link, passcode="")


_PIECES = [
    *(
        "https://",
        "zoommtg://",
        "zoom.us",
        "@zoomcrc.com",
        "safelinks.protection.outlook.com/?url=",
        "/j/",
        "/my/",
        "?pwd=",
    ),
    *("812", "3456", "7890", "\u0661", "1", "a", "ID", "+1,,", "&zak=", ":", "\uff1a", "#", "%", ".", "-", " ", "\n"),
]


@given(st.text(max_size=200) | st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_any_text_is_a_meeting_or_an_error_of_ours(text: str) -> None:
    looks_like_zoom(text)
    for candidate in (text, f"https://zoom.us/j/{text}", f"https://{text}.zoom.us/j/{NUMBER}", f"Meeting ID: {text}"):
        try:
            link = ZoomLink.parse(candidate)
        except MeetingUrlError as error:
            assert error.hint  # noqa: PT017 - every one has one
            continue
        assert bool(link.vanity_id) != (10**8 <= link.meeting_number < 10**11)
        again = ZoomLink.parse(str(link))
        assert (again.meeting_number, again.vanity_id) == (link.meeting_number, link.vanity_id)


@pytest.mark.parametrize(
    "piece",
    [
        *("a.", "a-", "1 ", "1-", "a:", "1.", "+1,", "\n", " ", ":", "%2", "&", ",;/ ", "ID: ", "https://", "zoom.us/"),
        *("https://a.a/", "812 3456 7890 ", "ID: 812 3456 7890\n", "123456789.", "+1234567,,123456789#"),
        "https://zoom.us/j/123456789 ",
    ],
)
def test_long_texts_made_to_be_slow_are_not(piece: str) -> None:
    """The limit is the test's own: some of these would take hours, were a pattern ambiguous."""
    text = (piece * 20_000)[:20_000]
    looks_like_zoom(text)
    for candidate in (text, "Meeting ID: 812 3456 7890" + text[:-25], "812 3456 7890 " + text[:-14]):
        try:
            ZoomLink.parse(candidate)
        except MeetingUrlError as error:
            assert error.hint  # noqa: PT017 - most are no meeting
