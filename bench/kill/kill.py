"""Loads the console, kills it again and again, and then looks for anything lost, doubled or miscounted. Usage: see kill.sh."""
import argparse, random, tempfile, threading, time, uuid

import checks
from console import Console, Database, Verdict

options = argparse.ArgumentParser()
options.add_argument("--kills", type=int, default=10)
options.add_argument("--callers", type=int, default=16)
options.add_argument("--postgres", help="PORT/DATABASE of an empty database; SQLite without it")
options = options.parse_args()


class Load:
    """Callers that note every answer they were given, and every keyed question that got none."""

    def __init__(self, console, seed):
        self.console, self.seed = console, seed
        self.gate = threading.Lock()
        self.answered, self.waiting, self.keys, self.unanswered = set(), set(), {}, {}
        self.counts = {"answered": 0, "broken": 0, "unavailable": 0, "capped": 0, "reported": 0}
        self.stopped = False

    def run(self):
        while not self.stopped:
            self.one()

    def one(self):
        capped, keyed, big = random.random() < 0.15, random.random() < 0.5, random.random() < 0.05
        key = uuid.uuid4().hex
        body = {"action": "refund.create" if big else "crm.contact.update", "arguments": {"amount": 500 if big else 5, "n": key}, "run_id": "run-" + key, "expected_cost": {"usd": "0.01" if capped else "0.0001"}}
        bearer = self.seed["capped_key" if capped else "key"]
        if not self.ask(bearer, body, key if keyed else None) and not self.stopped:
            time.sleep(0.05)

    def ask(self, bearer, body, key):
        try:
            status, answer, _ = self.console.call(bearer, "POST", "/api/v1/decisions", body, {"Idempotency-Key": key} if key else None)
        except OSError:
            with self.gate:
                self.counts["broken"] += 1
                if key:
                    self.unanswered[key] = (bearer, body)
            return False
        with self.gate:
            if status not in (200, 202):
                self.counts["unavailable"] += 1
                if key:
                    self.unanswered[key] = (bearer, body)
                return False
            self.counts["answered"] += 1
            self.answered.add(answer["id"])
            if key:
                self.keys.setdefault(key, set()).add(answer["id"])
                self.unanswered.pop(key, None)
            if answer["outcome"] == "pending":
                self.waiting.add(answer["id"])
            if answer["outcome"] == "deny":
                self.counts["capped"] += 1
        if answer["outcome"] == "allow" and random.random() < 0.3:
            self.report(bearer, answer["id"])
        return True

    def report(self, bearer, decision):
        try:
            status, _, _ = self.console.call(bearer, "POST", f"/api/v1/decisions/{decision}/outcome", {"status": "succeeded", "cost": {"usd": "0.00005"}})
            with self.gate:
                self.counts["reported"] += status == 200
        except OSError:
            pass   # whether it is on record is not known; the sums below take the log's word


def main():
    verdict = Verdict()
    name = "PostgreSQL" if options.postgres else "SQLite"
    postgres = options.postgres.split("/") if options.postgres else None
    with tempfile.TemporaryDirectory(prefix="opsconsole-kill-") as folder:
        database = Database(folder, postgres)
        console = Console(database).start()
        try:
            load = Load(console, database.seed)
            callers = [threading.Thread(target=load.run) for _ in range(options.callers)]
            for caller in callers:
                caller.start()
            print(f"{name}: kill -9 under load\n  kill   after ms   answered so far   broken so far   ready again ms")
            for number in range(1, options.kills + 1):
                pause = random.uniform(0.3, 1.5)
                time.sleep(pause)
                console.kill()
                at = time.monotonic()
                console.start()
                print(f"  {number:4} {pause * 1000:10.0f} {load.counts['answered']:17} {load.counts['broken']:15} {(time.monotonic() - at) * 1000:16.0f}", flush=True)
            time.sleep(1)
            load.stopped = True
            for caller in callers:
                caller.join()
            retried = len(load.unanswered)
            for key, (bearer, body) in list(load.unanswered.items()):
                load.ask(bearer, body, key)
            print(f"  {load.counts}, {retried} unanswered keyed questions asked again")
            verdict.check("the load was a load", load.counts["answered"] > 50 * options.kills and load.counts["broken"] >= options.kills and load.waiting and load.counts["reported"])
            verdict.check("every question asked again was answered", not load.unanswered)
            checks.everything(verdict, database, load.answered, load.waiting, load.keys)
        finally:
            console.kill()
    return verdict.end(f"kill -9, {name}, {options.kills} times")


raise SystemExit(main())
