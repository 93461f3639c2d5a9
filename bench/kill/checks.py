"""What must be true of a console's database whatever happened to the process."""


def everything(verdict, database, answered, waiting, keys):
    """answered: decision ids that a caller was told; waiting: those answered 'pending' that nobody decided; keys: key -> ids that callers were told for it."""
    rows = database.rows("SELECT id, outcome, run_id, agent_id, seq FROM decisions")
    stored = {row[0]: row for row in rows}
    asked = {}
    for (name,) in database.rows("SELECT object FROM audit_entries WHERE event = 'decision.asked'"):
        asked[name] = asked.get(name, 0) + 1
    lost = [name for name in answered if name not in stored]
    verdict.check("every answered decision is stored", not lost, f"{len(answered)} answered, {len(stored)} stored, {len(lost)} lost")
    verdict.check("every decision has exactly one audit entry, and no entry is without one", asked == dict.fromkeys(stored, 1))

    by_run = {}
    for row in rows:
        by_run.setdefault(row[2], []).append(row[0])
    double = [key for key in keys if len(by_run.get("run-" + key, [])) != 1]
    verdict.check("one decision per Idempotency-Key", not double, f"{len(keys)} keys, {len(double)} with none or several")
    verdict.check("every answer to a key names that decision", all(ids == set(by_run.get("run-" + key, [])) for key, ids in keys.items()))

    pending = {row[0] for row in database.rows("SELECT d.id FROM decisions d JOIN approvals a ON a.seq = d.seq WHERE a.status = 0 AND d.outcome = 1")}
    verdict.check("what waited for a person still waits", set(waiting) <= pending, f"{len(waiting)} waiting")
    caps(verdict, database)
    result = database.verify()
    verdict.check("audit verify finds one unbroken chain", result.returncode == 0, (result.stdout + result.stderr).strip())


def caps(verdict, database):
    seed = database.seed
    for agent, limits in ((seed["agent_id"], None), (seed["capped_agent_id"], (400, 3_000_000))):
        ((given, usd),) = database.rows(
            "SELECT count(*), coalesce(sum(coalesce(o.cost_usd, d.reserved_usd)), 0) FROM decisions d LEFT JOIN outcomes o ON o.decision_seq = d.seq "
            f"WHERE d.agent_id = '{agent}' AND d.mode = 0 AND d.outcome IN (0, 1)")
        used = dict(database.rows(f"SELECT unit, sum(used) FROM cap_usage WHERE agent_id = '{agent}' AND window_key LIKE 'day:%' GROUP BY unit"))
        name = "capped agent" if limits else "busy agent"
        same = (int(used.get("decisions", 0)), int(used.get("usd", 0))) == (int(given), int(float(usd)))
        verdict.check(f"{name}: the counters say what the log says", same, f"{given} decisions, {usd} micro-dollars in the log; {used} counted")
        if limits:
            verdict.check(f"{name}: no cap is overspent", int(given) <= limits[0] and int(float(usd)) <= limits[1], f"at most {limits}")
