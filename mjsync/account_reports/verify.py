"""Try templates in Mailjet's sandbox, and call webhooks with no event."""

import base64
import ipaddress
import json
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from mjsync.errors import Finding, counted
from mjsync.resources.desired import Entry

Send = Callable[[Sequence[Mapping[str, Any]]], list[dict[str, Any]]]
"""Tries messages in the sandbox; returns a result for each."""

LAG_DELAYS = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further try of a template that was just created: reads lag behind writes."""
TIMEOUT = 10.0
"""Seconds for the answer of a webhook."""
_OK = 200
_TEMPLATE_UNKNOWN = "send-0010"


@dataclass(frozen=True, slots=True)
class Template:
    """A template to try, with its id; one that `is_new` was just created, and Mailjet may not show it yet."""

    entry: Entry
    id: int
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """How one template or webhook was answered: accepted, refused with the reasons, or not tried with the reason."""

    address: str
    status: Literal["accepted", "refused", "skipped"]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The trials of a verification, and its requests to Mailjet by method."""

    trials: tuple[Trial, ...]
    requests: Mapping[str, int]

    @property
    def is_refused(self) -> bool:
        """Whether anything was refused."""
        return any(trial.status == "refused" for trial in self.trials)

    @property
    def summary(self) -> str:
        """How many were accepted, in one sentence."""
        accepted = sum(trial.status == "accepted" for trial in self.trials)
        return f"Verified in the sandbox: {accepted} of {counted(len(self.trials), 'template')} accepted."


def verify_templates(templates: Sequence[Template], send: Send, sleep: Callable[[float], None]) -> list[Trial]:
    """Try each template with its example variables and from its own sender; return the trials in the order given.

    Proves that the template exists, that this key may use it and that its sender is accepted, and not that its
    template language can be evaluated: Mailjet does that later.
    """
    trials = {each.entry.address: _skipped(each.entry) for each in templates}
    trying = [each for each in templates if trials[each.entry.address] is None]
    for delay in (0.0, *LAG_DELAYS):
        if not trying:
            break
        sleep(delay)
        results = send([_message(each) for each in trying])
        tried = [(each, _trial(each.entry, result)) for each, result in zip(trying, results, strict=True)]
        trials |= {each.entry.address: trial for each, trial in tried}
        trying = [
            each
            for each, trial in tried
            if each.is_new and any(finding.code == _TEMPLATE_UNKNOWN for finding in trial.findings)
        ]
    return [trial for trial in trials.values() if trial]


def _skipped(entry: Entry) -> Trial | None:
    """Return the trial of a template that cannot be tried; None for any other."""
    email = (entry.values.get("from") or {}).get("email")
    if email and "{{" not in email and "[[" not in email:
        return None
    no_sender = "it states no from.email, and a send needs a sender"
    reason = "its sender is computed by template language" if email else no_sender
    return Trial(str(entry.address), "skipped", (entry.finding("not-tried", reason, ""),))


def _message(template: Template) -> dict[str, Any]:
    """Build a message to the sender itself: nothing is delivered, but an address is needed."""
    sender = template.entry.values["from"]
    variables = getattr(template.entry.model, "variables", {}).items()
    return {
        "From": {"Email": sender["email"], **({"Name": sender["name"]} if sender.get("name") else {})},
        "To": [{"Email": sender["email"]}],
        "TemplateID": template.id,
        "TemplateLanguage": True,
        "Variables": {name: variable.example for name, variable in variables if variable.example is not None},
    }


def _trial(entry: Entry, result: Mapping[str, Any]) -> Trial:
    if result.get("Status") == "success":
        return Trial(str(entry.address), "accepted")
    findings = []
    for error in result.get("Errors") or [{}]:
        if isinstance(error, Mapping):
            code, why = str(error.get("ErrorCode") or "refused"), error.get("ErrorMessage") or "no reason was named"
            related = ", ".join(str(each) for each in error.get("ErrorRelatedTo") or ())
            way_out = "Correct what the message names, and apply again."
            if code == _TEMPLATE_UNKNOWN:
                way_out = "Plan again: the template was deleted, or belongs to another key."
            if "From" in related or "send-0008" in code:
                way_out = "Validate the address or its domain in the Mailjet app."
            message = f"Mailjet refused it: {why}{f' ({related})' if related else ''}"
            findings.append(entry.finding(code, message, way_out, severity="error"))
    return Trial(str(entry.address), "refused", tuple(findings))


# --- webhooks


def verify_webhooks(webhooks: Iterable[Entry], *, allow_loopback: bool = False) -> list[Trial]:
    """Call each webhook with an empty list of events; it must be https, resolve to public addresses, and answer 200.

    What Mailjet could not reach is not called: a pull request must not make CI post to its own network. With
    `allow_loopback`, which belongs to an emulator, receivers on this machine are called, over http too.
    """
    trials = []
    for entry in webhooks:
        url = str(entry.values.get("url") or "")
        is_https, problems = url.lower().startswith("https:"), []
        if not is_https:
            problems.append(("webhook-not-https", "its URL is not https: events are sent in clear"))
        if (is_https or allow_loopback) and (problem := _call_problem(url, allow_loopback=allow_loopback)):
            problems.append(("webhook-answer", problem))
        way_out = "Correct the URL, or the receiver behind it: Mailjet suspends webhooks that do not answer 200."
        findings = tuple(entry.finding(code, problem, way_out, severity="error") for code, problem in problems)
        trials.append(Trial(str(entry.address), "refused" if findings else "accepted", findings))
    return trials


class _NoRedirect(HTTPRedirectHandler):
    """Follow no redirect: a URL may contain credentials."""

    def redirect_request(self, *_: object) -> None:
        """Return None, which makes the redirect an error."""


def _call_problem(url: str, *, allow_loopback: bool) -> str:
    """Post an empty list to a URL; return what is wrong with its host or the answer, without the URL."""
    headers = {"Content-Type": "application/json", "User-Agent": "mjsync verify"}
    try:
        parts = urlsplit(url)
        if not parts.hostname:
            return "its URL is not absolute"
        addresses = {each[4][0] for each in socket.getaddrinfo(parts.hostname, parts.port or parts.scheme)}
        found = [ipaddress.ip_address(address) for address in addresses]
        if not all(each.is_global or (allow_loopback and each.is_loopback) for each in found):
            return "Mailjet could not reach it: its host has an address that is not public"
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        request = Request(url, data=json.dumps([]).encode(), headers=headers, method="POST")  # noqa: S310 - https, or loopback
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as response:
            return "" if response.status == _OK else f"it answered {response.status}, not 200"
    except HTTPError as error:
        error.close()
        return f"it answered {error.code}, not 200"
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, socket.gaierror):
            return "its host name cannot be resolved"
        return f"it did not answer ({type(reason).__name__})"
