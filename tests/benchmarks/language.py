"""Reading bodies: what one of a mebibyte takes and what twice the size costs, in time of the processor.

python tests/benchmarks/language.py
"""

import time
from collections.abc import Callable

from mjsync.template_language.lint import Mail, lint
from mjsync.template_language.parser import parse

MAIL = (
    '<tr><td style="padding:12px 24px;font-family:Arial,sans-serif;color:#333333">\n'
    '  <p>Hello {{var:name:"you"}}, your parcel {{var:parcel.number}} is on its way to you.</p>\n'
    '  {% if data:orders > 3 %}<a href="https://shop.example.com/{{var:id}}">Thank you</a>{% else %}Hi{% endif %}\n'
    '  <img src="https://shop.example.com/images/line.png" alt="" width="560" height="1" style="display:block">\n'
    "</td></tr>\n"
)
BODIES = {"a mail": MAIL, "tags never closed": "{{", "blocks never closed": "{% if var:a %}", "angles": "<a "}
MEBIBYTE = 2**20


def main() -> None:
    """Measure and print."""
    print(f"{'body of 1 MiB':20} {'parse':>8} {'twice':>7} {'lint':>8} {'twice':>7}")
    for name, unit in BODIES.items():
        cells = []
        for work in (parse, _lint):
            once, twice = (_seconds(work, unit * (size // len(unit))) for size in (MEBIBYTE, 2 * MEBIBYTE))
            cells += [f"{once:6.2f} s", f"{twice / once:5.1f} x"]
        print(f"{name:20} " + " ".join(cells))


def _lint(body: str) -> object:
    return lint(Mail(html=body))


def _seconds(work: Callable[[str], object], body: str) -> float:
    work(body[:4096])
    start = time.process_time()
    work(body)
    return time.process_time() - start


if __name__ == "__main__":
    main()
