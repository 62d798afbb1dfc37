"""The inbox: keep every mail that an application sends, rendered as its recipients would see it."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from mjsync.emulator.account_store import AccountStore
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.rules.templates import CONTENT, EMPTY
from mjsync.emulator.store import Row

# Text, variables and contact properties to the rendered text and its errors.
Renderer: TypeAlias = Callable[[str, Mapping[str, Any], Mapping[str, Any]], tuple[str, Sequence[str]]]
BAD_TEMPLATE, LANGUAGE_ERROR = 17, 18  # ids of message states
PARTS = {"Subject": "Subject", "TextPart": "Text-part", "HTMLPart": "Html-part"}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as one recipient would get it, or the reasons why Mailjet would block it."""

    id: int
    uuid: str
    account: int
    received_at: str
    sender: str
    recipient: str
    kind: str  # To, Cc or Bcc
    subject: str
    html: str
    text: str
    errors: tuple[str, ...]
    is_delivered: bool
    is_sandbox: bool
    message: Mapping[str, Any] = field(repr=False)  # as sent, with the names of v3.1

    def as_dict(self) -> dict[str, Any]:
        """Return the mail as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RenderedParts:
    """The parts of a mail, the errors in them, and the id of its message state; 0 if it is delivered."""

    parts: Mapping[str, str]
    errors: tuple[str, ...]
    state: int


class Inbox:
    """Every mail so far, oldest first."""

    def __init__(self, renderer: Renderer | None = None) -> None:
        self.mails: list[Mail] = []
        self._renderer = renderer

    def receive(self, account: AccountStore, message: Mapping[str, Any], *, is_sandbox: bool) -> list[Mail]:
        """Render a message for each of its recipients and keep the mails.

        Without sandbox mode each mail also becomes a row of `message`, as at Mailjet: `sent`, or `blocked` with the
        state of its error.
        """
        mails = []
        for kind in ("To", "Cc", "Bcc"):
            for person in message.get(kind) or []:
                rendered = self._render(account, message, str(person["Email"]))
                mail = Mail(
                    id=self._next_id(account),
                    uuid=str(uuid.uuid4()),
                    account=account.id,
                    received_at=account.now(),
                    sender=_address(message.get("From") or {}),
                    recipient=_address(person),
                    kind=kind,
                    subject=rendered.parts["Subject"],
                    html=rendered.parts["HTMLPart"],
                    text=rendered.parts["TextPart"],
                    errors=rendered.errors,
                    is_delivered=not rendered.state,
                    is_sandbox=is_sandbox,
                    message=message,
                )
                mails.append(mail)
                self.mails.append(mail)
                if not is_sandbox:
                    row = _message_row(account, mail, rendered.state)
                    account.seed(endpoints()["message"], row, is_validated=False)
        return mails

    def _next_id(self, account: AccountStore) -> int:
        """Return an id that neither a stored message nor a sandbox mail has."""
        return max([account.next_id("message"), *(each.id + 1 for each in self.mails[-1:])])

    def find(self, number: int) -> Mail | None:
        """Return the mail with this id."""
        return next((each for each in self.mails if each.id == number), None)

    def _render(self, account: AccountStore, message: Mapping[str, Any], email: str) -> RenderedParts:
        """Render the parts if the message uses the template language; errors block it unless it says otherwise.

        Source: mjsync/docs/mailjet-api.md, section 13.
        """
        content = account.table(CONTENT).rows.get(message.get("TemplateID", 0), EMPTY)
        parts = {name: str(message.get(name) or _from_template(content, key)) for name, key in PARTS.items()}
        if not parts["HTMLPart"] and not parts["TextPart"]:
            return RenderedParts(parts, ("bad or empty template: no HTML and no text part",), BAD_TEMPLATE)
        if not message.get("TemplateLanguage") or self._renderer is None:
            return RenderedParts(parts, (), 0)
        rendered: dict[str, str] = {}
        errors: list[str] = []
        properties = _properties(account, email)
        for name, text in parts.items():
            rendered[name], problems = self._renderer(text, message.get("Variables") or {}, properties)
            errors += [f"{name}: {problem}" for problem in problems]
        is_blocked = bool(errors) and not message.get("TemplateErrorDeliver")
        return RenderedParts(rendered, tuple(errors), LANGUAGE_ERROR if is_blocked else 0)


def _from_template(content: Mapping[str, Any], key: str) -> Any:
    return (content["Headers"].get("Subject") if key == "Subject" else content[key]) or ""


def _properties(account: AccountStore, email: str) -> dict[str, Any]:
    """Return the contact properties of a recipient, if the address is a contact."""
    number = account.table("contact").id_of("Email", (email.casefold(),))
    data: Iterable[Row] = account.table("contactdata").rows[number]["Data"] if number is not None else ()
    return {each["Name"]: each["Value"] for each in data}


def _address(person: Mapping[str, Any]) -> str:
    name, email = person.get("Name"), person.get("Email", "")
    return f"{name} <{email}>" if name else str(email)


def _message_row(account: AccountStore, mail: Mail, state: int) -> dict[str, Any]:
    """Return the row of `message` for a mail."""
    sender = account.table("sender").id_of("Email", (str(mail.message["From"]["Email"]).casefold(),))
    return {
        "ID": mail.id,
        "UUID": mail.uuid,
        "ArrivedAt": mail.received_at,
        "AttemptCount": int(mail.is_delivered),
        "ContactAlt": mail.recipient,
        "CustomID": mail.message.get("CustomID", ""),
        "IsHTMLPartIncluded": bool(mail.html),
        "IsTextPartIncluded": bool(mail.text),
        "MessageSize": len((mail.html + mail.text).encode(errors="replace")),
        "SenderID": sender or 0,
        "StateID": state,
        "StatePermanent": bool(state),
        "Status": "sent" if mail.is_delivered else "blocked",
        "Subject": mail.subject,
    }
