"""The settings by section, with their defaults and limits. `bot.config.loading` reads them.

arXiv's rules for its clients are enforced here, so that the rest of the bot need not check them.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config.problems import rule
from bot.config.server_url import SERVERS, server_address
from bot.config.values import LONGEST_LOOK_BACK, Count, WebAddress, dates, duration, is_contact, is_loopback
from bot.i18n import languages

_LONGEST = timedelta(days=7)
_SHORTEST_POLL = timedelta(minutes=10)
_CLOCK_OR_DURATION = (
    "must be a duration from 10m to 7d, such as 30m, 6h or 1d, or “arxiv” for arXiv's own clock"
)
_POLITE_SECONDS = 3.0  # https://info.arxiv.org/help/api/tou.html: one request every three seconds


class SettingsSection(BaseModel):
    """One section of the file. Unknown keys are mistakes, and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_values(cls, value: object) -> object:
        """Refuse truth values. YAML reads a bare yes or no as one, which Python would take for 1 or 0."""
        if isinstance(value, bool):
            raise ValueError("must not be yes or no")  # noqa: TRY004 - pydantic collects ValueErrors only
        return value


class DiscordSettings(SettingsSection):
    """The connection to Discord."""

    token: SecretStr | None = None
    api_base: WebAddress = "https://discord.com/api/v10"

    @field_validator("token")
    @classmethod
    def _plain_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is None:
            return None
        text = token.get_secret_value().strip()
        if text.lower().startswith("bot "):
            raise ValueError("must not begin with the word “Bot”; give the token alone")
        if not text.isascii() or re.search(r"\s", text):
            raise ValueError("is not a bot token; copy it from the Bot page of your Discord application")
        return SecretStr(text) if text else None


class ArxivSettings(SettingsSection):
    """The connection to arXiv. `min_interval` and `timeout` are in seconds; `max_bytes` limits one answer."""

    api_url: WebAddress = "https://export.arxiv.org/api/query"
    oai_url: WebAddress = "https://oaipmh.arxiv.org/oai"
    rss_url: WebAddress = "https://rss.arxiv.org"
    contact: str = Field(default="", max_length=200)
    min_interval: float = Field(default=_POLITE_SECONDS, ge=0, le=3600)
    source: Literal["auto", "api", "harvest"] = "auto"
    timeout: float = Field(default=60.0, gt=0, le=600)
    page_size: int = Field(default=500, ge=1, le=2000)
    max_bytes: int = Field(default=32 * 1024 * 1024, ge=64 * 1024)
    holidays: tuple[date, ...] = ()

    @field_validator("holidays", mode="before")
    @classmethod
    def _dates(cls, value: object) -> tuple[date, ...]:
        return dates(value)

    @field_validator("contact")
    @classmethod
    def _one_line(cls, contact: str) -> str:
        contact = contact.strip()
        if not contact.isascii() or not contact.isprintable():
            raise ValueError("must be one line of plain ASCII, since it is sent in an HTTP header")
        if contact and not is_contact(contact):
            raise ValueError("must be an email address or a web address, so that arXiv can reach you")
        return contact

    @model_validator(mode="after")
    def _polite(self) -> ArxivSettings:
        if self.min_interval < _POLITE_SECONDS and not is_loopback(self.api_url):
            raise rule(
                "min_interval",
                "must be at least 3 seconds, as arXiv asks of every client, unless arxiv.api_url is on this "
                "machine",
            )
        return self

    def may_use(self, url: str) -> bool:
        """Tell whether requests to *url* are far enough apart; arXiv's own hosts need three seconds."""
        return self.min_interval >= _POLITE_SECONDS or is_loopback(url)


class PollSettings(SettingsSection):
    """When polls take place, how far they look back, and how many papers a channel may get from one."""

    every: str = "arxiv"
    look_back_days: int = Field(default=14, ge=1, le=LONGEST_LOOK_BACK.days)
    deep_look_back_days: int = Field(default=90, ge=1, le=LONGEST_LOOK_BACK.days)
    max_posts: Count = 300
    surge_factor: int = Field(default=3, ge=1, le=100)

    @field_validator("every", mode="before")
    @classmethod
    def _clock_or_duration(cls, value: object) -> str:
        every = str(value).strip()
        if every == "arxiv":
            return every
        try:
            every_so_often = duration(every)
        except ValueError:
            raise ValueError(_CLOCK_OR_DURATION) from None
        if not timedelta() < every_so_often <= _LONGEST:
            raise ValueError(_CLOCK_OR_DURATION)
        return every

    @model_validator(mode="after")
    def _deep_is_deeper(self) -> PollSettings:
        if self.deep_look_back_days < self.look_back_days:
            raise rule(
                "deep_look_back_days",
                "must be at least poll.look_back_days",
                other="poll.look_back_days",
            )
        return self

    @property
    def interval(self) -> timedelta | None:
        """The time between two polls, None for arXiv's own clock."""
        return None if self.every == "arxiv" else duration(self.every)


class DeliverySettings(SettingsSection):
    """Sending to Discord. `daily_cap` None, written `none`, means no cap but the channels' own.

    `send_timeout` is in seconds. It must be long enough for discord.py to wait out a rate limit (30 s) and to
    retry after a 5xx (25 s). It must be so short that all of that happens while Discord remembers the nonce
    (4 minutes), since a later retry would post the message twice.
    """

    daily_cap: Count | None = 100
    concurrency: int = Field(default=4, ge=1, le=50)
    send_timeout: float = Field(default=90.0, ge=60, le=180)
    undo_hours: int = Field(default=24, ge=1, le=168)
    grace_days: int = Field(default=30, ge=1, le=365)

    @field_validator("daily_cap", mode="before")
    @classmethod
    def _none_is_a_word(cls, value: object) -> object:
        if value in (0, "0"):
            raise ValueError("must be at least 1; write none for no cap")
        return None if isinstance(value, str) and value.strip().lower() == "none" else value

    @property
    def undo(self) -> timedelta:
        """How long a removed subscription can be restored."""
        return timedelta(hours=self.undo_hours)

    @property
    def grace(self) -> timedelta:
        """How long the data of a deleted channel, or of a server that removed the bot, is kept."""
        return timedelta(days=self.grace_days)


class DigestSettings(SettingsSection):
    """The digests, in Discord and as Markdown."""

    max_per_keyword: int = Field(default=100, ge=1, le=2000)


class DatabaseSettings(SettingsSection):
    """The database, and how long it keeps papers.

    `keep_days` is at least a year. After an outage a poll may look back that far, and would take a deleted
    paper for a new one.
    """

    url: str = "sqlite:///data/papers.db"
    keep_days: int = Field(default=365, ge=LONGEST_LOOK_BACK.days, le=36_500)

    @field_validator("url")
    @classmethod
    def _built(cls, url: str) -> str:
        if url.startswith(SERVERS):
            server_address(url)
            return url
        if not url.startswith("sqlite:///") or not url.removeprefix("sqlite:///").strip("/"):
            raise ValueError(
                "must name a file: sqlite:///data/papers.db, or sqlite:////data/papers.db from the root; "
                "or a server's database: postgresql://user:password@host/papers"
            )
        if ":memory:" in url:
            raise ValueError("must name a file, since a database in memory forgets what was posted")
        return url

    @property
    def keep(self) -> timedelta:
        """How long papers and sent messages are kept."""
        return timedelta(days=self.keep_days)


class HttpSettings(SettingsSection):
    """The HTTP server for `/healthz`, `/readyz` and `/metrics`; port 0 turns it off."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=0, le=65535)


class LoggingSettings(SettingsSection):
    """How much is logged, and in which format."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["console", "json"] = "console"

    @field_validator("level", mode="before")
    @classmethod
    def _any_case(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level


class LimitsSettings(SettingsSection):
    """Limits that keep one person or server from using up the bot. Searches are per person."""

    subscriptions_per_server: Count = 200
    subscriptions_per_person: Count = 25
    searches_per_minute: Count = 6
    query_length: int = Field(default=500, ge=10, le=4000)
    waiting_searches: Count = 20
    saved_papers: Count = 2_000


class Settings(BaseSettings):
    """The whole configuration, validated. `load` creates it; the constructor uses only its arguments."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    discord: DiscordSettings = Field(default_factory=DiscordSettings)
    arxiv: ArxivSettings = Field(default_factory=ArxivSettings)
    poll: PollSettings = Field(default_factory=PollSettings)
    delivery: DeliverySettings = Field(default_factory=DeliverySettings)
    digest: DigestSettings = Field(default_factory=DigestSettings)
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    http: HttpSettings = Field(default_factory=HttpSettings)
    logging: LoggingSettings = Field(default_factory=LoggingSettings)
    limits: LimitsSettings = Field(default_factory=LimitsSettings)
    language: str = "auto"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Ignore the environment, since `load` reads it and also reports unknown variables."""
        return (init_settings,)

    @field_validator("language")
    @classmethod
    def _spoken(cls, language: str) -> str:
        known = {each.lower(): each for each in ("auto", *languages())}
        if language.strip().lower() not in known:
            raise ValueError(f"is not a supported language; use one of {', '.join(known.values())}")
        return known[language.strip().lower()]

    @field_validator("poll")
    @classmethod
    def _polite(cls, poll: PollSettings, info: ValidationInfo) -> PollSettings:
        arxiv = info.data.get("arxiv")
        if (
            poll.interval is not None
            and poll.interval < _SHORTEST_POLL
            and arxiv is not None
            and not is_loopback(arxiv.api_url)
        ):
            raise rule(
                "every",
                "must be from 10m to 7d, since arXiv's lists change once a day; less is possible only if "
                "arxiv.api_url is on this machine",
            )
        return poll
