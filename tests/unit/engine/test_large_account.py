"""A large account: nothing is lost on the way through pages, and a plan costs what it must."""

from collections import Counter

from tests.stage import Stage

TEMPLATES, LISTS, OTHERS = 1000, 1200, 200


def test_a_large_account_plans_without_loss():
    """Every object is matched, with one request a page, one a body, and one for the account."""
    stage = Stage()
    stage.emulator.insert("sender", {"Email": "*@example.com", "Status": "Active"})
    manifest = ["templates:"]
    for number in range(TEMPLATES):
        content = {"Html-part": f"<p>{number}</p>", "Headers": {}}
        stage.emulator.insert("template", {"Name": f"t{number}", "detailcontent": content})
        manifest.append(f"  t{number}: {{html: <p>{number}</p>}}")
    for section, endpoint, count in (
        ("lists", "contactslist", LISTS),
        ("properties", "contactmetadata", OTHERS),
        ("segments", "contactfilter", OTHERS),
    ):
        manifest.append(f"{section}:")
        for number in range(count):
            extra = {"Expression": "(age=1)"} if section == "segments" else {}
            stage.emulator.insert(endpoint, {"Name": f"x{number}", **extra})
            manifest.append(f"  x{number}: {{}}")
    stage.manifest = "\n".join(manifest)
    plan = stage.plan()
    pages = Counter(path.split("/")[0] for path in stage.reads if "detailcontent" not in path)

    assert ((), TEMPLATES + LISTS + 2 * OTHERS) == (plan.changes, plan.unchanged)
    assert {"template": 2, "contactslist": 2, "contactmetadata": 1, "contactfilter": 1, "apikey": 1} == pages
    assert len(stage.reads) == TEMPLATES + sum(pages.values())
