#!/usr/bin/env python3
"""An agent under control with nothing but Python's standard library.

    OPS_URL=http://127.0.0.1:5080 OPS_KEY=ops_… python3 agent.py [action] [arguments as JSON]

`governed` is all there is to plug in: it asks before the action, waits while people decide, answers what they ask back, runs the action
with the arguments that were released, and reports what became of it.
"""
import json
import os
import sys
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("OPS_URL", "http://127.0.0.1:5080")


class Denied(Exception):
    """The console said no; the message is meant for the agent to learn from."""


def call(method, path, body=None, **headers):
    request = urllib.request.Request(URL + "/api/v1" + path, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Authorization", "Bearer " + os.environ["OPS_KEY"])
    request.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    with urllib.request.urlopen(request, timeout=75) as response:
        return json.load(response)


def answer_back(answer, explain):
    """Answers what a person asked back before they decide; the decision as it stands then."""
    path, question = "/decisions/" + answer["id"], answer["approval"]["question"]
    try:
        return call("POST", path + "/answer", {"question": question["id"], "answer": explain(question["text"])[:4000]})
    except urllib.error.HTTPError as problem:
        if problem.code != 409:                    # 409: decided or answered meanwhile
            raise
        return call("GET", path)


def governed(action, arguments, run, act, explain=None, **more):
    """Runs act(arguments) if the console allows it. Whatever goes wrong before the answer, nothing is run. explain(question) answers people."""
    answer = call("POST", "/decisions", {"action": action, "arguments": arguments, "run_id": run, **more}, Idempotency_Key=str(uuid.uuid4()))
    while answer["outcome"] == "pending":
        if explain and answer["approval"].get("question"):
            answer = answer_back(answer, explain)
            continue
        print("waiting for a person:", answer["approval"]["review_url"], flush=True)
        answer = call("GET", "/decisions/" + answer["id"], Prefer="wait=30")
    if answer["outcome"] != "allow":
        raise Denied(answer["reasons"][0]["message"])
    try:
        result = act(answer["arguments"])          # an approver may have edited them
    except Exception as error:
        call("POST", f"/decisions/{answer['id']}/outcome", {"status": "failed", "error": str(error)[:4000]})
        raise
    call("POST", f"/decisions/{answer['id']}/outcome", {"status": "succeeded", "result": result})
    return answer["id"], result


def main():
    action = sys.argv[1] if len(sys.argv) > 1 else "refund.create"
    arguments = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {"order": "8812", "amount": 420, "currency": "EUR", "reason": "duplicate charge"}
    try:
        decision, result = governed(
            action, arguments, "example-" + uuid.uuid4().hex[:8], lambda released: {"done": True, "with": released},
            explain=lambda question: "Both charges are of order 8812, on the same day.",     # your model answers here
            resource={"type": "order", "id": "8812"}, confidence=0.9, reasoning="The customer was charged twice for the same order.",
            expected_cost={"usd": "0.0125"}, undo={"kind": "reverse_write", "description": "Reverse the refund"})
        print("reported:", decision, "succeeded with", json.dumps(result["with"]))
    except Denied as no:
        print("not allowed:", no)
        sys.exit(3)
    except urllib.error.HTTPError as problem:
        print(problem.code, problem.read().decode(), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
