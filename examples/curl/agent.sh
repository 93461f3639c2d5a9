#!/usr/bin/env bash
# An agent in four calls: ask, wait for a person if the rules want one, act, report. Needs curl and the key of an agent.
#   OPS_URL=http://127.0.0.1:5080 OPS_KEY=ops_… ./agent.sh [action] [arguments as JSON]
set -euo pipefail
: "${OPS_URL:=http://127.0.0.1:5080}" "${OPS_KEY:?Set OPS_KEY to the key of an agent (ops_…)}"
action=${1:-refund.create}
arguments=${2:-'{"order":"8812","amount":420,"currency":"EUR","reason":"duplicate charge"}'}

# The first field of that name in the answer, so that the example needs nothing but curl and grep.
field() { grep -o "\"$1\":\"[^\"]*\"" <<<"$2" | head -n 1 | cut -d '"' -f 4; }
call() { curl -sS --fail-with-body -H "Authorization: Bearer $OPS_KEY" -H 'Content-Type: application/json' "$@"; }

# 1. Ask before acting. The Idempotency-Key makes a retry safe.
answer=$(call -X POST "$OPS_URL/api/v1/decisions" -H "Idempotency-Key: example-$$-$RANDOM" \
  -d "{\"action\":\"$action\",\"resource\":{\"type\":\"order\",\"id\":\"8812\"},\"arguments\":$arguments,\"run_id\":\"example-$$\",\"confidence\":0.9,
       \"reasoning\":\"The customer was charged twice for the same order.\",\"undo\":{\"kind\":\"reverse_write\",\"description\":\"Reverse the refund\"}}")
id=$(field id "$answer")
echo "asked: $id is $(field outcome "$answer")"

# 2. Pending? 'Prefer: wait' holds the call while people decide. Nobody answering in time ends as 'deny' with the reason approval.expired.
while [ "$(field outcome "$answer")" = pending ]; do
  # Somebody asks back before they decide: answer in your own words. What was decided meanwhile needs no answer (409).
  question=$(grep -o '"question":{"id":"[^"]*"' <<<"$answer" | cut -d '"' -f 6 || true)
  if [ -n "$question" ]; then
    echo "asked back: $(field text "$answer")"
    call -X POST "$OPS_URL/api/v1/decisions/$id/answer" -d "{\"question\":\"$question\",\"answer\":\"Both charges are of order 8812, on the same day.\"}" >/dev/null || true
  fi
  echo "waiting for a person: $(field review_url "$answer")"
  answer=$(call "$OPS_URL/api/v1/decisions/$id" -H 'Prefer: wait=30')
done

# 3. Act only on 'allow', and only on the arguments of the answer: an approver may have edited them.
if [ "$(field outcome "$answer")" != allow ]; then
  echo "not allowed: $(field message "$answer")"
  exit 3
fi
echo "allowed; acting"

# 4. Report what became of it, with what was written and how it can be undone.
call -X POST "$OPS_URL/api/v1/decisions/$id/outcome" \
  -d '{"status":"succeeded","cost":{"usd":"0.0119"},"writes":[{"system":"billing","record":"refund/1","operation":"create","after":{"amount":420},"undo":{"kind":"reverse_write","action":"refund.reverse","arguments":{"refund":"1"}}}]}' >/dev/null
echo "reported: $id succeeded"
