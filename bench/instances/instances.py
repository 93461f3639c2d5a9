"""Two instances on one PostgreSQL under load: one chain, exact caps, and a pause at one that the very next decision at the other obeys. Usage: see instances.sh."""
import argparse, pathlib, sys, tempfile, threading, time, uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "kill"))
import checks
from console import Console, Database, Verdict

options = argparse.ArgumentParser()
options.add_argument("--seconds", type=float, default=10)
options.add_argument("--callers", type=int, default=8, help="per instance")
options.add_argument("--postgres", required=True, help="PORT/DATABASE of an empty database")
options = options.parse_args()


def ask(console, bearer, cost="0.0001"):
    run = uuid.uuid4().hex
    body = {"action": "crm.contact.update", "arguments": {"n": run}, "run_id": "run-" + run, "expected_cost": {"usd": cost}}
    return console.call(bearer, "POST", "/api/v1/decisions", body)


class Load:
    """Callers of one instance: the capped agent of both is the same, so they race for its last dollar."""

    def __init__(self, console, seed):
        self.console, self.seed, self.answered, self.wrong, self.stopped = console, seed, [], [], False
        self.gate = threading.Lock()

    def run(self, capped):
        while not self.stopped:
            status, answer, _ = ask(self.console, self.seed["capped_key" if capped else "key"], "0.01" if capped else "0.0001")
            with self.gate:
                (self.answered if status == 200 else self.wrong).append(answer.get("id", status))


def pauses(verdict, database, instances):
    """Pauses at one and asks at the other at once, back and forth, while the load goes on."""
    seed, late, stuck = database.seed, 0, 0
    path = f"/api/v1/agents/{seed['agent_id']}/"
    rounds = 20
    for number in range(rounds):
        here, there = instances[number % 2], instances[1 - number % 2]
        status, state, _ = here.call(seed["token"], "POST", path + "pause", {"reason": "bench"})
        assert status == 200 and state["paused"], (status, state)
        _, answer, _ = ask(there, seed["key"])
        late += answer.get("outcome") != "deny" or answer["reasons"][0]["code"] != "paused"
        status, state, _ = here.call(seed["token"], "POST", path + "resume", {})
        assert status == 200 and not state["paused"], (status, state)
        _, answer, _ = ask(there, seed["key"])
        stuck += answer.get("outcome") != "allow"
    verdict.check("a pause at one instance holds for the next decision at the other", late == 0, f"{rounds} rounds, {late} late")
    verdict.check("so does letting it run again", stuck == 0, f"{stuck} still paused")


def main():
    verdict = Verdict()
    with tempfile.TemporaryDirectory(prefix="opsconsole-instances-") as folder:
        database = Database(folder, options.postgres.split("/"))
        instances = [Console(database).start(), Console(database).start()]
        try:
            loads = [Load(instance, database.seed) for instance in instances]
            callers = [threading.Thread(target=load.run, args=(number % 4 == 0,)) for load in loads for number in range(options.callers)]
            for caller in callers:
                caller.start()
            time.sleep(options.seconds / 2)
            pauses(verdict, database, instances)
            time.sleep(options.seconds / 2)
            for load in loads:
                load.stopped = True
            for caller in callers:
                caller.join()
            verdict.check("both instances answered everything", all(load.answered and not load.wrong for load in loads), f"{[len(load.answered) for load in loads]} answers, {sum(len(load.wrong) for load in loads)} others")
            answered = {name for load in loads for name in load.answered}
            verdict.check("no decision was given twice", len(answered) == sum(len(load.answered) for load in loads))
            checks.everything(verdict, database, answered, set(), {})
            ((given, usd),) = database.rows(f"SELECT count(*), coalesce(sum(reserved_usd), 0) FROM decisions WHERE agent_id = '{database.seed['capped_agent_id']}' AND outcome = 0")
            verdict.check("the cap was reached exactly, not a cent less", int(usd) == 3_000_000, f"{given} decisions, {usd} micro-dollars")
        finally:
            for instance in instances:
                instance.kill()
    return verdict.end("two instances on one PostgreSQL")


raise SystemExit(main())
