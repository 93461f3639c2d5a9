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

/// <summary>A stretch of the log for everybody: what is told of it, and to whom it matters.</summary>
/// <param name="After">It begins behind this entry.</param>
public sealed record LogStretch(IReadOnlyList<LogLine> Lines, long After, long Through, bool More);

/// <summary>An entry about a decision.</summary>
/// <param name="AgentId">Whose decision it is.</param>
/// <param name="Leaf">Where it says what came of it.</param>
public sealed record LogLine(long Seq, DateTimeOffset At, string Event, string Object, string? AgentId, string? RolloutId, string? Leaf);

/// <summary>What happened to decisions, in the order of the log: for agents their own, for people those of the rollouts they may see.</summary>
public sealed class EventFeed(IDbContextFactory<OpsDbContext> factory, DurableWriter writer)
{
    private const int Chunk = 1_000;
    private static readonly string[] Told =
    [
        "decision.asked", "decision.released", "decision.denied", "decision.claimed", "decision.reported",
        "approval.voted", "approval.edited", "approval.escalated", "approval.reassigned", "approval.expired", "approval.cancelled", "approval.asked_back", "approval.answered", "approval.taken_back",
    ];

    /// <summary>The last entry of the log: where a listener without a past begins.</summary>
    public async Task<long> EndAsync(CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);
    }

    public async Task<EventStretch> AfterAsync(AgentCaller me, long after, CancellationToken ct) => For(me, await ReadAsync(after, ct));

    public async Task<EventStretch> AfterAsync(PersonCaller me, long after, CancellationToken ct) => For(me, await ReadAsync(after, ct));

    /// <summary>The next stretch of the log, as it is for everybody.</summary>
    public async Task<LogStretch> ReadAsync(long after, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await db.Audit.AsNoTracking().Where(a => a.Seq > after).OrderBy(a => a.Seq).Take(Chunk)
            .Select(a => new { a.Seq, a.At, a.Event, a.Object, a.Actor, a.RolloutId, a.DecisionSeq, Leaf = a.Event == "decision.asked" || a.Event == "approval.voted" ? a.Leaf : null }).ToListAsync(ct);
        if (rows.Count == 0) return new LogStretch([], after, after, false);
        var told = rows.Where(a => Told.Contains(a.Event)).ToList();
        var about = told.Where(a => a.DecisionSeq is not null).Select(a => a.DecisionSeq!.Value).Distinct().ToList();
        var agents = about.Count == 0 ? [] : await db.Decisions.AsNoTracking().Where(d => about.Contains(d.Seq)).ToDictionaryAsync(d => d.Seq, d => d.AgentId, ct);
        var lines = told.Select(a => new LogLine(a.Seq, a.At, a.Event, a.Object, a.DecisionSeq is { } seq ? agents.GetValueOrDefault(seq) : Agent(a.Actor), a.RolloutId, a.Leaf));
        return new LogStretch([.. lines], after, rows[^1].Seq, rows.Count == Chunk);
    }

    /// <summary>What of a stretch is the agent's.</summary>
    public EventStretch For(AgentCaller me, LogStretch stretch) => Of(stretch, l => l.AgentId == me.AgentId);

    /// <summary>What of a stretch the person may see, as of now.</summary>
    public EventStretch For(PersonCaller me, LogStretch stretch)
        => Permissions.VisibleRollouts(me.Person, writer.State)?.ToFrozenSet() is { } visible ? Of(stretch, l => l.RolloutId is not null && visible.Contains(l.RolloutId)) : Of(stretch, _ => true);

    private static EventStretch Of(LogStretch stretch, Func<LogLine, bool> mine) => new([.. stretch.Lines.Where(mine).Select(Event)], stretch.Through, stretch.More);

    private static string? Agent(string actor) => actor.StartsWith("agent:", StringComparison.Ordinal) ? actor["agent:".Length..] : null;

    private static DecisionEvent Event(LogLine l)
        => new(l.Seq, l.Object.StartsWith("apr_", StringComparison.Ordinal) ? Ids.Rename(l.Object, "dec") : l.Object, l.Event, l.At, Outcome(l.Event, l.Leaf));

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
