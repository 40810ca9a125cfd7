"""Signatures as Standard Webhooks has them, and the secrets that they are made with.

What is signed is `<id>.<seconds>.<body>`, by HMAC-SHA256. While a secret is replaced, both sign, so
that receivers can change theirs at a time of their choice.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from moim_data.accounts import Webhook

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


def new_secret(random_bytes: Callable[[int], bytes]) -> str:
    """Draw a secret, as it is given to receivers."""
    return PREFIX + base64.b64encode(random_bytes(_SECRET_BYTES)).decode()


def signature_headers(webhook: Webhook, message: str, body: bytes, now_ms: int) -> dict[str, str]:
    """Give the headers by which a receiver knows who sent this, and when."""
    seconds = now_ms // 1000
    secrets = [webhook.secret]
    if webhook.former_secret and now_ms < webhook.former_until_ms:
        secrets.append(webhook.former_secret)
    signed = f"{message}.{seconds}.".encode() + body
    return {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
