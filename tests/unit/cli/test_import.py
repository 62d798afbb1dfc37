"""`mjsync import`: an account as manifests; the next plan is empty."""

import subprocess

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run, written

HTML = "\ufeff<p>{{var:number}}</p>\r\nlast line without an end"


@pytest.fixture
def emulator(monkeypatch):
    """An account with one object of each kind."""
    with Emulator(account=777) as emulator:
        emulator.insert("contactslist", {"Name": "Weekly newsletter"})
        emulator.insert("contactfilter", {"Name": "Adults", "Expression": "(age>17)"})
        emulator.insert(
            "template",
            {
                "Name": "Order confirmation",
                "Purposes": ["transactional"],
                "detailcontent": {"Html-part": HTML, "Headers": {"Subject": "Order {{var:number}}"}},
            },
        )
        emulator.insert(
            "eventcallbackurl",
            {"EventType": "bounce", "Url": "https://user:hunter2pass@hooks.example.com/mj?token=s3cr3t-token"},
        )
        emulator.insert("parseroute", {"Email": "help@in.example.com", "Url": "https://hooks.example.com/in"})
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture
def imported(emulator, tmp_path):
    """A folder with the imported account."""
    assert 0 == run("import", at=tmp_path).code
    return tmp_path


def set_url(emulator, url):
    """Change the URL of the bounce webhook on the account."""
    row = emulator.rows("eventcallbackurl")[0]
    state = emulator.state()
    state["eventcallbackurl"] = [{**row, "Url": url}]
    emulator.load(state)


def set_content(emulator, **parts):
    """Change the content of the template on the account, without checks."""
    state = emulator.state()
    for row in state["template"]:
        if row["Name"] == "Order confirmation":
            row["detailcontent"] = {**row["detailcontent"], **parts}
    emulator.load(state)


def test_the_next_plan_is_empty(emulator, tmp_path):
    """Import makes a plan with the files that it wrote, and prints that it is empty."""
    assert run("import", at=tmp_path).out.endswith("The next plan is empty.\n")


def test_a_description_with_blanks_around_it_is_written_without(imported, emulator):
    """Outer blanks do not count, and a manifest may not have them, so that an update of an entry leaves them out."""
    file = imported / "manifests/templates/order-confirmation.yaml"
    file.write_text(f"{file.read_text()}    description: old\n")
    state = emulator.state()
    for row in state["template"]:
        row["Description"] = " for orders "
    emulator.load(state)
    ended = run("import", at=imported)

    assert (0, True) == (ended.code, ended.out.endswith("The next plan is empty.\n")), ended.err
    assert "    description: for orders\n" in file.read_text()


def test_reading_is_pages_and_one_request_a_body(emulator, tmp_path):
    """The plan behind an import makes no further request; a second import makes as many as the first."""
    emulator.load({"template": [{"ID": number, "Name": f"t{number}"} for number in range(1, 31)]})
    for _ in range(2):
        emulator.clear_requests()
        run("import", at=tmp_path)
        paths = [request.path for request in emulator.requests]

        assert 30 == sum("detailcontent" in path for path in paths)
        assert len(paths) == len(set(paths))


def test_the_layout_is_one_file_a_kind(imported):
    """Each kind has one file; each template has a file of its own, with its bodies beside it."""
    expected = {
        "mjsync.yaml",
        "manifests/properties.yaml",
        "manifests/lists.yaml",
        "manifests/segments.yaml",
        "manifests/webhooks.yaml",
        "manifests/parse_routes.yaml",
        "manifests/templates/order-confirmation.yaml",
        "manifests/templates/order-confirmation.html",
    }

    assert expected == set(written(imported))


def test_the_project_file_shows_the_account_s_own_pin(imported):
    """The project file has the account's pin in a comment."""
    assert "#     account: 777  #" in (imported / "mjsync.yaml").read_text()


def test_bodies_are_kept_byte_for_byte(imported):
    """Line ends, byte order mark and a missing last line end of a body are kept."""
    assert HTML.encode() == (imported / "manifests/templates/order-confirmation.html").read_bytes()


def test_a_second_import_changes_nothing(imported):
    """A second import changes no byte."""
    before = written(imported)
    run("import", at=imported)

    assert before == written(imported)


def test_credentials_never_reach_a_file_or_the_terminal(emulator, tmp_path):
    """Credentials become variables, which are listed at the end."""
    ran = run("import", at=tmp_path)
    everything = b"".join(written(tmp_path).values()).decode() + ran.out + ran.err

    assert "hunter2" not in everything
    assert "s3cr3t" not in everything
    assert "WEBHOOK_BOUNCE_LOGIN" in ran.out
    assert "WEBHOOK_BOUNCE_TOKEN" in ran.out


def test_a_credential_in_a_mail_is_named(emulator, tmp_path):
    """Bodies are kept byte for byte, so a link with a password in it is a warning."""
    set_content(emulator, **{"Html-part": "<a href='https://user:hunter2pass@wiki.example.com/'>wiki</a>"})
    ran = run("import", "--kind", "templates", at=tmp_path)

    assert "template.order-confirmation: html: a link contains what looks like a credential" in ran.err
    assert "hunter2pass" not in ran.out + ran.err


def set_headers(emulator, headers):
    """Change the headers of the template on the account, except for its subject."""
    set_content(emulator, Headers={"Subject": "Order {{var:number}}", **headers})


@pytest.mark.parametrize(
    "header", ["X-Token", "Authorization", "X-Api-Key", "X-Hook-Secret", "x-auth-token", "Proxy-Authorization"]
)
def test_a_secret_header_never_reaches_a_file(emulator, tmp_path, header):
    """The value of a header with a secret name becomes a placeholder."""
    set_headers(emulator, {header: "Bearer abcdefgh12345678"})
    result = run("import", at=tmp_path)
    text = (tmp_path / "manifests/templates/order-confirmation.yaml").read_text()
    variable = f"TEMPLATE_ORDER_CONFIRMATION_{header.upper().replace('-', '_')}"

    assert "abcdefgh" not in text + result.out + result.err
    assert f"${{env.{variable}}}" in text
    assert variable in result.out


@pytest.mark.parametrize("headers", [{"X-Token": "{{var:token}}"}, {"X-Campaign": "orders"}, {"X-Tokens-Used": "5"}])
def test_other_headers_are_written_as_they_are(emulator, tmp_path, headers):
    """A header made by template language, or with another name, is written as it is."""
    set_headers(emulator, headers)
    run("import", at=tmp_path)

    assert next(iter(headers.values())) in (tmp_path / "manifests/templates/order-confirmation.yaml").read_text()


def test_a_secret_header_that_changed_never_reaches_a_file(emulator, tmp_path):
    """A changed secret header is not written, also where the entry has an older value in plain text."""
    set_headers(emulator, {"X-Token": "old-value"})
    run("import", at=tmp_path)
    file = tmp_path / "manifests/templates/order-confirmation.yaml"
    file.write_text(file.read_text().replace("'${env.TEMPLATE_ORDER_CONFIRMATION_X_TOKEN}'", "old-value"))
    set_headers(emulator, {"X-Token": "abcdefgh12345678"})
    run("import", at=tmp_path)

    assert "headers: {X-Token: '${env.TEMPLATE_ORDER_CONFIRMATION_X_TOKEN}'}" in file.read_text()


def test_a_value_that_no_manifest_accepts_is_left_out(emulator, tmp_path):
    """A template with an invalid reply address is imported without it, and the field is named."""
    set_headers(emulator, {"Reply-To": "nobody"})
    ran = run("import", at=tmp_path)

    assert "template.order-confirmation: reply_to: 'nobody' is not an address" in ran.err
    assert "reply_to" not in (tmp_path / "manifests/templates/order-confirmation.yaml").read_text()
    assert ran.out.endswith("The next plan is empty.\n")


def test_the_plan_is_empty_once_the_variables_are_set(imported, monkeypatch):
    """With the variables set, the plan for the imported files is empty."""
    monkeypatch.setenv("WEBHOOK_BOUNCE_LOGIN", "user:hunter2pass")
    monkeypatch.setenv("WEBHOOK_BOUNCE_TOKEN", "s3cr3t-token")

    assert 0 == run("plan", "--exit-code", at=imported).code


def test_only_a_kind(emulator, tmp_path):
    """`--kind` takes a section or a kind."""
    run("import", "--kind", "templates", "--kind", "list", at=tmp_path)

    assert not (tmp_path / "manifests/segments.yaml").exists()
    assert (tmp_path / "manifests/lists.yaml").exists()
    assert (tmp_path / "manifests/templates/order-confirmation.yaml").exists()


def test_only_a_name(emulator, tmp_path):
    """`--name` is a glob on remote names."""
    run("import", "--name", "Week*", at=tmp_path)

    assert {"mjsync.yaml", "manifests/lists.yaml"} == set(written(tmp_path))


def test_a_kind_that_is_none_is_wrong_use(emulator, tmp_path):
    """An unknown kind is wrong use; the message lists the kinds."""
    ran = run("import", "--kind", "templetes", at=tmp_path)

    assert 2 == ran.code
    assert "did you mean 'templates'" in ran.err


def test_into_a_folder_that_is_not_read_is_wrong_use(imported):
    """A folder that the project does not read is wrong use."""
    assert 2 == run("import", "--into", "elsewhere", at=imported).code


def test_a_new_object_joins_the_file_of_its_kind(imported, emulator):
    """A new entry is added at the end of the file of its kind."""
    file = imported / "manifests/lists.yaml"
    file.write_text("# ours\n" + file.read_text())
    before = file.read_text()
    emulator.insert("contactslist", {"Name": "VIP"})
    run("import", at=imported)

    assert before + "  VIP: {}\n" == file.read_text()


def test_only_the_changed_value_changes(imported, emulator):
    """Comments, anchors, order, quotes and blanks of a file are kept when one value changes."""
    file = imported / "manifests/segments.yaml"
    file.write_text(
        "# who we write to\n"
        "segments:\n"
        "  grown-ups:   # eighteen and up\n"
        "    expression: '(age>17)'   # by law\n"
        '    name:   &name "Adults"\n'
        "  other: {name: Other, description: *name, expression: '(a=1)'}\n"
    )
    emulator.insert("contactfilter", {"Name": "Other", "Expression": "(a=1)", "Description": "Adults"})
    state = emulator.state()
    state["contactfilter"][0]["Expression"] = "(age>20)"
    emulator.load(state)
    before = file.read_text()
    ran = run("import", at=imported)

    assert before.replace("(age>17)", "(age>20)") == file.read_text()
    assert ran.out.endswith("The next plan is empty.\n")


def test_git_shows_one_changed_line(imported, emulator):
    """`git diff` of the whole project shows one changed line."""
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=imported, check=True)
    state = emulator.state()
    state["contactfilter"][0]["Expression"] = "(age>20)"
    emulator.load(state)
    run("import", at=imported)
    diff = subprocess.run(["git", "diff", "-U0"], cwd=imported, check=True, capture_output=True, text=True).stdout
    changed = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]

    assert ["-  Adults: {expression: (age>17)}", "+  Adults: {expression: (age>20)}"] == changed


def test_a_rotated_token_keeps_its_placeholder(imported, emulator):
    """A changed token keeps its placeholder in the manifest; the variable is named."""
    before = written(imported)
    set_url(emulator, "https://user:hunter2pass@hooks.example.com/mj?token=rotated-token")
    ran = run("import", at=imported)

    assert before == written(imported)
    assert "WEBHOOK_BOUNCE_TOKEN" in ran.out


def test_a_variable_that_holds_the_value_is_not_asked_for(imported, monkeypatch):
    """Only variables that must be set are listed."""
    monkeypatch.setenv("WEBHOOK_BOUNCE_LOGIN", "user:hunter2pass")
    monkeypatch.setenv("WEBHOOK_BOUNCE_TOKEN", "s3cr3t-token")

    assert "WEBHOOK_BOUNCE" not in run("import", at=imported).out


def test_a_changed_body_is_taken(imported, emulator):
    """The file of a changed body gets the live bytes."""
    set_content(emulator, **{"Html-part": "<p>new</p>"})
    run("import", at=imported)

    assert b"<p>new</p>" == (imported / "manifests/templates/order-confirmation.html").read_bytes()


def test_a_body_file_that_others_use_is_left_alone(imported, emulator):
    """A body file that several entries use is not changed; a warning names it, and the exit code is not 0."""
    (imported / "manifests/copy.yaml").write_text(
        "templates:\n  copy: {html: {file: templates/order-confirmation.html}}\n"
    )
    set_content(emulator, **{"Html-part": "<p>new</p>"})
    ran = run("import", at=imported)

    assert 3 == ran.code
    assert "template.copy uses it too" in ran.err
    assert HTML.encode() == (imported / "manifests/templates/order-confirmation.html").read_bytes()


def test_an_edit_in_the_web_editor_takes_the_place_of_mjml(imported, emulator):
    """After an edit in the web editor the entry states the HTML instead of the MJML."""
    file = imported / "manifests/templates/order-confirmation.yaml"
    file.write_text("templates:\n  order:\n    name: Order confirmation\n    mjml: {file: o.mjml}  # source\n")
    (imported / "manifests/templates/o.mjml").write_text("<mjml></mjml>")
    set_content(emulator, MJMLContent={"tagName": "mjml"}, **{"Html-part": "<p>edited</p>"})
    ran = run("import", at=imported)

    assert (
        "templates:\n  order:\n    name: Order confirmation\n    html: {file: order.html}  # source\n"
        == file.read_text()
    )
    assert b"<p>edited</p>" == (imported / "manifests/templates/order.html").read_bytes()
    assert "web editor" in ran.err
    assert "No manifest names manifests/templates/o.mjml any more." in ran.err


def test_a_broken_manifest_stops_the_import(imported):
    """An import stops where manifests cannot be read."""
    (imported / "manifests/lists.yaml").write_text("lists: [")
    before = written(imported)

    assert 4 == run("import", at=imported).code
    assert before == written(imported)


def test_an_import_that_fails_leaves_nothing(emulator, tmp_path):
    """Files that were prepared while bodies were read are removed where one of these cannot be read."""
    emulator.insert("template", {"Name": "Last", "detailcontent": {"Html-part": "<p>"}})
    number = next(row["ID"] for row in emulator.rows("template") if row["Name"] == "Last")
    emulator.fault(f"400:GET:/v3/REST/template/{number}/detailcontent:times=all")

    assert 1 == run("import", at=tmp_path).code
    assert [] == list(tmp_path.iterdir())


def test_an_object_that_no_manifest_takes_is_named(emulator, tmp_path):
    """An object that no manifest can state is named; everything else is imported."""
    state = emulator.state()
    state["contactmetadata"].append({"ID": 99, "Name": "shoe size", "Datatype": "int", "NameSpace": "static"})
    emulator.load(state)
    ran = run("import", at=tmp_path)

    assert 0 == ran.code
    assert "property.shoe size" in ran.err


def test_what_is_declared_and_not_live_is_said(imported):
    """Import never removes an entry; one that is not live is named."""
    (imported / "manifests/more.yaml").write_text("lists: {gone: {}}\n")
    ran = run("import", at=imported)

    assert 0 == ran.code
    assert "other changes: create list.gone" in ran.out


def test_variables_of_what_is_not_imported_may_be_unset(imported):
    """Unset variables of kinds that are not imported are a warning."""
    ran = run("import", "--kind", "lists", at=imported)

    assert 0 == ran.code
    assert "WEBHOOK_BOUNCE_TOKEN" in ran.err


def test_a_name_that_is_declared_in_another_case_is_named(imported, emulator):
    """A property whose name differs in case from a declared one is named and not imported."""
    (imported / "manifests/properties.yaml").write_text("properties:\n  AGE: int\n")
    emulator.insert("contactmetadata", {"Name": "age", "Datatype": "int"})
    ran = run("import", "--kind", "properties", "--name", "age", at=imported)

    assert 0 == ran.code
    assert "property.age: is not imported" in ran.err
