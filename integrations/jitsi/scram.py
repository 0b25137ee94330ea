"""A login whose password never crosses the wire, and which checks the server as well (SCRAM: RFC 5802, RFC 7677)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import stringprep
import unicodedata

from eyeline.config.errors import UsageError
from eyeline.integrations.errors import ProtocolError

HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}
_MIN_ITERATIONS, _MAX_ITERATIONS = 4096, 500_000
_MAX_MESSAGE_BYTES = 4096
_CHANNEL = "n,,"


class Scram:
    """One login. `first`, then `final` with the challenge, then `verify` with what came with the success.

    Args:
        mechanism: One of `HASHES`.
        username: Without a domain.
        password: As the person wrote it.
        nonce: Ours; made up unless a test gives one.

    Raises:
        UsageError: The name or the password has characters that no account can have.
    """

    def __init__(self, mechanism: str, username: str, password: str, *, nonce: str = "") -> None:
        self._hash = HASHES[mechanism]
        self._password = saslprep(password)
        self._nonce = nonce or secrets.token_urlsafe(24)
        name = saslprep(username).replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={name},r={self._nonce}"
        self._server_signature = b""

    def first(self) -> bytes:
        """What the login begins with."""
        return f"{_CHANNEL}{self._bare}".encode()

    def final(self, challenge: bytes) -> bytes:
        """The answer to the server's challenge.

        Raises:
            ProtocolError: The challenge is malformed, not for us, or asks for too little or too much work.
        """
        fields = _fields(challenge)
        nonce, salt, iterations = fields.get("r", ""), _decoded(fields.get("s", "")), fields.get("i", "")
        if "m" in fields or not nonce.startswith(self._nonce) or nonce == self._nonce or not salt:
            raise ProtocolError("The server's challenge does not fit to our login.")
        if not (iterations.isascii() and iterations.isdigit() and len(iterations) < 8):
            raise ProtocolError("The server's challenge does not say how much work it wants.")
        if not _MIN_ITERATIONS <= int(iterations) <= _MAX_ITERATIONS:
            raise ProtocolError(f"The server's challenge wants {iterations} rounds, which is unsafe.")
        salted = hashlib.pbkdf2_hmac(self._hash, self._password.encode(), salt, int(iterations))
        without_proof = f"c={base64.b64encode(_CHANNEL.encode()).decode()},r={nonce}"
        message = f"{self._bare},{challenge.decode()},{without_proof}".encode()
        client_key = self._hmac(salted, b"Client Key")
        signature = self._hmac(hashlib.new(self._hash, client_key).digest(), message)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        self._server_signature = self._hmac(self._hmac(salted, b"Server Key"), message)
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, success: bytes) -> None:
        """See that the server knows the password too.

        Raises:
            ProtocolError: It does not: somebody may stand in between.
        """
        signature = _decoded(_fields(success).get("v", ""))
        if not self._server_signature or not hmac.compare_digest(signature, self._server_signature):
            raise ProtocolError("The server could not prove that it knows the account: it may not be the real one.")

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, self._hash)


def saslprep(text: str) -> str:
    """A name or password in its one form (RFC 4013).

    Raises:
        UsageError: It has characters that are not allowed.
    """
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char for char in text if not stringprep.in_table_b1(char)
    )
    prepared = unicodedata.normalize("NFKC", mapped)
    if not prepared or any(_is_prohibited(char) for char in prepared):
        raise UsageError("The account's name or password is empty or has control characters.")
    return prepared


def _is_prohibited(char: str) -> bool:
    tables = (stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4)
    rest = (stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8)
    return any(table(char) for table in (*tables, *rest, stringprep.in_table_c9))


def _fields(message: bytes) -> dict[str, str]:
    try:
        text = message[:_MAX_MESSAGE_BYTES].decode("ascii")
    except UnicodeDecodeError:
        raise ProtocolError("The server's part of the login is not text.") from None
    return {part[0]: part[2:] for part in text.split(",") if part[1:2] == "="}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
