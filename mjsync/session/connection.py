"""Connect to the account of an environment: its key pair and base URL, and clients."""

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from mjsync.account_reports.reading import READ_CALLS
from mjsync.api.pacing import Limits
from mjsync.errors import Finding, Refused
from mjsync.manifest.load import expand_setting
from mjsync.manifest.project.environments import Environment
from mjsync.redaction import KNOWN_SECRETS
from mjsync.resources import CALLS
from mjsync.session.local_cache import PACE, PACE_AGE, LocalCache, account_name
from mjsync.session.options import Observer, PlanOptions
from mjsync.session.project import BASE_URL_VARIABLE, Project, is_loopback
from mjsync.session.signals import register

if TYPE_CHECKING:
    from mjsync.api.client import Client, ReadClient
    from mjsync.api.pacing import Pace, Pacer
    from mjsync.api.sandbox import SandboxClient

    AnyClient = TypeVar("AnyClient", bound=ReadClient)

SILENT = Observer()
DEFAULT_LIMITS = PlanOptions().limits

MAX_RATE = 10_000.0
"""Requests per second; a remembered rate beyond that is not one."""


def is_emulated() -> bool:
    """Return whether the variable, which no pull request can set, leads requests to this machine."""
    return is_loopback(urlsplit(os.environ.get(BASE_URL_VARIABLE, "")).hostname or "")


@dataclass(frozen=True, slots=True)
class Access:
    """One environment of a project, and the way to its account. All methods raise MjsyncError.

    Clients report to the observer, remember their rate of requests in the project, and stop at Ctrl-C.
    """

    project: Project
    name: str
    environment: Environment
    observer: Observer = SILENT

    def keys(self) -> tuple[str, str]:
        """Return the public and the secret key. Raises Refused where one is not set, with the variables' names."""
        location = self.project.document.location_of("environments", self.name)
        texts = (self.environment.api_key, self.environment.secret_key)
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
            message = f"the keys of environment {self.name} are missing: {lacking}"
            way_out = "Export them; `mjsync emulator` prints a pair to try."
            raise Refused([Finding("missing-keys", message, way_out, location=location)])
        return public, secret

    def base_url(self) -> str:
        """Return where requests go. Raises Refused for a host that the keys must not be sent to."""
        if findings := self.project.base_url_findings(self.name, self.environment):
            raise Refused(findings)
        return os.environ.get(BASE_URL_VARIABLE) or self.environment.base_url

    def reader(self, limits: Limits | None = None) -> "ReadClient":
        """Open a client that can only GET."""
        from mjsync.api.client import ReadClient

        return self._open(ReadClient, limits or DEFAULT_LIMITS, READ_CALLS, None)

    def writer(self, limits: Limits | None = None, writes: int = 0) -> "Client":
        """Open a client that can send the calls in the table of allowed calls, for so many writes."""
        from mjsync.api.client import Client
        from mjsync.api.pacing import first_pace

        return self._open(Client, limits or DEFAULT_LIMITS, CALLS, first_pace(writes))

    def sandbox(self) -> "SandboxClient":
        """Open a client that tries messages in the sandbox; they are not sent."""
        from mjsync.api.sandbox import SandboxClient
        from mjsync.api.transport import RequestLog

        return SandboxClient(self.base_url(), self.keys(), request_log=RequestLog([self.observer.on_request]))

    def _open(
        self, client_class: "type[AnyClient]", limits: Limits, calls: Iterable[tuple[str, str]], pace: "Pace | None"
    ) -> "AnyClient":
        from mjsync.api.transport import RequestLog

        log = RequestLog([self.observer.on_request], self.observer.on_retry)
        base_url, keys = self.base_url(), self.keys()
        pacer = self._pacer(account_name(PACE, base_url, keys[0]), limits, pace)
        client = client_class(base_url, keys, calls=calls, limits=limits, request_log=log, pacer=pacer)
        register(client.stopping)
        return client

    def _pacer(self, name: str, limits: Limits, first: "Pace | None") -> "Pacer":
        """Return what spaces the requests: at the rate that was set, else at the one that the last run learnt.

        That is in the document of this name. Where none is known it is `first`; a client that has none waits for a
        rate that is sure.
        """
        from mjsync.api.pacing import Pace, Pacer

        if limits.rate is not None:
            return Pacer(Pace(limits.rate), is_fixed=True)
        cache = LocalCache.of(self.project.root)
        known = cache.read(name, PACE_AGE)
        rate, burst = _rate(known.get("rate")), _rate(known.get("burst", 0))
        is_sure = known.get("is_sure", True) is True
        pace = Pace(rate, burst, is_sure) if rate >= 1 and burst >= 0 and (is_sure or first) else first
        return Pacer(pace, remember=lambda learnt: cache.write(name, asdict(learnt)))


def _rate(number: Any) -> float:
    """Return a number of a document, -1 where it is none or too high to be one of requests."""
    is_rate = isinstance(number, int | float) and number is not True and 0 <= number <= MAX_RATE
    return float(number) if is_rate else -1.0
