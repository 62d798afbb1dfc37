"""Connect to the account of an environment: find its key pair and base URL, and open a client."""

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from mjsync.account_reports.reading import READ_CALLS
from mjsync.api.pacing import Limits
from mjsync.errors import Finding, Location, Refused
from mjsync.manifest.load import expand_setting
from mjsync.manifest.project.base_url import base_url_problem, is_loopback
from mjsync.manifest.project.settings import Environment, Project
from mjsync.redaction import KNOWN_SECRETS
from mjsync.resources import CALLS
from mjsync.session.local_cache import PACE, PACE_AGE, LocalCache, account_name
from mjsync.session.options import Observer
from mjsync.session.signals import register

if TYPE_CHECKING:
    from mjsync.api.client import ReadClient
    from mjsync.api.pacing import Pacer

    AnyClient = TypeVar("AnyClient", bound=ReadClient)

MAX_RATE = 10_000.0
"""Requests per second; a remembered rate beyond that is not one."""

BASE_URL_VARIABLE = "MJSYNC_BASE_URL"


def find_keys(name: str, environment: Environment, location: Location) -> tuple[str, str]:
    """Return the public and the secret key. Raises Refused where one is not set, with the variables' names."""
    texts = (environment.api_key, environment.secret_key)
    both = [expand_setting(text, location, os.environ, KNOWN_SECRETS) for text in texts]
    public, secret = (each.text for each in both)
    if "${" not in secret:
        KNOWN_SECRETS.add(secret)
    if any(each.is_broken for each in both):
        raise Refused(finding for each in both for finding in each.findings if finding.severity == "error")
    variables = {variable for each in both for variable in each.names("env")}
    missing = sorted(variable for variable in variables if not os.environ.get(variable))
    if missing or not public or not secret:
        lacking = f"{' and '.join(missing)} not set" if missing else "api_key or secret_key is empty"
        message = f"the keys of environment {name} are missing: {lacking}"
        way_out = "Export them; `mjsync emulator` prints a pair to try."
        raise Refused([Finding("missing-keys", message, way_out, location=location)])
    return public, secret


def find_base_url(project: Project, name: str, environment: Environment) -> str:
    """Return where requests go. Raises Refused for a host that the keys must not be sent to."""
    if findings := base_url_findings(project, name, environment):
        raise Refused(findings)
    return os.environ.get(BASE_URL_VARIABLE) or environment.base_url


def base_url_findings(project: Project, name: str, environment: Environment) -> list[Finding]:
    """Return why the keys must not be sent to the base URL of an environment; nothing where they may."""
    override, location = os.environ.get(BASE_URL_VARIABLE), project.location_of("environments", name, "base_url")
    problem = base_url_problem(override or environment.base_url, from_file=not override)
    way_out = f"Correct {BASE_URL_VARIABLE}." if override else f"Set {BASE_URL_VARIABLE} to use another host."
    return [Finding("base-url", problem, way_out, location=None if override else location)] if problem else []


def is_emulated() -> bool:
    """Return whether the variable, which no pull request can set, leads requests to this machine."""
    return is_loopback(urlsplit(os.environ.get(BASE_URL_VARIABLE, "")).hostname or "")


@dataclass(frozen=True, slots=True)
class Access:
    """The way to an account: the base URL, the key pair, and the cache that remembers its rate of requests."""

    base_url: str
    keys: tuple[str, str]
    cache: LocalCache


def connect(client_class: "type[AnyClient]", access: Access, limits: Limits, observer: Observer) -> "AnyClient":
    """Open a client that reports to the observer, and that Ctrl-C stops."""
    from mjsync.api.client import Client
    from mjsync.api.transport import RequestLog

    log = RequestLog(observer.on_request, retry_listener=observer.on_retry)
    calls = CALLS if issubclass(client_class, Client) else READ_CALLS
    pacer = _pacer(access, limits, writes=issubclass(client_class, Client))
    client = client_class(access.base_url, access.keys, calls=calls, limits=limits, trace=log, pacer=pacer)
    register(client.stopping)
    return client


def _pacer(access: Access, limits: Limits, *, writes: bool) -> "Pacer":
    """Return what spaces the requests: at the rate that was set, else at the one that the last run learnt."""
    from mjsync.api.pacing import FIRST_WRITES, Pace, Pacer

    if limits.rate is not None:
        return Pacer(Pace(limits.rate), is_fixed=True)
    name = account_name(PACE, access.base_url, access.keys[0])
    known = access.cache.read(name, PACE_AGE)
    pace = FIRST_WRITES if writes else None
    rate, burst, is_sure = _rate(known.get("rate")), _rate(known.get("burst", 0)), known.get("is_sure", True) is True
    if rate >= 1 and burst >= 0 and (is_sure or writes):
        pace = Pace(rate, burst, is_sure)
    return Pacer(pace, remember=lambda learnt: access.cache.write(name, asdict(learnt)))


def _rate(number: Any) -> float:
    """Return a number of a document, -1 where it is none or too high to be one of requests."""
    is_rate = isinstance(number, int | float) and number is not True and 0 <= number <= MAX_RATE
    return float(number) if is_rate else -1.0
