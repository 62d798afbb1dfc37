"""The plan as a comment on a pull request: summary first, details folded, cut to a limit with nothing cut silently."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.errors import Finding
from mjsync.render.report import Report
from mjsync.render.terminal_lines import truncate_around
from mjsync.render.text import LONGEST_LINE, MOST_LINES, cut, size, visible
from mjsync.render.text_diff import diff_lines
from mjsync.render.wording import (
    SIGNS,
    affected_people,
    as_text,
    format_change,
    headline,
    is_long,
    plan_totals,
    side_lines,
)

LEAST_CHARS = 2_000
"""Characters below which a report cannot say what it leaves out."""
NOTICE = 600
"""Characters kept free for saying what was left out."""

_SIGN = re.compile(r"[^\w\s.,-]|_")
_TICKS = re.compile("`+")


@dataclass(frozen=True, slots=True)
class Section:
    """One change: its line, which is always shown while there is room, and its details."""

    line: str
    details: str
    action: Action

    @property
    def whole(self) -> str:
        """Line and details, folded."""
        if not self.details:
            return f"- {self.line}\n"
        return f"<details><summary>{self.line}</summary>\n\n{self.details}\n\n</details>\n"


def plan_markdown(report: Report, max_chars: int) -> str:
    """The report in at most so many characters, LEAST_CHARS or more."""
    head, tail = _head(report), _tail(report)
    room = max_chars - len(head) - len(tail) - NOTICE
    refusals = _list("Refused", list(_refusals(report)), room // 3)
    warnings = _list("Warnings", [_finding(finding) for finding in _warnings(report)], room // 3)
    room -= len(refusals + warnings)
    own, theirs = (
        [_section(change, report) for change in report.plan.changes if (change.origin == "theirs") is is_theirs]
        for is_theirs in (False, True)
    )
    changes = _changes("Changes", own, room)
    edits = _changes("Changed in Mailjet since the deployed commit", theirs, room - len(changes))
    return "\n".join(part for part in (head, refusals, changes, edits, warnings, tail) if part)


def marker(report: Report) -> str:
    """A line nobody sees, by which the comment of an environment is found again."""
    return f"<!-- {report.title} -->"


def _head(report: Report) -> str:
    plan = report.plan
    account = f"account {plan.account}" if plan.account else "account unknown"
    return (
        f"{marker(report)}\n### {report.title}\n\n**{report.summary}.** {plan_totals(plan)} {account.capitalize()}.\n"
    )


def _tail(report: Report) -> str:
    digest = f"Digest <code>{report.plan.digest}</code>\n" if report.plan.changes else ""
    receipt = f"Receipt {code(report.receipt)}\n" if report.receipt else ""
    return digest + receipt


def _refusals(report: Report) -> Iterator[str]:
    for guard in report.standing:
        yield f"- ⛔ {code(guard.address)}: {code(guard.message, 600)}<br>to allow it: {code(guard.allow, 600)}\n"
    for kind in report.plan.unreadable:
        yield f"- ⛔ {kind.kind} not read: {code(str(kind.reason), 600)}\n"
    for result in report.results:
        if result.error:
            yield f"- ⛔ {result.status}: {code(str(result.error), 600)}\n"


def _warnings(report: Report) -> Iterator[Finding]:
    yield from report.plan.warnings
    for result in report.results:
        yield from result.warnings


def _finding(finding: Finding) -> str:
    return f"- ⚠️ {code(str(finding), 600)}\n"


def _list(title: str, items: Sequence[str], room: int) -> str:
    """A list under a title; what has no room is counted."""
    if not items:
        return ""
    kept = _fitting(items, room)
    rest = f"- … and {len(items) - len(kept)} more, left out for length.\n" if len(kept) < len(items) else ""
    return f"#### {title}\n\n{''.join(kept)}{rest}"


def _changes(title: str, sections: Sequence[Section], room: int) -> str:
    """Each change with its details while there is room, then its line alone, then its number."""
    if not sections:
        return ""
    lines = _fitting([f"- {section.line}\n" for section in sections], room)
    left = room - sum(len(line) for line in lines)
    shown, without = list(lines), 0
    for place, section in enumerate(sections[: len(lines)]):
        more = len(section.whole) - len(lines[place])
        if more > left:
            without += 1
        else:
            shown[place], left = section.whole, left - more
    return f"#### {title}\n\n{_spaced(shown)}{_left_out(sections[len(lines) :], without)}"


def _spaced(blocks: Sequence[str]) -> str:
    """Blocks one after the other, a blank line between a list and what is no list."""
    text = ""
    for before, block in zip(["", *blocks], blocks, strict=False):
        text += ("\n" if before and before.startswith("- ") != block.startswith("- ") else "") + block
    return text


def _left_out(dropped: Sequence[Section], without: int) -> str:
    said = ""
    if without:
        said += f"\n**{without} changes stand without their details, for length.**\n"
    if dropped:
        counts = Counter(section.action.value for section in dropped)
        kinds = ", ".join(f"{count} {word}" for word, count in counts.items())
        said += f"\n**{len(dropped)} further changes are not listed, for length: {kinds}.**\n"
    return f"{said}\nThe whole plan: `mjsync plan`, or the report kept with this run.\n" if said else ""


def _fitting(items: Sequence[str], room: int) -> list[str]:
    kept, used = [], 0
    for item in items:
        used += len(item)
        if used > room:
            break
        kept.append(item)
    return kept


def _section(change: Change, report: Report) -> Section:
    result = report.result(change)
    ended = f" — {result.status}" if result else ""
    line = f"{code(f'{SIGNS[change.action]} {change.address}')} {code(headline(change))}{ended}"
    if change.live and change.fields and change.action is not Action.REPLACE:
        line += f" {code(', '.join(dict.fromkeys(field.path for field in change.fields)))}"
    if people := affected_people(change):
        line += f" — <strong>touches {people}</strong>"
    return Section(line, "\n\n".join(_details(change)), change.action)


def _details(change: Change) -> Iterator[str]:
    lines = [line for field in change.fields for line in _field(field, change.action)]
    if lines:
        yield fenced(lines, "diff")
    if change.notes:
        yield "\n".join(f"- {code(note, 600)}" for note in change.notes)


def _field(field: FieldChange, action: Action) -> Iterator[str]:
    """A field's lines; each begins with a sign or a blank, so that none can be a command of the platform."""
    path = visible(field.path)
    if action in (Action.CREATE, Action.REPLACE):
        yield f"+ {path}: {format_change(field, is_new=True)}"
    elif field.secret:
        yield f"! {path}: {format_change(field, is_new=False)}"
    elif is_long(field):
        before, after = as_text(field.before), as_text(field.after)
        yield f"  {path}: {size(before)} → {size(after)}"
        yield from (
            f"{line.sign}{truncate_around(line, LONGEST_LINE)[0]}" for line in diff_lines(before, after, MOST_LINES)
        )
    else:
        yield from (f"{line.sign} {path}: {truncate_around(line, LONGEST_LINE)[0]}" for line in side_lines(field))


def code(text: str, longest: int = 200) -> str:
    """Foreign text in one line, as code."""
    return f"<code>{escaped(cut(text, longest))}</code>"


def escaped(text: str) -> str:
    """Every sign that could mean something, as a numeric entity."""
    return _SIGN.sub(lambda sign: f"&#{ord(sign[0])};", text)


def fenced(lines: Iterable[str], language: str) -> str:
    """A block of lines that nothing in them can close."""
    body = list(lines)
    longest = max((len(ticks) for line in body for ticks in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *body, fence])
