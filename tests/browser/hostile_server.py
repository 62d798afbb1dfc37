"""A server on loopback that counts connections, and a mail that tries everything to connect to it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class HostileServer(socketserver.ThreadingTCPServer):
    """Accepts connections and never answers; `hits` has the first line of each request, empty for a bare connection."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.hits: list[str] = []

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Visit(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.server.hits.append(self.rfile.readline(200).decode("latin-1").strip())
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@contextmanager
def hostile_server() -> Iterator[HostileServer]:
    """Run the server for the duration of a block."""
    with HostileServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def hostile(url: str, size: int = 1_000_000) -> str:
    """Return a mail of so many characters that tries to run code, to load the URL, and to change the page around it."""
    return (
        f"""</iframe></script></template></body></html><script>document.title = "hacked"; fetch("{url}/fetch")</script>
<!doctype html><html manifest="{url}/manifest" background="{url}/html"><head>
<base href="{url}/base/" target="_top">
<meta http-equiv="refresh" content="0;url={url}/refresh"><META HTTP-EQUIV=refresh CONTENT="1; {url}/refresh2">
<meta http-equiv="Content-Security-Policy" content="default-src *">
<link rel="stylesheet" href="{url}/style.css"><link rel=preconnect href="{url}"><LINK rel="dns-prefetch" href="{url}">
<link rel="prefetch" href="{url}/prefetch"><link rel="preload" as="image" href="{url}/preload">
<link rel=icon href={url}/icon><link/rel="prerender"/href="{url}/prerender">
<style>@import url("{url}/import.css"); @font-face {{ font-family: f; src: url("{url}/font.woff2") }}
body {{ font-family: f; background: url({url}/bg.png); position: fixed; inset: -9999px; z-index: 2147483647 }}
p::before {{ content: url("{url}/before.png") }} * {{ cursor: url({url}/cursor.cur), auto }}
:root {{ --x: url({url}/var) ; mask: var(--x) }} li {{ list-style-image: image-set("{url}/li.png" 1x) }}</style></head>
<body onload="fetch('{url}/onload')" background="{url}/body">
<p style="position:fixed;top:0;left:0;width:9999px;height:9999px;background:url('{url}/inline')">Covered</p>
<img src="{url}/img.png" onerror="fetch('{url}/onerror')"><img srcset="{url}/set.png 1x"><img src=x onerror=alert(1)>
<picture><source srcset="{url}/source.png"><img alt=""></picture><input type="image" src="{url}/input">
<svg><script>fetch("{url}/svg")</script><image href="{url}/svg.png" /><use href="{url}/use.svg#x" />
<a href="javascript:fetch('{url}/js')"><text>x</text></a><set attributeName="href" to="{url}/set" /></svg>
<math><mtext><img src="{url}/math.png"></mtext></math>
<iframe src="{url}/iframe"></iframe><iframe srcdoc="<script>fetch('{url}/srcdoc')</script>"></iframe>
<object data="{url}/object"></object><embed src="{url}/embed"><frameset><frame src="{url}/frame"></frameset>
<video src="{url}/video" poster="{url}/poster" autoplay></video><audio src="{url}/audio" autoplay></audio>
<track src="{url}/track"><form action="{url}/form"><button id="send" autofocus>Send</button></form>
<a id="away" href="{url}/click" target="_top" ping="{url}/ping" style="position:fixed;inset:0">Away</a>
<a href="{url}/download" download>Download</a><table background="{url}/table"><tr><td background={url}/td>x</table>
<script src="{url}/script.js"></script><noscript><img src="{url}/noscript.png"></noscript>
<style>/* "</style><script>parent.document.title='hacked'</script>" */</style>
<script>/* </script> */ top.location = "{url}/top"; parent.postMessage("hacked", "*"); alert("hacked")</script>
<!--[if mso]><img src="{url}/mso.png"><![endif]-->"""
        + "<p>filler &lt;script&gt;</p>" * (size // 28)
    )
