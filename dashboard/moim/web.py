"""What all our HTTP answers have in common: headers, refusals, assets."""

import json
from typing import TYPE_CHECKING, Any

from tornado.web import RequestHandler

if TYPE_CHECKING:
    from moim.static_files import Asset

_POLICY = {
    "default-src": "'self'",
    # Panel renders its components through modules with blob: addresses.
    "script-src": "'self' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in _POLICY.items())


class BaseHandler(RequestHandler):
    """A handler whose answers say no more than they must."""

    def set_default_headers(self) -> None:
        """Close what browsers leave open."""
        self.set_header("Server", "moim")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")

    def send_json(self, value: Any, status: int = 200) -> None:
        """Answer with JSON that no cache keeps."""
        self.set_status(status)
        self.send_json_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def send_json_text(self, text: str | bytes) -> None:
        """Answer with what is JSON already, that no cache keeps."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(text)

    def refuse(self, status: int, message: str) -> None:
        """Answer with an error whose message names what was wrong."""
        self.send_json({"error": message}, status)

    def send_asset(self, asset: "Asset", cache_control: str) -> None:
        """Answer with a file in the best encoding, or 304 when the client has it."""
        encoding, body = asset.choose(self.request.headers.get("Accept-Encoding", ""))
        self.set_header("Content-Type", asset.content_type)
        self.set_header("Cache-Control", cache_control)
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("ETag", f'"{asset.digest}-{encoding}"')
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
            return
        if encoding != "identity":
            self.set_header("Content-Encoding", encoding)
        self.finish(body)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer errors of Tornado's own as JSON, without a trace."""
        self.refuse(status_code, self._reason)
