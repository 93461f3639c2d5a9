using System.Text.Json;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Features.Decisions;
using Microsoft.EntityFrameworkCore;

namespace OpsConsole.Features.Authority;

/// <summary>What is stored of a decision that a replay needs. <paramref name="Body"/> is the ask's payload; null when it is gone.</summary>
internal sealed record ReplayRow(long Seq, string Id, DateTimeOffset At, string AgentId, string Action, string? ResourceType, string? ResourceId, AskMode Mode, Gate Gate, Tier? Tier, double? Confidence, Outcome Outcome, Outcome? WouldBe,
    IReadOnlyList<Reason> Reasons, string? RuleId, int MatrixVersion, bool Write, bool HighConsequence, string? Body, ApprovalStatus? Status, DateTimeOffset? RequestedAt, DateTimeOffset? DecidedAt);

/// <summary>Reads recorded decisions for a replay, in the order of the log.</summary>
internal static class ReplayReader
{
    /// <summary>One rollout's live and shadow asks within a stretch of the log: walks the rollout's index, and finds payload and request by their key.</summary>
    public static IQueryable<ReplayRow> Rows(OpsDbContext db, string rollout, long after, long last)
        => from d in db.Decisions.AsNoTracking()
           where d.RolloutId == rollout && d.Seq > after && d.Seq <= last && d.Mode != AskMode.Simulation
           from p in db.Payloads.Where(p => p.Seq == d.Seq).DefaultIfEmpty()
           from a in db.Approvals.Where(a => a.Seq == d.Seq).DefaultIfEmpty()
           orderby d.Seq
           select new ReplayRow(d.Seq, d.Id, d.At, d.AgentId, d.Action, d.ResourceType, d.ResourceId, d.Mode, d.Gate, d.Tier, d.Confidence, d.Outcome, d.WouldBe, d.Reasons, d.RuleId, d.MatrixVersion, d.Write, d.HighConsequence,
               p == null ? null : p.Body, a == null ? null : a.Status, a == null ? null : a.RequestedAt, a == null ? null : a.DecidedAt);

    /// <summary>Adds one to the replay.</summary>
    public static void Add(Replay replay, ReplayRow row)
    {
        using var body = row.Body is null ? null : JsonDocument.Parse(row.Body);
        replay.Add(Case(row, body?.RootElement));
    }

    /// <param name="body">The payload; the case is to be used while it is open.</param>
    private static ReplayCase Case(ReplayRow row, JsonElement? body) => new()
    {
        Seq = row.Seq, Id = row.Id, At = row.At, AgentId = row.AgentId, Action = row.Action.ToLowerInvariant(), ResourceType = row.ResourceType, ResourceId = row.ResourceId, Mode = row.Mode, Gate = row.Gate, Tier = row.Tier, Confidence = row.Confidence,
        // Where people were asked, that was the answer, whatever they made of it.
        Outcome = row.Status is null ? row.Outcome : Outcome.Pending, WouldBe = row.WouldBe, Reasons = Reason.OfTheAsk(row.Reasons), RuleId = row.RuleId, MatrixVersion = row.MatrixVersion, Write = row.Write, HighConsequence = row.HighConsequence,
        Person = row.Status is not { } status ? null : new ReplayPerson(status, status is ApprovalStatus.Approved or ApprovalStatus.Edited or ApprovalStatus.Rejected ? row.DecidedAt - row.RequestedAt : null),
        Call = body is not { } asked ? null : AskReader.Call(asked, row.Action, AskReader.Child(asked, "arguments")),
    };
}
