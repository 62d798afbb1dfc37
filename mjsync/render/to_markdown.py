"""Write the plan as a comment on a pull request: summary first, details folded, shortened to a limit and saying so."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.errors import Finding, counted
from mjsync.render.groups import Group, Grouping, group_changes
from mjsync.render.report import Report
from mjsync.render.terminal_lines import truncate_around
from mjsync.render.text import LONGEST_LINE, MOST_LINES, cut, findings_by_cause, sizes, visible
from mjsync.render.text_diff import DiffLine, diff_lines
from mjsync.render.wording import (
    SIGNS,
    affected_people,
    as_text,
    format_change,
    headline,
    is_long,
    note_text,
    plan_sentence,
    plan_totals,
    segment_moves,
    side_lines,
)

MAX_PLACES = 30
"""Addresses listed for one cause."""
LEAST_CHARS = 2_000
"""Characters that a report needs at least, to state what it leaves out."""
NOTICE = 600
"""Characters reserved for stating what was left out."""

_SIGN = re.compile(r"[^\w\s.,-]|_")
_TICKS = re.compile("`+")


class Section(NamedTuple):
    """One change: its line, which is shown while there is room, and its details."""

    line: str
    details: str
    action: Action

    @property
    def whole(self) -> str:
        """Line and details, folded."""
        if not self.details:
            return f"- {self.line}\n"
        return f"<details><summary>{self.line}</summary>\n\n{self.details}\n\n</details>\n"


def plan_markdown(report: Report, max_chars: int, report_url: str = "") -> str:
    """Write the report in at most `max_chars` characters (LEAST_CHARS or more), the least important shortened first.

    `report_url` is where the whole report can be read.
    """
    grouping = group_changes(report.plan)
    head, tail = _head(report), _tail(report, report_url)
    room = max_chars - len(head) - len(tail) - NOTICE
    decisions = _list("To decide", list(_decisions(report)), room // 3)
    groups = _list("One cause, several changes", [_group(group) for group in grouping.groups], room // 3)
    warnings = _list("Warnings", [_warning(same) for same in findings_by_cause(report.warnings)], room // 4)
    room -= len(decisions + groups + warnings)
    by_origin: dict[bool, list[Section]] = {False: [], True: []}
    for change in report.by_urgency():
        by_origin[change.origin == "theirs"].append(_section(change, report, grouping))
    changes = _changes("Changes", by_origin[False], room)
    edits = _changes("Changed in Mailjet since the deployed commit", by_origin[True], room - len(changes))
    return "\n".join(part for part in (head, decisions, groups, changes, edits, warnings, tail) if part)


def _head(report: Report) -> str:
    plan = report.plan
    account = f"Account {plan.account}" if plan.account else "Account unknown"
    sentence = f"**{report.summary}.** {plan_sentence(plan)}.\n\n{plan_totals(plan)} {account}."
    # By the invisible line the comment of an environment is found again.
    return f"<!-- {report.title} -->\n### {report.title}\n\n{sentence}\n"


def _tail(report: Report, report_url: str) -> str:
    digest = f"Digest <code>{report.plan.digest}</code>\n" if report.plan.changes else ""
    receipt = f"Receipt {code(report.receipt)}\n" if report.receipt else ""
    url = quote(report_url, safe="/:?&=#%.~+@,;!$*-_") if report_url.startswith(("https://", "http://")) else ""
    link = f"[The whole report, with pictures of the mails](<{url}>)\n" if report_url else ""
    return link + digest + receipt


def _decisions(report: Report) -> Iterator[str]:
    for guard in report.standing:
        yield f"- ⛔ {code(guard.address)}: {code(guard.message, 600)}<br>to allow it: {code(guard.allow, 600)}\n"
    for kind, reason in report.plan.unreadable.items():
        yield f"- ⛔ {kind} not read: {code(str(reason), 600)}\n"
    for result in report.results:
        if result.error:
            yield f"- ⛔ {result.status}: {code(str(result.error), 600)}\n"
    for address, consequence in report.consequences():
        yield f"- ❗ {code(address)}: {code(consequence)}\n"
    for guard in report.approved:
        yield f"- ✅ {code(guard.address)}, approved: {code(guard.message, 600)}\n"


def _group(group: Group) -> str:
    phrases = ", ".join(f"{code(before, 80)} → {code(after, 80)}" for before, after in group.phrases[:3])
    addresses = " ".join(code(str(change.address)) for change in group.changes[:MAX_PLACES])
    more = f" and {len(group.changes) - MAX_PLACES} more" if len(group.changes) > MAX_PLACES else ""
    lines = fenced(map(_diff_line, group.lines[:MOST_LINES]), "diff")
    details = f"\n\n{lines}\n\n" if group.lines else "\n\n"
    headline = f"{code(group.headline)}{f': {phrases}' if phrases else ''}"
    return f"<details><summary>{headline}</summary>{details}{addresses}{more}\n\n</details>\n"


def _warning(same: Sequence[Finding]) -> str:
    more = f" and {len(same) - 1} more of the same cause" if len(same) > 1 else ""
    return f"- ⚠️ {code(str(same[0]), 600)}{more}\n"


def _list(title: str, items: Sequence[str], room: int) -> str:
    """Return a list under a title; items without room are counted."""
    if not items:
        return ""
    shown = _fitting(items, room)
    rest = f"- … and {len(items) - len(shown)} more, left out for length.\n" if len(shown) < len(items) else ""
    return f"#### {title}\n\n{''.join(shown)}{rest}"


def _changes(title: str, sections: Sequence[Section], room: int) -> str:
    """Return each change with its details while there is room, then its line alone, then counted."""
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
    # A blank line stands between lists and other blocks.
    blocks = "\n".join("".join(same) for _, same in groupby(shown, lambda block: block.startswith("- ")))
    return f"#### {title}\n\n{blocks}{_left_out(sections[len(lines) :], without)}"


def _left_out(dropped: Sequence[Section], without: int) -> str:
    note = ""
    if without:
        note += f"\n**{counted(without, 'change')} shown without details, for length.**\n"
    if dropped:
        counts = Counter(section.action.value for section in dropped)
        kinds = ", ".join(f"{count} {word}" for word, count in counts.items())
        note += f"\n**{counted(len(dropped), 'further change')} not listed, for length: {kinds}.**\n"
    return f"{note}\nThe whole plan: `mjsync plan`, or the report of this run.\n" if note else ""


def _fitting(items: Sequence[str], room: int) -> list[str]:
    fitting, used = [], 0
    for item in items:
        used += len(item)
        if used > room:
            break
        fitting.append(item)
    return fitting


def _section(change: Change, report: Report, grouping: Grouping) -> Section:
    result = report.result(change)
    ended = f" — {result.status}" if result else ""
    line = f"{code(f'{SIGNS[change.action]} {change.address}')} {code(headline(change))}{ended}"
    if change.live and change.fields and change.action is not Action.REPLACE:
        line += f" {code(', '.join(dict.fromkeys(field.path for field in change.fields)))}"
    if people := affected_people(change):
        line += f" — <strong>touches {people}</strong>"
    if moves := segment_moves(change):
        line += f" — <strong>{moves}</strong>"
    return Section(line, "\n\n".join(_details(change, grouping)), change.action)


def _details(change: Change, grouping: Grouping) -> Iterator[str]:
    lines = []
    for field in change.fields:
        rest, groups = grouping.field(change, field)
        lines += [f"  {visible(field.path)}: {visible(', '.join(groups))}, see above"] if groups else []
        lines += _field(rest, change.action) if rest else ()
    if lines:
        yield fenced(lines, "diff")
    if change.notes:
        yield "\n".join(f"- {code(note_text(note), 600)}" for note in change.notes)


def _field(field: FieldChange, action: Action) -> Iterator[str]:
    """Yield the lines of a field; each begins with a sign or a blank, so that none can be a command of the platform."""
    path = visible(field.path)
    if action in (Action.CREATE, Action.REPLACE):
        yield f"+ {path}: {format_change(field, is_new=True)}"
    elif field.secret:
        yield f"! {path}: {format_change(field, is_new=False)}"
    elif is_long(field):
        before, after = as_text(field.before), as_text(field.after)
        yield f"  {path}: {sizes(before, after)}"
        yield from map(_diff_line, diff_lines(before, after, MOST_LINES))
    else:
        yield from (_diff_line(line, f" {path}: ") for line in side_lines(field))


def _diff_line(line: DiffLine, lead: str = "") -> str:
    return f"{line.sign}{lead}{truncate_around(line, LONGEST_LINE)[0]}"


def code(text: str, longest: int = 200) -> str:
    """Return text from elsewhere in one line, as code."""
    return f"<code>{escaped(cut(text, longest))}</code>"


def escaped(text: str) -> str:
    """Escape every character that Markdown could interpret, as a numeric entity."""
    return _SIGN.sub(lambda sign: f"&#{ord(sign[0])};", text)


def fenced(lines: Iterable[str], language: str) -> str:
    """Return the lines as a code block with a fence longer than any in them."""
    body = list(lines)
    longest = max((len(ticks) for line in body for ticks in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *body, fence])
