"""Write a page of tables and one bar chart as text, Markdown or HTML; reports on an account are such pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from mjsync.errors import Finding
from mjsync.render.text import columns, cut, padded
from mjsync.render.to_markdown import escaped, fenced

MAX_COLUMNS = 60
"""Columns of a text chart."""
LONGEST_CELL, LONGEST_SENTENCE = 60, 300
"""Characters of one cell of a table as text, and of the last cell of a row."""

BARS, ASCII_BARS = "█▓░▒", "#=.+"
"""The character of each series of a chart, for terminals with Unicode and without."""

_STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --back: #fff; --line: #d0d7de; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --back: #0d1117; --line: #30363d; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 2rem; }
table { border-collapse: collapse; margin: 0 0 1.5rem; } caption { text-align: left; font-weight: 600; }
td, th { border: 1px solid var(--line); padding: .2rem .6rem; text-align: left; vertical-align: top; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
.bar0 { fill: #1f6feb; } .bar1 { fill: #bf8700; } .bar2 { fill: #d1242f; } .bar3 { fill: #8250df; }
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `empty` is shown instead if it has no rows."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Counts over time: a bar for each label, made of one part for each series."""

    title: str
    labels: tuple[str, ...]
    series: tuple[str, ...]
    bars: tuple[tuple[int, ...], ...]

    @property
    def highest(self) -> int:
        """The sum of the longest bar."""
        return max((sum(bar) for bar in self.bars), default=0)


@dataclass(frozen=True, slots=True)
class Page:
    """A title, sentences, tables and charts, and sentences at the end."""

    title: str
    intro: tuple[str, ...]
    parts: tuple[Table | Chart, ...] = ()
    notes: tuple[str, ...] = ()


def problems_table(findings: Sequence[Finding]) -> Table:
    """Make a table of the problems of webhooks, senders and parse routes, with their ways out."""
    rows = tuple((finding.code, str(finding)) for finding in findings)
    empty = "Webhooks, senders and parse routes: no problem."
    return Table("Problems now", ("code", "problem"), rows, empty)


# --- text


def page_text(page: Page, *, is_unicode: bool = True) -> str:
    """Write a page as text; charts have at most MAX_COLUMNS columns, and are ASCII unless `is_unicode`."""
    lines = [page.title, *page.intro]
    for part in page.parts:
        lines += ["", *(_table_text(part) if isinstance(part, Table) else _chart_text(part, is_unicode=is_unicode))]
    lines += ["", *page.notes] if page.notes else []
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _table_text(table: Table) -> Iterator[str]:
    if not table.rows:
        yield table.empty or f"{table.title}: none"
        return
    rows = [
        table.header,
        *((*(cut(cell, LONGEST_CELL) for cell in row[:-1]), cut(row[-1], LONGEST_SENTENCE)) for row in table.rows),
    ]
    widths = [max(columns(row[index]) for row in rows) for index in range(len(table.header))]
    yield table.title
    for row in rows:
        yield "  " + "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True))


def _chart_text(chart: Chart, *, is_unicode: bool) -> Iterator[str]:
    marks = BARS if is_unicode else ASCII_BARS
    label_width = max((len(label) for label in chart.labels), default=0)
    room = MAX_COLUMNS - label_width - len(str(chart.highest)) - 2
    yield chart.title
    yield from (f"{mark} {name}" for mark, name in zip(marks, chart.series, strict=False))
    for label, bar in zip(chart.labels, chart.bars, strict=True):
        lengths = _lengths(bar, chart.highest, room)
        drawn = "".join(mark * length for mark, length in zip(marks, lengths, strict=False))
        yield f"{label:{label_width}} {drawn} {sum(bar) or ''}"


def _lengths(bar: Sequence[int], highest: int, room: int) -> list[int]:
    """Return the length of each part of a bar; the sum never exceeds the room, and is 1 at least if there is any."""
    ends = [sum(bar[: index + 1]) * room // max(highest, 1) for index in range(len(bar))]
    lengths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    if sum(bar) and not any(lengths):
        lengths[bar.index(max(bar))] = 1
    return lengths


# --- Markdown


def page_markdown(page: Page) -> str:
    """Write a page as Markdown for GitHub; nothing of the account can be read as markup."""
    parts = [
        _table_markdown(part) if isinstance(part, Table) else fenced(_chart_text(part, is_unicode=True), "text")
        for part in page.parts
    ]
    blocks = [f"### {escaped(page.title)}", *map(escaped, page.intro), *parts, *map(escaped, page.notes)]
    return "\n\n".join(blocks) + "\n"


def _table_markdown(table: Table) -> str:
    if not table.rows:
        return escaped(table.empty or f"{table.title}: none")
    lines = [table.header, ("---",) * len(table.header)]
    lines += [tuple(escaped(cut(cell)) for cell in row) for row in table.rows]
    return f"**{escaped(table.title)}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


# --- HTML


def page_html(page: Page) -> str:
    """Write a page as one HTML document without scripts; the chart is inline SVG, for light and dark screens."""
    parts = [_table_html(part) if isinstance(part, Table) else _chart_svg(part) for part in page.parts]
    intro, notes = ([f"<p>{escape(text)}</p>" for text in texts] for texts in (page.intro, page.notes))
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        f"<title>{escape(page.title)}</title><style>{_STYLE}</style></head><body>",
    ]
    return "\n".join([*head, f"<h1>{escape(page.title)}</h1>", *intro, *parts, *notes, "</body></html>"]) + "\n"


def _table_html(table: Table) -> str:
    if not table.rows:
        return f"<p>{escape(table.empty or f'{table.title}: none')}</p>"
    header = "".join(f"<th>{escape(name)}</th>" for name in table.header)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in table.rows)
    return f"<table><caption>{escape(table.title)}</caption>\n<tr>{header}</tr>\n{rows}</table>"


def _chart_svg(chart: Chart) -> str:
    """Draw horizontal bars, 18 units high, with their counts."""
    height, width, left = 18, 640, 120
    scale = (width - left - 60) / max(chart.highest, 1)
    drawn = []
    for row, (label, bar) in enumerate(zip(chart.labels, chart.bars, strict=True)):
        x, y = float(left), row * height
        drawn.append(f'<text x="0" y="{y + 13}">{escape(label)}</text>')
        for series, count in enumerate(bar):
            if count:
                size = f'width="{count * scale:.1f}" height="{height - 4}"'
                title = f"<title>{escape(chart.series[series])}: {count}</title>"
                drawn.append(f'<rect class="bar{series}" x="{x:.1f}" y="{y + 1}" {size}>{title}</rect>')
                x += count * scale
        drawn.append(f'<text x="{x + 4:.1f}" y="{y + 13}">{sum(bar) or ""}</text>')
    for series, name in enumerate(chart.series):
        y = (len(chart.labels) + series) * height + 8
        drawn.append(f'<rect class="bar{series}" x="{left}" y="{y}" width="12" height="12"/>')
        drawn.append(f'<text x="{left + 18}" y="{y + 11}">{escape(name)}</text>')
    total = (len(chart.labels) + len(chart.series)) * height + 12
    svg = f'<svg role="img" viewBox="0 0 {width} {total}" width="{width}" height="{total}">'
    return f"<h2>{escape(chart.title)}</h2>\n{svg}<title>{escape(chart.title)}</title>\n" + "\n".join(drawn) + "</svg>"
