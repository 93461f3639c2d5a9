using System.Text;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;

namespace OpsConsole.Data.Writer;

/// <summary>Takes reports inside the writer's transaction: who may report what, once; settles the caps.</summary>
internal sealed class ReportProcessor(CapLedger caps, Alarms alarms)
{
    public Result<Reported> Take(ReportItem item, Batch batch, ConsoleState state, Dictionary<long, ReportTarget> targets, DateTimeOffset now)
    {
        if (!targets.TryGetValue(item.Seq, out var target) || target.Id != item.DecisionId || (item.AgentId is not null && item.AgentId != target.AgentId)) return Fault.NotFound("decision");
        if (target.ReportedAt is not null)
        {
            return target.ReportSha256.AsSpan().SequenceEqual(item.Report.Sha256)
                ? new Reported(target.Id, target.ReportStatus!.Value, target.Late, true)
                : Fault.Conflict("outcome.already_reported", $"The outcome of this decision was reported already ({target.ReportStatus.ToString()!.ToLowerInvariant()}); a report is never changed.");
        }
        if (target.Mode != AskMode.Live || target.Outcome != Outcome.Allow)
        {
            alarms.Add(target.AgentId, target.RolloutId, "acted.not_allowed", target.Id, $"The agent reported an outcome for a decision that was not allowed ({target.Outcome.ToString().ToLowerInvariant()}).", pause: false);
            return Fault.Conflict("decision.not_allowed", "This decision was not allowed, so there is nothing to report. The agent's owner has been alerted, because a report says that the agent acted anyway.");
        }
        if (target is { ClaimRequired: true, ClaimedAt: null } && item.AgentId is not null)
        {
            alarms.Add(target.AgentId, target.RolloutId, "acted.not_claimed", target.Id, "The agent reported an outcome without the claim that the rule requires.", pause: false);
            return Fault.Conflict("decision.not_claimed", "The rule requires a claim before acting. Claim the decision first; the agent's owner has been alerted.");
        }

        var late = target.ClaimedAt is null && now > target.ValidUntil;
        var report = item.Report;
        var commitment = batch.Commit(Encoding.UTF8.GetBytes(report.Payload));
        var details = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["cost_usd"] = report.CostUsd is { } micros ? Money.ToWire(micros) : null, ["decision_seq"] = target.Seq, ["late"] = late, ["payload_sha256"] = commitment,
            ["rollout"] = target.RolloutId, ["status"] = report.Status.ToString().ToLowerInvariant(), ["writes"] = report.Writes.Count,
        };
        var seq = batch.Append(now, item.Actor, "decision.reported", target.Id, Jcs.Bytes(JsonSerializer.SerializeToElement(details)), target.RolloutId, target.Seq);
        batch.Outcomes.Add(new OutcomeRecord
        {
            DecisionSeq = target.Seq, AuditSeq = seq, At = now, Status = report.Status, Error = report.Error, CostUsd = report.CostUsd, CostTokens = report.CostTokens, WriteCount = report.Writes.Count, Late = late,
            ReportedBy = item.Actor.Type + ":" + item.Actor.Id, Sha256 = report.Sha256,
        });
        foreach (var (i, write) in report.Writes.Index()) batch.Written.Add(new WrittenRecord { AuditSeq = seq, WriteIndex = i, DecisionSeq = target.Seq, AgentId = target.AgentId, RolloutId = target.RolloutId, At = now, System = write.System, Record = write.Record });
        Window(batch, target, report, now);
        targets[item.Seq] = target with { ReportedAt = now, ReportSha256 = report.Sha256, ReportStatus = report.Status, Late = late };
        if (state.Agents.TryGetValue(target.AgentId, out var agent))
        {
            var usd = Spent.Of(target.Outcome, report.Status, report.CostUsd, target.ReservedUsd);
            var tokens = Spent.Of(target.Outcome, report.Status, report.CostTokens, target.ReservedTokens);
            caps.Add(target.AgentId, agent.Caps, target.RunId, target.At, agent.Rollout.Zone, usd - target.ReservedUsd, tokens - target.ReservedTokens, 0);
        }
        batch.Topics.Add("decision:" + target.Id);
        return new Reported(target.Id, report.Status, late, false);
    }

    // What was written is provisional from here on, or has to be confirmed; also where the report names no write, because a row that must be confirmed never stays by silence.
    private static void Window(Batch batch, ReportTarget target, Report report, DateTimeOffset now)
    {
        if (target.ConfirmBy is null ? report.Writes.Count == 0 || target.ReversibleUntil is not { } end || end <= now : report.Writes.Count == 0 && report.Status is ReportStatus.Failed or ReportStatus.Skipped) return;
        batch.Windows.Add(new ReversibleWindow
        {
            DecisionSeq = target.Seq, DecisionId = target.Id, RolloutId = target.RolloutId, AgentId = target.AgentId, Writes = report.Writes.Count, ReportedAt = now,
            Until = target.ConfirmBy is not { } by ? target.ReversibleUntil!.Value : by < now + ReversibleWindow.LeastToConfirm ? now + ReversibleWindow.LeastToConfirm : by, Required = target.ConfirmBy is not null,
        });
        batch.Topics.Add(ReversibleWindow.Topic);
        if (target.ConfirmBy is not null) batch.Topics.Add(ReversibleWindow.RequiredTopic);
    }
}
