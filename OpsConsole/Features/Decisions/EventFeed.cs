using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Decisions;

/// <summary>Something that happened to a decision.</summary>
/// <param name="Seq">Its place in the log, which is the event's id.</param>
/// <param name="Outcome">What the decision became by it, where it became something.</param>
public sealed record DecisionEvent(long Seq, string DecisionId, string Event, DateTimeOffset At, string? Outcome);

/// <summary>A stretch of the log for one listener.</summary>
/// <param name="Through">Everything up to here has been looked at.</param>
public sealed record EventStretch(IReadOnlyList<DecisionEvent> Events, long Through, bool More);

/// <summary>What happened to decisions, in the order of the log: for agents their own, for people those of the rollouts they may see.</summary>
public sealed class EventFeed(IDbContextFactory<OpsDbContext> factory, DurableWriter writer)
{
    private const int Chunk = 1_000;
    private static readonly FrozenSet<string> Told = new[]
    {
        "decision.asked", "decision.released", "decision.denied", "decision.claimed", "decision.reported",
        "approval.voted", "approval.edited", "approval.escalated", "approval.expired", "approval.cancelled",
    }.ToFrozenSet();

    /// <summary>The last entry of the log: where a listener without a past begins.</summary>
    public async Task<long> EndAsync(CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);
    }

    public Task<EventStretch> AfterAsync(AgentCaller me, long after, CancellationToken ct) => AfterAsync(after, me.AgentId, null, ct);

    public Task<EventStretch> AfterAsync(PersonCaller me, long after, CancellationToken ct)
        => AfterAsync(after, null, Permissions.VisibleRollouts(me.Person, writer.State) is { } visible ? visible.ToFrozenSet() : null, ct);

    private async Task<EventStretch> AfterAsync(long after, string? agentId, FrozenSet<string>? rollouts, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await db.Audit.AsNoTracking().Where(a => a.Seq > after).OrderBy(a => a.Seq).Take(Chunk).Select(a => new { a.Seq, a.At, a.Event, a.Object, a.Actor, a.RolloutId, a.DecisionSeq }).ToListAsync(ct);
        if (rows.Count == 0) return new EventStretch([], after, false);
        var mine = rows.Where(a => Told.Contains(a.Event)).ToList();
        if (agentId is not null)
        {
            var about = mine.Where(a => a.DecisionSeq is not null).Select(a => a.DecisionSeq!.Value).Distinct().ToList();
            var own = about.Count == 0 ? [] : (await db.Decisions.AsNoTracking().Where(d => about.Contains(d.Seq) && d.AgentId == agentId).Select(d => d.Seq).ToListAsync(ct)).ToHashSet();
            mine = [.. mine.Where(a => a.DecisionSeq is { } seq ? own.Contains(seq) : a.Actor == "agent:" + agentId)];
        }
        else if (rollouts is not null) mine = [.. mine.Where(a => a.RolloutId is not null && rollouts.Contains(a.RolloutId))];
        var speaking = mine.Where(a => a.Event is "decision.asked" or "approval.voted").Select(a => a.Seq).ToList();
        var leaves = speaking.Count == 0 ? [] : await db.Audit.AsNoTracking().Where(a => speaking.Contains(a.Seq)).ToDictionaryAsync(a => a.Seq, a => a.Leaf, ct);
        return new EventStretch([.. mine.Select(a => new DecisionEvent(a.Seq, a.Object.StartsWith("apr_", StringComparison.Ordinal) ? Ids.Rename(a.Object, "dec") : a.Object, a.Event, a.At, Outcome(a.Event, leaves.GetValueOrDefault(a.Seq))))],
            rows[^1].Seq, rows.Count == Chunk);
    }

    private static string? Outcome(string evt, string? leaf) => evt switch
    {
        "decision.released" => "allow",
        "decision.denied" or "approval.expired" or "approval.cancelled" => "deny",
        "decision.asked" => Detail(leaf, "outcome"),
        "approval.voted" => Detail(leaf, "verdict") == "reject" ? "deny" : null,
        _ => null,
    };

    private static string? Detail(string? leaf, string name)
    {
        if (leaf is null) return null;
        using var document = JsonDocument.Parse(leaf);
        return AskReader.Member(AskReader.Child(document.RootElement, "details"), name);
    }
}
