"""Bare loops: the same requests or files as a command of mjsync, and nothing else.

    python -m tests.benchmarks.bare NAME ARGUMENT…

Each is a function here, and runs in a process of its own with the variables of an emulator.
"""

import asyncio
import json
import os
import sys
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

LISTINGS = ("contactslist", "contactmetadata", "contactfilter", "eventcallbackurl", "parseroute", "sender")
TEMPLATES = "template?OwnerType=apikey&Limit=1000&Offset="


def _login() -> str:
    pair = f"{os.environ['MJ_APIKEY_PUBLIC']}:{os.environ['MJ_APIKEY_PRIVATE']}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def raw(concurrency: str) -> None:
    """Read an account with hand-written HTTP on asyncio: the listings, then each content."""
    url, login = urlsplit(os.environ["MJSYNC_BASE_URL"]), _login()

    async def worker(paths: list[str], rows: list[dict]) -> None:
        reader, writer = await asyncio.open_connection(url.hostname, url.port, limit=2**20)
        while paths:
            head = f"GET /v3/REST/{paths.pop()} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: {login}\r\n\r\n"
            writer.write(head.encode())
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(answer.partition(b"content-length:")[2].partition(b"\r\n")[0])
            rows += json.loads(await reader.readexactly(length))["Data"]
        writer.close()

    async def read(paths: list[str]) -> list[dict]:
        rows: list[dict] = []
        await asyncio.gather(*(worker(paths, rows) for _ in range(min(int(concurrency), len(paths)))))
        return rows

    async def main() -> None:
        templates, offset = [], 0
        others = [f"{path}?Limit=1000" for path in LISTINGS] + [f"apikey/{os.environ['MJ_APIKEY_PUBLIC']}"]
        while page := await read([f"{TEMPLATES}{offset}"]):
            templates, offset = templates + page, offset + len(page)
            if len(page) < 1000:
                break
        await read([*others, *(f"template/{row['ID']}/detailcontent" for row in templates)])

    asyncio.run(main())


def tuned(concurrency: str, folder: str) -> None:
    """Read manifests with the C parser and bodies, then the account with a httpx client for each thread; compare."""
    import httpx
    from ruamel.yaml import YAML

    loader, manifests, mine = YAML(typ="safe"), {}, threading.local()
    for file in sorted(Path(folder, "manifests").glob("*.yaml")):
        manifests |= loader.load(file.read_text()).get("templates", {})
    bodies = {name: Path(folder, "manifests", f"{name}.html").read_text() for name in manifests}
    base, headers = f"{os.environ['MJSYNC_BASE_URL']}/v3/REST/", {"Authorization": _login()}

    def get(path: str) -> list[dict]:
        if not hasattr(mine, "client"):
            mine.client = httpx.Client(base_url=base, headers=headers, verify=False, trust_env=False)  # noqa: S501
        return mine.client.get(path).json()["Data"]

    with ThreadPoolExecutor(int(concurrency)) as pool:
        others = [*(f"{path}?Limit=1000" for path in LISTINGS), f"apikey/{os.environ['MJ_APIKEY_PUBLIC']}"]
        pending = [pool.submit(get, path) for path in others]
        rows = []
        while len(page := get(f"{TEMPLATES}{len(rows)}")) == 1000:
            rows += page
        rows += page
        contents = pool.map(get, (f"template/{row['ID']}/detailcontent" for row in rows))
        for row, (content,) in zip(rows, contents, strict=True):
            assert content["Html-part"] == bodies.get(row["Name"], content["Html-part"])
        for each in pending:
            each.result()


def imported(concurrency: str, folder: str) -> None:
    """Read the account, and write as many files as an import does."""
    raw(concurrency)
    source, target = Path(folder, "manifests"), Path(folder, "copy")
    target.mkdir(exist_ok=True)
    for file in source.iterdir():
        (target / file.name).write_text(file.read_text())


def created(concurrency: str, templates: str, size: str) -> None:
    """Create the objects of an account with a httpx client for each thread; a template is two calls in a row."""
    import httpx

    from tests.benchmarks.account import account

    mine = threading.local()
    base, headers = f"{os.environ['MJSYNC_BASE_URL']}/v3/REST/", {"Authorization": _login()}

    def post(path: str, body: dict) -> dict:
        if not hasattr(mine, "client"):
            mine.client = httpx.Client(base_url=base, headers=headers, verify=False, trust_env=False)  # noqa: S501
        answer = mine.client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()["Data"][0]

    def create(endpoint: str, row: dict) -> None:
        content = row.pop("detailcontent", None)
        made = post(endpoint, row)
        if content:
            post(f"template/{made['ID']}/detailcontent", content)

    rows = account(int(templates), int(size))
    with ThreadPoolExecutor(int(concurrency)) as pool:
        endpoints = ("contactmetadata", "contactslist", "template", "contactfilter", "eventcallbackurl", "parseroute")
        for pending in [pool.submit(create, endpoint, row) for endpoint in endpoints for row in rows[endpoint]]:
            pending.result()


def official(count: str) -> None:
    """Read so many templates with Mailjet's own client, one after the other, as its examples do."""
    from mailjet_rest import Client

    keys = (os.environ["MJ_APIKEY_PUBLIC"], os.environ["MJ_APIKEY_PRIVATE"])
    client = Client(auth=keys, version="v3", api_url=f"{os.environ['MJSYNC_BASE_URL']}/")
    for resource in LISTINGS:
        getattr(client, resource).get(filters={"Limit": "1000"}).json()
    rows = client.template.get(filters={"OwnerType": "apikey", "Limit": "1000"}).json()["Data"]
    for row in rows[: int(count)]:
        assert client.template_detailcontent.get(id=row["ID"]).json()["Data"]


def parsed(folder: str) -> None:
    """Read all files of a project and parse its YAML with the C parser: the least that `validate` does."""
    from ruamel.yaml import YAML

    loader = YAML(typ="safe")
    for file in sorted(Path(folder, "manifests").iterdir()):
        text = file.read_text()
        if file.suffix == ".yaml":
            loader.load(text)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
