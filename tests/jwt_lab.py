"""JSON Web Tokens for tests. Nobody signed them."""

from __future__ import annotations

import base64
import json


def jwt(**claims: object) -> str:
    """A token with these claims."""
    parts = ({"alg": "HS256"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2ln"])
