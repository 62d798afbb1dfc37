"""`mjsync import` of templates with locales: live values are written to their locale."""

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run, written

MANIFEST = """\
templates:
  order:
    name: Order  # of the shop
    from: {name: Shop, email: shop@example.com}
    html: {file: ../order.html, substitute: true}
    subject: Your order
    text: 'Plain'
    locales:
      en: {texts: {file: ../order.en.yaml}}
      fr:  # checked by Zoé
        subject: Votre commande
        texts: {greeting: Bonjour}
      it: {}
"""
SOURCE = "mjml: {file: ../order.mjml}"
FILES = {"order.html": "<p>${text.greeting}</p>", "order.en.yaml": "greeting: Hello\n", "order.mjml": "<mjml></mjml>"}
SENDER = "sender", {"Email": "*@example.com", "Status": "Active"}


@pytest.fixture
def account(monkeypatch):
    """An account of its own, its keys in the environment."""
    with Emulator() as emulator:
        emulator.insert(*SENDER)
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture
def project(account, tmp_path):
    """A project that was applied."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\n")
    (tmp_path / "m").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    state(tmp_path, MANIFEST.replace("it: {}", "it: {texts: {greeting: Ciao}}"))
    ran = run("apply", "--yes", at=tmp_path)
    assert 0 == ran.code, ran.err
    return tmp_path


def state(project, manifest):
    """Write the manifest."""
    (project / "m/main.yaml").write_text(manifest)


def stated(project):
    """Return the content of the manifest."""
    return (project / "m/main.yaml").read_text()


def edit(account, name, headers=None, **parts):
    """Change one template on the account, without checks."""
    everything = account.state()
    for row in everything["template"]:
        if row["Name"] == name:
            content = row["detailcontent"]
            row["detailcontent"] = {**content, **parts, "Headers": {**content["Headers"], **(headers or {})}}
    account.load(everything)


def test_what_is_in_sync_is_left_alone(project):
    """Without changes nothing is written, and no template is taken for a new one."""
    before = written(project)
    ran = run("import", "--kind", "templates", at=project)

    assert before == written(project)
    assert ran.out.endswith("The next plan is empty.\n")


def test_a_subject_goes_to_its_locale(project, account):
    """A changed subject changes one line of its locale, comments stay, and the next plan is empty."""
    before = stated(project)
    edit(account, "Order.fr", {"Subject": "Commande reçue"})
    ran = run("import", "--kind", "templates", at=project)

    assert before.replace("Votre commande", "Commande reçue") == stated(project)
    assert ran.out.endswith("The next plan is empty.\n")


@pytest.mark.parametrize(
    ("headers", "parts", "expected"),
    [
        ({"Subject": "Novità"}, {}, "it: {texts: {greeting: Ciao}, subject: Novità}"),
        ({"SenderName": "Negozio", "From": '"Negozio" <shop@example.com>'}, {}, "from: {name: Negozio}}"),
        ({}, {"Text-part": "Testo"}, "it: {texts: {greeting: Ciao}, text: Testo}"),
    ],
)
def test_what_all_share_is_stated_anew_for_one(project, account, headers, parts, expected):
    """A value that all locales share is stated in the locale that differs."""
    edit(account, "Order.it", headers, **parts)
    ran = run("import", "--kind", "templates", at=project)

    assert expected in stated(project)
    assert "from: {name: Shop, email: shop@example.com}\n" in stated(project)
    assert ran.out.endswith("The next plan is empty.\n")


def test_a_body_made_of_texts_is_refused(project, account):
    """A body with texts is refused, since the live words cannot be traced to catalogs; the reason is printed."""
    before = written(project)
    edit(account, "Order.en", **{"Html-part": "<p>Hi there</p>"})
    ran = run("import", "--kind", "templates", at=project)

    assert 3 == ran.code
    assert "template.order.en: html: order.html is left as it is, because it contains texts of locales" in ran.err
    assert "Change the texts in order.en.yaml." in ran.err
    assert before == written(project)


def test_an_inline_body_made_of_texts_is_refused(project, account):
    """An inline body with texts is refused too."""
    state(project, stated(project).replace("text: 'Plain'", "text: '${text.greeting}'"))
    before = written(project)
    ran = run("import", "--kind", "templates", at=project)

    assert 3 == ran.code
    assert 3 == ran.err.count("text: the text is left as it is")
    assert before == written(project)


def test_a_placeholder_that_all_share_is_kept_for_one(project, account):
    """A var whose value is still in the live text is kept."""
    settings = "version: 1\nmanifests: [m]\nenvironments: {one: {vars: {shop: Acme}}}\n"
    (project / "mjsync.yaml").write_text(settings)
    state(project, stated(project).replace("Your order", "'${var.shop} order'"))
    edit(account, "Order.it", {"Subject": "Acme ordine"})
    run("import", "--kind", "templates", "--name", "Order.it", at=project)

    assert "subject: '${var.shop} ordine'}" in stated(project)


@pytest.mark.parametrize(
    ("html", "own"),
    [("<p>edited</p>", "mjml: null\n        html: {file: order.it.html}"), (None, "html: ''\n        mjml: null")],
)
def test_an_edit_in_the_web_editor(project, account, html, own):
    """After an edit in the web editor, one locale removes the shared MJML and states its HTML, if any."""
    manifest = MANIFEST.replace("html: {file: ../order.html, substitute: true}", SOURCE)
    state(project, manifest.replace("{file: ../order.en.yaml}", "{greeting: x}"))
    edit(account, "Order.it", MJMLContent={"tagName": "mjml"}, **{"Html-part": html})
    run("adopt", "template.order.it", at=project)

    assert f"      it:\n        {own}\n" in stated(project)
    assert SOURCE in stated(project)


def test_adopt(project, account):
    """`adopt` takes one locale by its address."""
    edit(account, "Order.en", {"Subject": "Thanks"})
    edit(account, "Order.fr", {"Subject": "Merci"})
    ran = run("adopt", "template.order.fr", at=project)

    assert "Imported 1 object: 0 new, 1 declared already." in ran.out
    assert "subject: Merci\n" in stated(project)
    assert "Thanks" not in stated(project)


def test_layout(project):
    """The result has the layout of `fmt`."""
    state(project, MANIFEST.replace("      fr:  # checked", "      fr:    # checked"))
    run("fmt", at=project)

    assert MANIFEST == stated(project)
