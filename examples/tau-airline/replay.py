#!/usr/bin/env python3
"""Replays recorded runs of an airline agent through the console: every tool call is asked, writes wait for a scripted reviewer, outcomes are reported.

    OPS_URL=http://127.0.0.1:5080 OPS_ADMIN_TOKEN=opp_… python3 replay.py runs.json

The file is an array of {task_id, trial, traj: [{role, tool_calls: [{id, function: {name, arguments}}]}, {role: "tool", tool_call_id, content}]}.
Sets up a rollout with the matrix beside this program, an agent, a reviewer and gate C; prints the counts as one JSON object at the end.
Needs nothing but Python's standard library.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import secrets
import sys
import urllib.error
import urllib.request

URL = os.environ.get("OPS_URL", "http://127.0.0.1:5080")


def call(token, method, path, body=None, **headers):
    request = urllib.request.Request(URL + "/api/v1" + path, method=method, data=None if body is None else json.dumps(body).encode())
    if token:
        request.add_header("Authorization", "Bearer " + token)
    request.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=75) as response:
            text = response.read()
            return (json.loads(text) if text else None), response.headers
    except urllib.error.HTTPError as problem:
        raise SystemExit(f"{method} {path}: {problem.code} {problem.read().decode()}") from problem


def set_up(admin):
    mark = secrets.token_hex(3)
    email, password = f"reviewer-{mark}@airline.example", secrets.token_urlsafe(18)
    invitation = call(admin, "POST", "/people", {"email": email, "name": "Robin Reviewer", "roles": ["approver"]})[0]["invitation"]
    call(None, "POST", f"/invitations/{invitation['code']}/accept", {"password": password})
    reviewer = call(None, "POST", "/tokens", {"email": email, "password": password, "scopes": ["approvals"], "expires_in_days": 1})[0]["token"]
    group = "airline-reviewers-" + mark
    call(admin, "POST", "/groups", {"name": group, "members": [email]})
    owner = f"owner-{mark}@airline.example"
    call(admin, "POST", "/people", {"email": owner, "name": "Olly Owner", "roles": ["member"]})
    rollout = call(admin, "POST", "/rollouts", {"name": "Airline service " + mark, "purpose": "Book, change and cancel reservations within the airline's policy", "time_zone": "America/New_York"})[0]["id"]
    matrix = json.loads((pathlib.Path(__file__).parent / "matrix.json").read_text().replace("group:airline-reviewers", "group:" + group))
    etag = call(admin, "GET", f"/rollouts/{rollout}/matrix")[1]["ETag"]
    call(admin, "PUT", f"/rollouts/{rollout}/matrix", matrix, If_Match=etag)
    call(admin, "POST", f"/rollouts/{rollout}/matrix/publish", {"reason": "The airline's policy"})
    for gate in "ABC":
        call(admin, "POST", f"/rollouts/{rollout}/gates/{gate}/pass", {"reason": "Replay of recorded runs", "waive": ["*"]})
    agent = call(admin, "POST", "/agents", {"name": "Airline agent", "rollout_id": rollout, "kind": "autonomous", "owner": owner, "model": "gpt-4o"})[0]["id"]
    call(admin, "POST", f"/agents/{agent}/grants", {"capability": "*", "tier": "executor", "reason": "Replay of recorded runs"})
    key = call(admin, "POST", f"/agents/{agent}/keys", {})[0]["key"]
    return key, reviewer


def replay(run, key, reviewer):
    """One run, call by call in its order."""
    seen = collections.Counter(runs=1)
    results = {m["tool_call_id"]: m.get("content") or "" for m in run["traj"] if m["role"] == "tool" and m.get("tool_call_id")}
    name = f"tau-{run['task_id']}-{run['trial']}"
    for message in run["traj"]:
        for tool in message.get("tool_calls") or []:
            action, arguments = tool["function"]["name"], json.loads(tool["function"]["arguments"])
            answer = call(key, "POST", "/decisions", {"action": action, "arguments": arguments, "run_id": name, "confidence": 0.9}, Idempotency_Key=f"{name}-{tool['id']}-{seen['calls']}")[0]
            seen["calls"] += 1
            seen["handoffs"] += action == "transfer_to_human_agents"
            if answer["outcome"] == "pending":
                seen["writes"] += 1
                call(reviewer, "POST", f"/approvals/{answer['approval']['id']}/decision", {"verdict": "approve", "reason": "As recorded"})
                answer = call(key, "GET", "/decisions/" + answer["id"], Prefer="wait=30")[0]
                seen["approved"] += answer["outcome"] == "allow"
            seen[answer["outcome"]] += 1
            if answer["outcome"] != "allow":
                continue
            failed = results.get(tool["id"], "").startswith("Error")
            call(key, "POST", f"/decisions/{answer['id']}/outcome", {"status": "failed" if failed else "succeeded", "error": results[tool["id"]][:4000] if failed else None})
            seen["reported"] += 1
    return seen


def main():
    if len(sys.argv) != 2 or "OPS_ADMIN_TOKEN" not in os.environ:
        raise SystemExit(__doc__)
    runs = json.loads(pathlib.Path(sys.argv[1]).read_text())
    key, reviewer = set_up(os.environ["OPS_ADMIN_TOKEN"])
    total = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for seen in pool.map(lambda run: replay(run, key, reviewer), runs):
            total.update(seen)
    print(json.dumps(dict(sorted(total.items()))))


if __name__ == "__main__":
    main()
