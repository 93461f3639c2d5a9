// The service somebody would write in an afternoon instead of using OpsConsole: fastify in front of better-sqlite3.
// It answers the same POST /decisions with the same durability (WAL, synchronous=FULL) and a hash-chained audit row, one transaction
// per request. Caps, approvals, idempotency and rate limits are left out, in its favour.
// Usage: node server.mjs PORT DATABASE-FILE KEY
import { createHash, randomUUID } from "node:crypto";
import Database from "better-sqlite3";
import Fastify from "fastify";

const [port, file, key] = process.argv.slice(2);
if (!port || !file || !key) {
  console.error("usage: node server.mjs PORT DATABASE-FILE KEY");
  process.exit(2);
}

const sha256 = text => createHash("sha256").update(text).digest("hex");

const db = new Database(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`
  CREATE TABLE IF NOT EXISTS keys (hash TEXT PRIMARY KEY, agent TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS decisions (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, agent TEXT NOT NULL, action TEXT NOT NULL,
    outcome TEXT NOT NULL, rule TEXT, body TEXT NOT NULL, at TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS audit (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, entry TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL);
`);
db.prepare("INSERT OR IGNORE INTO keys (hash, agent) VALUES (?, 'bench')").run(sha256(key));

const findKey = db.prepare("SELECT agent FROM keys WHERE hash = ? AND revoked = 0");
const addDecision = db.prepare("INSERT INTO decisions (id, agent, action, outcome, rule, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)");
const addAudit = db.prepare("INSERT INTO audit (at, kind, entry, prev, hash) VALUES (?, 'decision', ?, ?, ?)");
let head = db.prepare("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1").get()?.hash ?? "0".repeat(64);

const rules = [
  { id: "R-1", matches: ask => ask.action.startsWith("payment."), outcome: "deny" },
  { id: "R-2", matches: ask => ask.action === "refund.create" && ask.arguments?.amount > 200, outcome: "deny" },
  { id: "R-3", matches: ask => ask.action.startsWith("crm.") || ask.action === "refund.create", outcome: "allow" },
];

const record = db.transaction((agent, ask, id, outcome, rule, at) => {
  const body = JSON.stringify(ask);
  const entry = JSON.stringify({ id, agent, action: ask.action, outcome, rule, body: sha256(body) });
  const hash = sha256(head + entry);
  addDecision.run(id, agent, ask.action, outcome, rule, body, at);
  addAudit.run(at, entry, head, hash);
  return hash;
});

const app = Fastify({ logger: false, bodyLimit: 256 * 1024 });

app.get("/health/live", () => ({ status: "ok" }));

const schema = {
  body: {
    type: "object",
    required: ["action"],
    properties: { action: { type: "string", minLength: 1, maxLength: 128 }, arguments: { type: "object" }, confidence: { type: "number", minimum: 0, maximum: 1 } },
  },
};

for (const path of ["/decisions", "/api/v1/decisions"]) {
  app.post(path, { schema }, (request, reply) => {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    const agent = bearer && findKey.get(sha256(bearer))?.agent;
    if (!agent) {
      reply.code(401).header("WWW-Authenticate", "Bearer").send({ code: "unauthenticated" });
      return;
    }
    const ask = request.body;
    const rule = rules.find(candidate => candidate.matches(ask));
    const outcome = rule?.outcome ?? "deny";
    const id = `dec_${randomUUID()}`;
    head = record(agent, ask, id, outcome, rule?.id ?? null, new Date().toISOString());
    reply.send({ id, outcome, reasons: [{ code: rule ? `rule.${outcome}` : "rule.none", rule: rule?.id ?? null }], arguments: ask.arguments ?? {} });
  });
}

await app.listen({ host: "127.0.0.1", port: Number(port) });
console.log(`listening on http://127.0.0.1:${port}`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    await app.close();
    db.close();
    process.exit(0);
  });
}
