"""The real program as a child process, and the few calls that the scripts here make. Standard library only."""
import http.client, json, os, pathlib, signal, socket, sqlite3, subprocess, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "OpsConsole/bin/Release/net10.0/OpsConsole.dll"
BENCH = ROOT / "bench/OpsConsole.Bench/bin/Release/net10.0/OpsConsole.Bench.dll"


class Database:
    """A filled database: a SQLite folder, or a PostgreSQL reached by psql."""

    def __init__(self, folder, postgres=None):
        self.folder, self.postgres = folder, postgres
        where = ["--postgres", self.connection()] if postgres else ["--data", str(folder)]
        made = subprocess.run(["dotnet", BENCH, "seed", *where], capture_output=True, text=True, check=True)
        self.seed = json.loads(made.stdout)

    def connection(self):
        port, name = self.postgres
        return f"Host=127.0.0.1;Port={port};Username=postgres;Database={name}"

    def settings(self):
        own = {"OpsConsole__Data__Directory": str(self.folder), "OpsConsole__Limits__DecisionsPerSecond": "1000000", "OpsConsole__Limits__CallsPerSecond": "1000000", "Logging__LogLevel__Default": "Warning"}
        if self.postgres:
            own |= {"OpsConsole__Data__Provider": "postgres", "ConnectionStrings__Postgres": self.connection()}
        return os.environ | own

    def rows(self, sql):
        """Rows as lists of text; the statements here mean the same to both databases."""
        if self.postgres:
            port, name = self.postgres
            out = subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", name, "-AtF", "\x1f", "-c", sql], capture_output=True, text=True, check=True).stdout
            return [line.split("\x1f") for line in out.splitlines()]
        with sqlite3.connect(f"file:{self.folder}/opsconsole.db?mode=ro", uri=True) as db:
            return [["" if cell is None else str(cell) for cell in row] for row in db.execute(sql)]

    def verify(self):
        return subprocess.run(["dotnet", PROGRAM, "audit", "verify"], env=self.settings(), capture_output=True, text=True)


class Console:
    """One running instance."""

    def __init__(self, database):
        self.database = database
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = None

    def start(self):
        self.process = subprocess.Popen(["dotnet", PROGRAM, "--urls", f"http://127.0.0.1:{self.port}"], env=self.database.settings(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if self.process.poll() is not None:
                raise SystemExit(f"the program ended with {self.process.returncode} instead of starting")
            try:
                if self.call(None, "GET", "/health/ready")[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit("the program is not ready after a minute")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def call(self, key, method, path, body=None, headers=None):
        """Status, parsed body and headers; OSError when there was no whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            head = {"Content-Type": "application/json"} | ({"Authorization": "Bearer " + key} if key else {}) | (headers or {})
            connection.request(method, path, None if body is None else json.dumps(body), head)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else {}, answer.headers
        except (http.client.HTTPException, ValueError) as broken:
            raise ConnectionError(str(broken)) from broken
        finally:
            connection.close()


class Verdict:
    """Prints a line per check; the exit code says whether all held."""

    def __init__(self):
        self.failed = False

    def check(self, name, holds, note=""):
        print(f"  {'ok  ' if holds else 'FAIL'}  {name}{': ' + str(note) if note != '' else ''}", flush=True)
        self.failed |= not holds

    def end(self, name):
        print(f"{name}: {'FAIL' if self.failed else 'PASS'}")
        return 1 if self.failed else 0
