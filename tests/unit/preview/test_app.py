"""The gallery's pages: their content, the hosts they answer, and the isolation of mails."""

import re

import pytest
from werkzeug.test import Client

from mjsync.cli.commands.preview import preview_app

MANIFEST = """\
templates:
  order:
    description: Sent when paid
    from: {name: Shop, email: shop@example.com}
    subject: 'Order {{var:number}}'
    html: {file: ../order.html}
    text: auto
    variables: {number: {type: str, example: A-1}}
  bare: {subject: '<i>Bare</i>'}
"""
HTML = '<p>Order {{var:number}}</p>\n<a href="http://shop.example.com">See</a><img src="https://cdn.example.com/a.png">'


@pytest.fixture
def project(tmp_path):
    """A project with a template that has a finding."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\nenvironments: {one: {}, two: {}}\n")
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.yaml").write_text(MANIFEST)
    (tmp_path / "order.html").write_text(HTML)
    return tmp_path


def visitor(project, *, with_images=False):
    """A client of the gallery."""
    return Client(preview_app(str(project), None, with_images=with_images))


def seen(project, path="/"):
    """Return a page as text."""
    return visitor(project).get(path, headers={"Host": "localhost"}).text


def test_an_error_in_a_part_is_shown_at_the_part(project):
    """A variable that is missing inside a part is reported at the part's file."""
    (project / "m/main.yaml").write_text(
        MANIFEST.replace("file: ../order.html", "file: ../order.html, substitute: true")
    )
    (project / "m/parts.yaml").write_text("parts: {f: {file: ../f.html}}\n")
    (project / "f.html").write_text("<i>\n {{var:absent}}</i>\n")
    (project / "order.html").write_text("<p>a\nb</p>${part.f}")

    assert "f.html:2:2" in seen(project, "/template/order")


def test_wall_shows_every_template(project):
    """The first page has the link and the subject of each template, as text."""
    page = seen(project)

    assert {"order", "bare"} == set(re.findall(r'href="/template/([^"]+)"', page))
    assert "<p>Order A-1</p>" in page
    assert "<p>&lt;i&gt;Bare&lt;/i&gt;</p>" in page


@pytest.mark.parametrize(
    "part",
    [
        '<dd class="subject">Order A-1</dd>',
        '<dd class="preheader">Order A-1 See</dd>',
        "<dd>Shop shop@example.com</dd>",
        "<dd>110 B</dd>",
        '<pre class="view-text" data-live tabindex="0">Order A-1\n',
        "&lt;p&gt;Order {{var:number}}&lt;/p&gt;",
        "MJS205</strong>\nhttp://shop.example.com is not https. Write https://.\n<code>order.html:2:10</code>",
    ],
)
def test_template_shows(project, part):
    """A page of a template has its mail, text, source and findings."""
    assert part in seen(project, "/template/order")


def test_findings_of_a_made_text_are_those_of_the_html(project):
    """A finding in HTML that the text is made from is shown once."""
    (project / "order.html").write_text("{{var:number}} {{ wrong")

    assert 1 == seen(project, "/template/order").count("MJS101</strong>")


def test_mails_stand_in_frames_that_can_do_nothing(project):
    """Frames have a sandbox without permissions, and no address."""
    frames = re.findall(r"<iframe([^>]*?)srcdoc=", seen(project) + seen(project, "/template/order"))

    assert 2 == len(frames)
    assert all(' sandbox="" ' in frame and " src=" not in frame for frame in frames)


@pytest.mark.parametrize(("with_images", "count"), [(False, 0), (True, 2)])
def test_images_are_loaded_only_where_asked_for(project, with_images, count):
    """Images are loaded only when switched on, by the policies of page and frame."""
    answer = visitor(project, with_images=with_images).get("/template/order", headers={"Host": "127.0.0.1"})
    policies = answer.headers["Content-Security-Policy"] + answer.text

    assert count == policies.count("img-src data: https: http:")
    assert 2 == policies.count("default-src &#39;none&#39;") + policies.count("default-src 'none'")


@pytest.mark.parametrize("host", ["localhost:8026", "127.0.0.1:1", "[::1]:80", "LOCALHOST"])
def test_own_names_are_answered(project, host):
    """Loopback names are answered, at any port."""
    assert 200 == visitor(project).get("/revision", headers={"Host": host}).status_code


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1@evil.example", "[", ""])
@pytest.mark.parametrize("path", ["/", "/revision", "/template/order", "/gallery.js"])
def test_foreign_names_are_refused(project, host, path):
    """Other host names are refused, since a web site can resolve them to loopback."""
    answer = visitor(project).get(path, headers={"Host": host})

    assert 403 == answer.status_code
    assert "order" not in answer.text


def test_nothing_can_be_posted(project):
    """POST is refused."""
    assert 405 == visitor(project).post("/", headers={"Host": "localhost"}).status_code


@pytest.mark.parametrize("path", ["/template/none", "/order", "/template/", "/gallery.html.j2"])
def test_what_is_not_there(project, path):
    """Other addresses are a 404, in a page that reloads."""
    answer = visitor(project).get(path, headers={"Host": "localhost"})

    assert 404 == answer.status_code
    assert "gallery.js" in answer.text


def test_revision_follows_the_files(project):
    """The revision changes when a body is saved, added or removed; the page has it."""
    guest = visitor(project)

    def revision():
        return guest.get("/revision", headers={"Host": "localhost"}).text

    first = revision()
    assert [first] == re.findall('data-revision="(.*?)"', seen(project))
    assert first == revision()
    (project / "order.html").write_text("<p>Longer than before, by far: " + HTML)
    second = revision()
    (project / "m/more.yaml").write_text("templates: {}\n")
    assert 3 == len({first, second, revision()})


def test_a_saved_body_is_shown(project):
    """A saved body is shown without a restart."""
    guest = visitor(project)
    guest.get("/", headers={"Host": "localhost"})
    (project / "m/main.yaml").write_text("templates: {fresh: {subject: Fresh and new}}\n")
    page = guest.get("/", headers={"Host": "localhost"}).text

    assert "Fresh and new" in page
    assert "Order A-1" not in page


def test_broken_manifests_are_told_in_the_page(project):
    """Errors of manifests are shown with their location, and every page reloads once they are corrected."""
    (project / "m/main.yaml").write_text("templates: {a: {sbject: x}}\n")
    page = seen(project, "/template/order")

    assert "The manifests cannot be read" in page
    assert "<code>m/main.yaml:1:17</code>" in page
    assert "gallery.js" in page


def test_secrets_are_masked(project, monkeypatch):
    """A value of the environment is on no page."""
    monkeypatch.setenv("WHO", "very-secret-person")
    (project / "m/main.yaml").write_text("templates: {a: {description: '${env.WHO}', subject: x}}\n")

    assert "very-secret-person" not in seen(project, "/template/a")
    assert "***" in seen(project, "/template/a")


def test_findings_stand_beside_their_own_template(project):
    """Findings are shown on the page of their template only."""
    page = seen(project, "/template/bare")

    assert "MJS209</strong>" in page
    assert "MJS205</strong>" not in page


@pytest.fixture
def spoken(project):
    """The project with a template in two languages."""
    (project / "fr.yaml").write_text("hello: Bonjour\n")
    (project / "hello.html").write_text("<p>${text.hello}</p>")
    (project / "m/hello.yaml").write_text(
        "templates:\n  hello:\n    html: {file: ../hello.html, substitute: true}\n    locales:\n"
        "      en: {subject: Hello, texts: {hello: Hello}}\n      fr: {subject: Salut, texts: {file: ../fr.yaml}}\n"
    )
    return project


def test_locales_hang_side_by_side(spoken):
    """All locales are on one card and one page, each with its own mail; findings of all are counted."""
    wall, page = seen(spoken), seen(spoken, "/template/hello")

    assert 1 == len(re.findall('<a href="/template/hello">hello</a>', wall.partition("<main>")[2]))
    assert ["en", "fr"] == re.findall('<section aria-label="(.*?)">', page)
    assert ["The mail in en", "The mail in fr"] == re.findall('<iframe title="(.*?)"', page)
    assert '<span class="badge warning">4 warnings</span>' in page


def test_one_locale_has_a_page_of_its_own(spoken):
    """A page of one locale shows it alone, with its source."""
    page = seen(spoken, "/template/hello.fr")

    assert ["The mail"] == re.findall('<iframe title="(.*?)"', page)
    assert "&lt;p&gt;Bonjour&lt;/p&gt;" in page
    assert "Hello" not in page.partition("<main>")[2]


def test_a_saved_catalog_is_shown(spoken):
    """A saved catalog is shown, since all files that were read are watched."""
    guest = visitor(spoken)
    guest.get("/", headers={"Host": "localhost"})
    (spoken / "fr.yaml").write_text("hello: Bonsoir à tous\n")

    assert "Bonsoir à tous" in guest.get("/template/hello", headers={"Host": "localhost"}).text


@pytest.mark.parametrize(
    ("file", "is_watched"),
    [
        ("order.html", True),
        ("mjsync.yaml", True),
        ("m/deep/new.yaml", True),
        ("m/notes.txt", False),
        ("build/out.yaml", False),
        ("other.html", False),
    ],
)
def test_only_what_was_read_is_watched(project, file, is_watched):
    """A file beside the manifests does not reload the page; a new manifest does."""
    guest = visitor(project)

    def revision():
        return guest.get("/revision", headers={"Host": "localhost"}).text

    before = revision()
    target = project / file
    target.parent.mkdir(exist_ok=True)
    target.write_text((target.read_text() if target.exists() else "lists: {}") + "\n# anew\n")

    assert is_watched == (before != revision())


def test_a_missing_body_is_watched(project):
    """A missing body is shown once it exists."""
    (project / "order.html").unlink()
    guest = visitor(project)
    assert "cannot be read" in guest.get("/", headers={"Host": "localhost"}).text
    (project / "order.html").write_text(HTML)

    assert "Order A-1" in guest.get("/", headers={"Host": "localhost"}).text


CASES = """\
templates:
  order:
    subject: 'Order {{var:number}} {{data:city:"nowhere"}}'
    html: {file: ../order.html}
    variables: {number: {type: str, example: A-1}, lines: {type: list, example: [1, 2]}}
    tests:
      - {name: in Lyon, with: {number: T-9}, contact: {city: Lyon}}
properties: {city: str}
"""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "Order A-1 nowhere"),
        ("?case=in+Lyon", "Order T-9 Lyon"),
        ("?var.number=B-7", "Order B-7 nowhere"),
        ("?case=in+Lyon&var.number=%3Cscript%3E", "Order &lt;script&gt; Lyon"),
        ("?case=none", "Order A-1 nowhere"),
    ],
)
def test_entered_values(project, query, expected):
    """A mail can be filled with a test case, or with values of the form; text is escaped."""
    (project / "m/main.yaml").write_text(CASES)
    page = seen(project, f"/template/order{query}")

    assert f'<dd class="subject">{expected}</dd>' in page


def test_form(project):
    """The form has each variable with its value, JSON for lists, and the names of the test cases."""
    (project / "m/main.yaml").write_text(CASES)
    page = seen(project, "/template/order")

    assert ['name="var.number" value="A-1"', ">[1, 2]</textarea>", "<option>in Lyon</option>"] == [
        part
        for part in ('name="var.number" value="A-1"', ">[1, 2]</textarea>", "<option>in Lyon</option>")
        if part in page
    ]


def test_message(project):
    """A mail can be downloaded as .eml, with the values of the form."""
    answer = visitor(project).get("/eml/order?var.number=B-7", headers={"Host": "localhost"})

    assert ("message/rfc822", 'attachment; filename="order.eml"') == (
        answer.mimetype,
        answer.headers["Content-Disposition"],
    )
    assert "Subject: Order B-7" in answer.text
