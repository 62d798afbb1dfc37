"""Work that is counted at the sizes that matter: requests of a cached plan and of undo, and parses of an import."""

from collections import Counter

from mjsync.manifest.loading import document
from mjsync.session.importer import ImportOptions, import_objects, open_import
from mjsync.session.options import PlanOptions
from mjsync.session.session import SILENT, open_session


def _templates(count):
    content = {"Html-part": "<p>", "Headers": {"Subject": "S"}}
    rows = [{"Name": f"t{n}", "LastUpdatedAt": "2026-01-02T03:04:05Z", "detailcontent": content} for n in range(count)]
    return {"template": rows}


def test_a_second_plan_with_the_cache_sends_pages_and_a_twentieth(empty_project):
    """Of 1,000 templates; the first has the same pages, and each body."""
    folder, server = empty_project
    server.load(_templates(1000))
    lines = "".join(f"  t{number}: {{subject: S, html: <p>}}\n" for number in range(1000))
    (folder / "main.yaml").write_text(f"templates:\n{lines}", encoding="utf-8")
    first, second = (open_session(folder).plan(PlanOptions(cache=True)).requests["GET"] for _ in range(2))

    assert first - 1000 <= 4
    assert second == first - 1000 + 1000 // 20


def test_undo_reads_and_deletes_each_object_once(empty_project):
    """Its plan lists them, and reads more about the first few."""
    folder, server = empty_project
    session = open_session(folder)
    counts = []
    for count in (30, 50):
        server.load({})
        (folder / "main.yaml").write_text("lists:\n" + "".join(f"  l{number}: {{}}\n" for number in range(count)))
        applied = session.apply(session.plan())
        server.clear_requests()
        receipt = session.project.run_store().find(str(applied.receipt))
        assert 0 == session.apply(session.plan_undo(receipt)).exit_code
        counts.append(Counter(request.method for request in server.requests))

    assert {"GET": 20, "DELETE": 20} == counts[1] - counts[0]


def test_an_import_parses_each_manifest_once(empty_project, monkeypatch):
    """For the plan that says that the next one is empty."""
    folder, server = empty_project
    server.load({**_templates(12), "contactslist": [{"Name": f"l{number}"} for number in range(12)]})
    (folder / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n", encoding="utf-8")
    (folder / "manifests").mkdir()
    parsed = Counter()
    parse = document.read_document
    monkeypatch.setattr(
        "mjsync.manifest.loading.layers.read_document",
        lambda path, *more: (parsed.update([path]), parse(path, *more))[1],
    )
    result = import_objects(open_import(folder, None, SILENT), ImportOptions(pick=lambda *_: True))

    assert 14 == len(parsed)  # a fresh account has properties
    assert dict.fromkeys((file for file in result.files if file.endswith(".yaml")), 1) == {**parsed}
