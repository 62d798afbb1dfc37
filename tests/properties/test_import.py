"""Properties of import: what is written means the account byte for byte, and contains no secret."""

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mjsync.emulator import Emulator
from tests.terminal import run, written

MJML = "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>"
SECRET = "pw7QsecretZ"

names = st.one_of(
    st.sampled_from(["A", "B", "Order"]),
    st.text(min_size=1, max_size=12).filter(
        lambda text: text == text.strip() and "\x00" not in text and text.isprintable()
    ),
    st.sampled_from(
        ["Weekly news", "weekly-news", "weekly news", "true", "1", "null", "~", "${x}", "a: b", "#a", "-rf", ".."]
    ),
)
texts = st.one_of(
    st.none(),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(["", "a\r\nb", "\ufeff<p>", "${env.HOME}", "$${x}", "line\n\nline\n", " blank "]),
)
remarks = st.one_of(texts, st.just(f"see https://jo:{SECRET}@wiki.example.com/${{x}}?token={SECRET}"))
headers = st.dictionaries(
    st.sampled_from(["Subject", "From", "Reply-To", "X-One", "X-Two", "SenderName", "SenderEmail", "ReplyEmail"]),
    st.one_of(
        st.sampled_from(["", '"A, B" <a@b.co>', "a@b.co", "${x}", "Order {{var:number}}"]),
        st.text("ab:#'\"{}", max_size=8),
    ),
    max_size=4,
)
paths = st.sampled_from(
    ["/mj", "/mj/0a1b2c3d4e5f60718293", "/a?x=1&token=" + SECRET, "/a?b=${c}", "/p#f", "/p#access_token=" + SECRET]
)
logins = st.sampled_from(["", f"user:{SECRET}@"])
urls = st.builds(lambda login, path: f"https://{login}hooks.example.com{path}", logins, paths)


sources = st.sampled_from([None, "", MJML, "<mjml><mj-nonsense/></mjml>", "no mjml", {"tagName": "mjml"}])


defaults = st.fixed_dictionaries(
    {},
    optional={
        "templates": st.fixed_dictionaries(
            {},
            optional={
                "description": st.sampled_from(["a", "$${x}"]),
                "locale": st.sampled_from(["en_US", "fr_FR", "${var.locale}"]),
                "purposes": st.lists(st.sampled_from(["marketing", "transactional"]), unique=True),
                "edit_mode": st.sampled_from(["html", "mjml"]),
                "text_generation": st.booleans(),
                "from": st.sampled_from([{"name": "A, B", "email": "a@b.co"}, {"email": "a@b.co"}]),
                "subject": st.just("Order {{var:number}}"),
                "headers": st.dictionaries(st.sampled_from(["X-One", "X-Two"]), st.sampled_from(["", "ab"])),
                "protect": st.booleans(),
            },
        ),
        "segments": st.fixed_dictionaries({}, optional={"description": st.just("a")}),
        "properties": st.fixed_dictionaries({}, optional={"type": st.sampled_from(["int", "str"])}),
        "webhooks": st.fixed_dictionaries({}, optional={"grouped": st.booleans(), "url": st.just("https://a.b/mj")}),
    },
)


def unique(rows, *words):
    """Return the rows without those whose words occurred before."""
    return list({tuple(str(row.get(word)).strip() for word in words): row for row in rows}.values())


@st.composite
def accounts(draw):
    """Return the state of an account, as a state file has it."""
    lists = [{"Name": name} for name in draw(st.lists(names, max_size=4))]
    segments = [
        {"Name": name, "Expression": "(age>1)\nAND (b=2)", "Description": draw(remarks) or ""}
        for name in draw(st.lists(names, max_size=3))
    ]
    templates = [
        {
            "Name": name,
            "Description": draw(remarks) or "",
            "Locale": draw(st.sampled_from(["en_US", "fr_FR", ""])),
            "EditMode": draw(st.integers(1, 4)),
            "IsTextPartGenerationEnabled": draw(st.booleans()),
            "Purposes": draw(st.lists(st.sampled_from(["marketing", "transactional"]), unique=True)),
            "Presets": draw(st.sampled_from(["", "{}", '{"a":1}'])),
            "detailcontent": {
                "Html-part": draw(texts),
                "Text-part": draw(texts),
                "MJMLContent": draw(sources),
                "Headers": draw(headers),
            },
        }
        for name in draw(st.lists(names, max_size=4))
    ]
    hooks = [
        {"EventType": event, "IsBackup": backup, "Url": draw(urls), "Version": draw(st.sampled_from([1, 2]))}
        for event, backup in draw(st.lists(st.tuples(st.sampled_from(["open", "bounce"]), st.booleans()), max_size=3))
    ]
    routes = [
        {"Email": email, "Url": draw(urls)}
        for email in draw(st.lists(st.sampled_from(["A@in.example.com", "x@parse-in1.mailjet.com"]), unique=True))
    ]
    state = {
        "contactslist": unique(lists, "Name"),
        "contactfilter": unique(segments, "Name"),
        "template": unique(templates, "Name"),
        "eventcallbackurl": unique(hooks, "EventType", "IsBackup"),
        "parseroute": routes,
        "contactmetadata": [
            {"Name": name, "Datatype": "int"}
            for name in draw(st.lists(st.sampled_from(["age", "AGE", "b", "shoe size"]), unique=True))
        ],
    }
    return {resource: [{"ID": number, **row} for number, row in enumerate(rows, 1)] for resource, rows in state.items()}


def test_import_then_plan_is_empty(monkeypatch):
    """The plan after an import is empty, a second import changes no byte, and no credential is in any file."""

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(accounts())
    def law(account):
        emulator.load(account)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            first = run("import", at=folder)
            files = written(folder)

            assert 0 == first.code, first.out + first.err
            assert first.out.endswith("The next plan is empty.\n"), first.out + first.err
            assert SECRET not in b"".join(files.values()).decode() + first.out + first.err
            second = run("import", at=folder)
            assert 0 == second.code, second.out + second.err
            assert files == written(folder)

    with Emulator() as emulator:
        for variable, value in emulator.environment.items():
            monkeypatch.setenv(variable, value)
        law()


def test_import_beside_defaults(monkeypatch):
    """With any defaults of a project and of a folder, the plan after an import is empty, also after a second one."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(accounts(), accounts(), defaults, defaults)
    def law(before, after, far, near):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "manifests/templates").mkdir(parents=True)
            environments = {"one": {"vars": {"locale": "fr_FR"}}}
            project = {"version": 1, "manifests": ["manifests"], "environments": environments, "defaults": far}
            (folder / "mjsync.yaml").write_text(json.dumps(project))
            (folder / "manifests/templates/defaults.yaml").write_text(json.dumps({"defaults": near}))
            for account in (before, after):
                emulator.load(account)
                ran = run("import", at=folder)
                assert 0 == ran.code, ran.out + ran.err
                assert "in sync" in ran.out or "plan is empty" in ran.out, ran.out + ran.err

    with Emulator() as emulator:
        for variable, value in emulator.environment.items():
            monkeypatch.setenv(variable, value)
        law()


def test_import_over_another_import(monkeypatch):
    """An import over an older one takes in all changes, and no credential is in any file."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(accounts(), accounts())
    def law(before, after):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            emulator.load(before)
            run("import", at=folder)
            emulator.load(after)
            ran = run("import", at=folder)

            assert 0 == ran.code, ran.out + ran.err
            assert "in sync" in ran.out or "plan is empty" in ran.out, ran.out + ran.err
            assert SECRET not in b"".join(written(folder).values()).decode() + ran.out + ran.err

    with Emulator() as emulator:
        for variable, value in emulator.environment.items():
            monkeypatch.setenv(variable, value)
        law()
