"""Errors as RFC 9457 problem details (https://www.rfc-editor.org/rfc/rfc9457)."""

import json
from dataclasses import dataclass, field


@dataclass
class Problem(Exception):
    """A request that ends in an error: status, what is wrong, and where."""

    status: int
    title: str
    detail: str
    headers: dict[str, str] = field(default_factory=dict)

    MEDIA_TYPE = "application/problem+json"

    def body(self) -> bytes:
        """Return the problem as JSON."""
        members = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail}
        return json.dumps(members, ensure_ascii=False).encode()
