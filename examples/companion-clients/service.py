"""A service of the standard library that leaves together with its pod, and loses nothing on the way."""

import os, signal, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from companion import Companion

PORT, DELAY = int(os.environ.get("PORT", "8080")), float(os.environ.get("DELAY", "5"))
leaving, told, counting = threading.Event(), threading.Event(), threading.Lock()
count = {"inFlight": 0, "served": 0}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        with counting: count["inFlight"] += 1
        try:
            time.sleep(float(parse_qs(urlsplit(self.path).query).get("s", ["0"])[0]))
            self.send_response(200)
            self.send_header("content-length", "6")
            self.end_headers()
            self.wfile.write(b"hello\n")
            with counting: count["served"] += 1
        finally:
            with counting: count["inFlight"] -= 1

    def log_message(self, *_): pass


class Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close() waits for those at work
    request_queue_size = 128


def hear(event):
    if event["type"] == "hello": told.clear()  # a companion that knows nothing yet
    if event["type"] == "lame-duck": companion.tell(ready=False)
    if event["type"] == "cancel": companion.tell(ready=True)
    if event["type"] == "drain": leaving.set()


signal.signal(signal.SIGTERM, lambda *_: leaving.set())
server = Server(("", PORT), Handler)
threading.Thread(target=server.serve_forever, args=(0.05,)).start()
companion = Companion(hear, name="hello", ports=[server.server_port], pid=os.getpid(),
                      budgets={"delayMs": DELAY * 1000, "requestsMs": 15_000, "hooksMs": 0})
companion.start()
print(f"listening on {server.server_port}", flush=True)

last = None
while not leaving.wait(0.1):  # at most ten words a second, and only when there is something to say
    now = dict(count)
    if (now != last or not told.is_set()) and companion.tell(ready=True, **now):
        last = now
        told.set()

companion.tell(ready=False, state="lame-duck", reason="leaving", **count)
end = time.monotonic() + DELAY  # go on serving while balancers notice
while time.monotonic() < end: time.sleep(0.05)
companion.tell(state="draining", **count)
server.shutdown()  # takes no new connection
server.server_close()  # waits for the requests in flight
companion.tell(state="closing", **count)
companion.bye(verdict="clean", exitCode=0, requests={"served": count["served"], "dropped": 0})
