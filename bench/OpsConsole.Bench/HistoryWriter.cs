using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Bench;

/// <summary>Pours decisions through the console's own store, in its own batches: real rows, real payloads, a chain that verifies. Only the rules are not asked.</summary>
internal sealed class HistoryWriter(History history, int decided, int pending)
{
    private const int PerTransaction = 8_192;
    private static readonly string[] Actions = ["crm.contact.update", "crm.note.create", "ticket.reply", "ticket.close", "invoice.read", "order.change", "mail.send", "calendar.book"];
    private static readonly Reason[] Allowed = [new("rule", "Rule R-1 allows this.", "R-1")], Denied = [new("boundary", "The agent never moves money.", "R-9")], Asked = [new("approval", "Rule R-2 asks a person.", "R-2")];
    private readonly Batch _batch = new();
    private readonly int _total = decided + pending;

    public async Task PourAsync(OpsDatabase database)
    {
        var store = database.CreateStore();
        var step = TimeSpan.FromDays(History.Days).Ticks / (_total + 1);
        for (var at = 0; at < _total;)
        {
            _batch.Start(await store.BeginAsync(CancellationToken.None));
            for (var end = Math.Min(_total, at + PerTransaction); at < end; at++) One(at, Micros.Truncate(history.Began.AddTicks(step * (at + 1))));
            if (at == _total) Counters();
            await store.InsertAsync(_batch, CancellationToken.None);
            await store.CommitAsync(_batch, CancellationToken.None);
            await CheckpointAsync(database.File!);
        }
        await store.DisposeAsync();
    }

    private void One(int i, DateTimeOffset at)
    {
        var half = _total / 2;
        // The quiet rollout did its few things in the first half; what waits was asked in the second.
        var quiet = i < half && Hits(i, History.Rare, half);
        var waits = i >= half && Hits(i - half, pending, _total - half);
        var high = waits && Hits(Nth(i - half, pending, _total - half), History.Rare, pending);
        var unreported = i < half && Hits((i + half / 7) % half, History.Rare, half);
        var dice = (int)((uint)i * 2_654_435_761u >> 8) % 100;
        var agent = quiet ? History.BusyAgents : i % History.BusyAgents;
        unreported |= !quiet && !waits && agent < 6 && (dice is 30 or 60);   // the agents of the first rollout forget one report in twenty
        var (agentId, rolloutId) = (history.Agents[agent], history.Rollouts[quiet ? 3 : agent < 6 ? 0 : agent < 8 ? 1 : 2]);
        var action = quiet ? history.QuietAction : Actions[(dice + agent) % Actions.Length];
        var run = quiet ? history.QuietRun : string.Create(CultureInfo.InvariantCulture, $"run-{agent}-{i / 64}");
        var asked = waits || (!quiet && !unreported && dice is >= 5 and < 10);
        var outcome = waits ? Outcome.Pending : !quiet && !unreported && (dice < 5 || (asked && dice < 7)) ? Outcome.Deny : Outcome.Allow;
        var write = !quiet && (unreported || dice % 3 == 0);
        var seq = _batch.Head.Seq + 1;
        var id = Ids.Make("dec", seq, _batch.Random(8));
        var digest = SHA256.HashData(BitConverter.GetBytes(i));
        var resource = string.Create(CultureInfo.InvariantCulture, $"contact-{i % 5_000}");
        var payload = string.Create(CultureInfo.InvariantCulture, $$$"""{"alternatives":[],"arguments":{"amount":{{{dice}}},"field":"phone","note":"The customer asked for this in ticket {{{i}}}","value":"+49 30 1234567"},"confidence":0.93,"context":[{"title":"Ticket {{{i}}}","url":"https://tickets.example.com/{{{i}}}"}],"reasoning":"The ticket names a new number and the caller was verified.","resource":{"id":"{{{resource}}}","type":"contact"},"run_id":"{{{run}}}"}""");
        var (reasons, rule) = asked ? (Asked, high ? History.RareRule : "R-2") : outcome == Outcome.Deny ? (Denied, "R-9") : (Allowed, "R-1");
        var details = $$"""{"action":"{{action}}","digest":"{{CallDigest.ToWire(digest)}}","gate":"C","matrix_version":1,"mode":"live","outcome":"{{(asked ? Outcome.Pending : outcome).ToString().ToLowerInvariant()}}","payload_sha256":"{{_batch.Commit(Encoding.UTF8.GetBytes(payload))}}","reason":"{{reasons[0].Code}}","rollout":"{{rolloutId}}","rule":"{{rule}}","tier":"executor"}""";
        var agentActor = Actor.Agent(agentId, "bench");
        _batch.Append(at, agentActor, "decision.asked", id, Encoding.UTF8.GetBytes(details), rolloutId);
        _batch.Decisions.Add(new DecisionRecord
        {
            Seq = seq, Id = id, At = at, AgentId = agentId, RolloutId = rolloutId, Action = action, ResourceType = "contact", ResourceId = resource, RunId = run, Confidence = 0.93,
            Outcome = outcome, Reasons = reasons, Tier = Tier.Executor, Gate = Gate.C, RuleId = rule, MatrixVersion = 1, Write = write, HighConsequence = high,
            Digest = digest, ArgumentsSeq = seq, ReservedUsd = 100, ResolvedAt = waits ? null : at, ValidUntil = outcome == Outcome.Allow ? at.AddMinutes(15) : null,
        });
        if (asked) Approval(seq, id, rolloutId, agentId, action, resource, run, high, digest, at, waits, outcome, dice);
        if (outcome == Outcome.Allow && write && !unreported)
        {
            var report = string.Create(CultureInfo.InvariantCulture, $$"""{"cost_usd":"{{Money.ToWire(120)}}","decision_seq":{{seq}},"late":false,"rollout":"{{rolloutId}}","status":"succeeded","writes":1}""");
            var auditSeq = _batch.Append(at, agentActor, "decision.reported", id, Encoding.UTF8.GetBytes(report), rolloutId, seq);
            _batch.Outcomes.Add(new OutcomeRecord { DecisionSeq = seq, AuditSeq = auditSeq, At = at, Status = ReportStatus.Succeeded, CostUsd = 120, WriteCount = 1, ReportedBy = "agent:" + agentId, Sha256 = digest });
        }
    }

    private void Approval(long seq, string id, string rolloutId, string agentId, string action, string resource, string run, bool high, byte[] digest, DateTimeOffset at, bool waits, Outcome outcome, double amount)
    {
        // Long enough that nothing expires while it is measured, and not all alike, so that the order of the queue is not that of the log.
        var terms = new ApprovalTerms(high ? History.RareRule : "R-2", 1, ["group:approvers", "user:member@example.com"], 1, false, TimeSpan.FromDays(History.Days + seq % 7), "deny", [], null, TimeSpan.FromMinutes(15), TimeSpan.Zero, false);
        var approval = new ApprovalRequest(seq, Ids.Rename(id, "apr"), id, rolloutId, agentId, action, resource, run, high, terms, digest, at, amount);
        if (!waits)
        {
            var yes = outcome == Outcome.Allow;
            approval.Add(new Vote(history.Seed.PersonId, yes ? Verdict.Approve : Verdict.Reject, null, null, at, 0, false));
            approval.Decide(yes ? ApprovalStatus.Approved : ApprovalStatus.Rejected, at, null);
            var vote = string.Create(CultureInfo.InvariantCulture, $$"""{"break_glass":false,"decision_seq":{{seq}},"rollout":"{{rolloutId}}","round":0,"verdict":"{{(yes ? "approve" : "reject")}}"}""");
            _batch.Append(at, Actor.Person(history.Seed.PersonId), "approval.voted", approval.Id, Encoding.UTF8.GetBytes(vote), rolloutId, seq);
            if (yes)
            {
                approval.Release(at);
                var release = string.Create(CultureInfo.InvariantCulture, $$"""{"decision_seq":{{seq}},"rollout":"{{rolloutId}}"}""");
                _batch.Append(at, Actor.System, "decision.released", id, Encoding.UTF8.GetBytes(release), rolloutId, seq);
            }
        }
        _batch.Approvals.Add(approval);
    }

    /// <summary>The counters of the last day's runs, as many as a busy agent leaves until they are cleared.</summary>
    private void Counters()
    {
        for (var i = 0; i < decided / 100; i++)
            foreach (var unit in (string[])["decisions", "usd"])
                _batch.Caps.Add(new CapUsage { AgentId = history.Agents[0], Unit = unit, WindowKey = string.Create(CultureInfo.InvariantCulture, $"run:{i}"), Used = 8, At = DateTimeOffset.UtcNow });
    }

    // The store leaves its write-ahead log to a checkpointer; without one it would grow to the size of the database.
    private static async Task CheckpointAsync(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Whether place <paramref name="i"/> of <paramref name="of"/> is one of <paramref name="count"/> spread evenly over them.</summary>
    private static bool Hits(long i, long count, long of) => (i + 1) * count / of > i * count / of;

    private static long Nth(long i, long count, long of) => i * count / of;
}
