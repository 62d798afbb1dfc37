"""A client of the YAML language server, as an editor has one: JSON-RPC over stdin and stdout."""

import json
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SECONDS = 120
"""After this time the server is ended, so that no test waits for ever."""
SETTINGS = {"yaml": {"completion": True, "hover": True, "validate": True, "schemaStore": {"enable": False}}}


class LanguageServer:
    """One language server with one folder open; end it with `close`."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["node", program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._watchdog = threading.Timer(SECONDS, self._process.kill)
        self._watchdog.start()
        self._number = 0
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        """Address of a file to the newest findings in it."""
        capabilities = {
            "textDocument": {"hover": {"contentFormat": ["markdown"]}},
            "workspace": {"configuration": True},
        }
        self.request("initialize", processId=None, rootUri=folder.as_uri(), capabilities=capabilities)
        self._send({"method": "initialized", "params": {}})
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": SETTINGS}})

    def open(self, path: Path, text: str) -> None:
        """Open a file with a text, which need not be the one on disk."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})

    def at(self, method: str, path: Path, line: int, column: int) -> Any:
        """Send a request about a position in a file; line and column begin at 0."""
        position = {"line": line, "character": column}
        return self.request(f"textDocument/{method}", textDocument={"uri": path.as_uri()}, position=position)

    def request(self, method: str, **params: Any) -> Any:
        """Send a request, and return its result."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def wait_for_diagnostics(self, path: Path) -> list[dict[str, Any]]:
        """Return the findings in a file once the server has looked at it."""
        while path.as_uri() not in self.diagnostics:
            self._receive()
        return self.diagnostics[path.as_uri()]

    def close(self) -> None:
        """End the server."""
        self._watchdog.cancel()
        self._process.kill()
        self._process.communicate()

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        assert stream
        stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        stream.flush()

    def _receive(self) -> dict[str, Any]:
        """Read one message; answer it if the server requests something."""
        stream = self._process.stdout
        assert stream
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server ended"
        message: dict[str, Any] = json.loads(stream.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            items = message.get("params", {}).get("items", [])
            result = [SETTINGS.get(item.get("section"), {}) for item in items] if items else None
            self._send({"id": message["id"], "result": result})
        return message
