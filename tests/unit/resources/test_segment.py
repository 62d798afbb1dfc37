from typing import ClassVar

from mjsync.resources.segment import Segment
from tests.unit.resources.contract import Edit, Renamed

BEFORE, AFTER = "(IsInPreviousDays(last_order_at,30))", '((city="Oslo") OR (age<35))'


class TestSegment(Renamed):
    """Segments: a name, a description, an expression."""

    kind = Segment()
    handle = "recent-buyers"
    entry: ClassVar = {"name": "Recent buyers", "description": "Bought lately", "expression": BEFORE}
    least: ClassVar = {"name": "Recent buyers"}
    least_body: ClassVar = {"Name": "Recent buyers"}
    row: ClassVar = {"Name": "Recent buyers", "Description": "Bought lately", "Expression": BEFORE}
    bystander: ClassVar = {"Name": "Somebody else's", "Expression": "(age>10)"}
    runtime: ClassVar = {"Status": "used"}
    own = frozenset({"Status"})
    tombstone = "Recent buyers"
    edits: ClassVar = {
        "name": Edit(
            {"name": "Buyers", "renamed_from": "Recent buyers"}, "name", "Recent buyers", "Buyers", "Name", "Buyers"
        ),
        "description": Edit({"description": "New"}, "description", "Bought lately", "New", "Description", "New"),
        "description-cleared": Edit({"description": ""}, "description", "Bought lately", "", "Description", ""),
        "expression": Edit({"expression": AFTER}, "expression", BEFORE, AFTER, "Expression", AFTER),
    }
