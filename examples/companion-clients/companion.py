"""A client of `graceful companion`: the standard library, and nothing that holds up its program."""

import http.client, json, os, socket, threading, time


class Control(http.client.HTTPConnection):
    """HTTP over the companion's Unix socket."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.environ.get("GRACEFUL_COMPANION", "/run/graceful/control.sock"))


class Companion(threading.Thread):
    def __init__(self, hear, **who):
        """Once started, registers as `who`, and anew if need be; calls `hear(event)` with what the companion says."""
        super().__init__(daemon=True)
        self.hear, self.who, self.me = hear, who, None

    def ask(self, method, path, body=None, timeout=1):
        control, me = Control("companion", timeout=timeout), self.me or {}
        head = {"content-type": "application/json", "authorization": f"Bearer {me.get('token')}"}
        control.request(method, path, None if body is None else json.dumps(body), head)
        answer = control.getresponse()
        if answer.status in (401, 404, 409): self.me = None  # a companion that knows nothing of us: register anew
        return answer

    def run(self):
        while True:
            try:
                me = json.load(self.ask("POST", "/v1/instances", {**self.who, **(self.me or {})}))
                self.me = {"id": me["id"], "token": me["token"]}
                for line in self.ask("GET", f"/v1/instances/{me['id']}/stream", timeout=None):
                    self.hear(json.loads(line))
            except (OSError, ValueError, KeyError, http.client.HTTPException): pass  # nobody there: live without
            time.sleep(0.5)

    def tell(self, path="", method="PATCH", **update):
        """Tell how things are: ready=, state=, inFlight=, served=. Says whether it was heard."""
        try: return bool(self.me) and self.ask(method, f"/v1/instances/{self.me['id']}{path}", update).status == 200
        except (OSError, TypeError, http.client.HTTPException): return False

    def bye(self, **report):
        return self.tell("/bye", "POST", report=report)
