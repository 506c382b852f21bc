"""Settings from the environment: SANMIN_SUBSCRIBE_<FIELD>, or SANMIN_SUBSCRIBE_<FIELD>_FILE naming a file that holds the value."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from yarl import URL

from subscribe.errors import ConfigError

KEY = "SANMIN_SUBSCRIBE_"
FORMS = {
    "department": (r"[a-z][a-z0-9-]{0,39}", "must be a code: lower-case letters, digits and hyphens"),
    "prefix": (r"[A-Za-z0-9_-]{1,60}", "must be a word of letters, digits, _ and -"),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`url` holds the department's user and password. `mailbox` is the path of one SQLite file."""

    url: str = field(repr=False)
    department: str
    prefix: str = "sanmin"
    mailbox: Path = Path("mailbox.db")

    @property
    def queue(self) -> str:
        """The department's queue, which following empties."""
        return f"{self.prefix}.department.{self.department}"

    @property
    def dead(self) -> str:
        """Where the broker puts a message that was delivered too often."""
        return f"{self.queue}.dead"

    @property
    def log(self) -> str:
        """The stream that keeps for seven days all that the queue was sent."""
        return f"{self.queue}.log"


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises ConfigError for the first setting that will not do."""
    url = _text("url", environ)
    try:
        parsed = URL(url)
    except ValueError:
        parsed = URL()
    if parsed.scheme not in ("amqp", "amqps") or not parsed.host or not parsed.user:
        raise ConfigError(f"{KEY}URL must have the form amqps://USER:PASSWORD@HOST/")
    department = _text("department", environ)
    prefix = _text("prefix", environ, Settings.prefix)
    for name, value in (("department", department), ("prefix", prefix)):
        form, sentence = FORMS[name]
        if not re.fullmatch(form, value):
            raise ConfigError(f"{KEY}{name.upper()} {sentence}")
    return Settings(url=url, department=department, prefix=prefix, mailbox=mailbox(environ))


def mailbox(environ: Mapping[str, str] = os.environ) -> Path:
    """The mailbox's path alone: what only looks into the mailbox needs no broker."""
    return Path(_text("mailbox", environ, str(Settings.mailbox)))


def _text(name: str, environ: Mapping[str, str], default: str | None = None) -> str:
    key = KEY + name.upper()
    if path := environ.get(f"{key}_FILE"):
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise ConfigError(f"{key}_FILE cannot be read: {reason}") from None
    else:
        text = environ.get(key, default or "").strip()
    if not text:
        raise ConfigError(f"{key} is not set: give it, or {key}_FILE with the path of a file that holds it")
    return text
