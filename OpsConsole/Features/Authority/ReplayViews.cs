using System.Text.Json;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>How a replay stands.</summary>
public enum ReplayStatus { Running, Done, Cancelled, Failed }

/// <summary><c>POST rollouts/{id}/matrix/simulation</c>.</summary>
/// <param name="To">Exclusive; null is now.</param>
/// <param name="Matrix">A matrix that is not stored; null: the stored draft.</param>
public sealed record ReplayRequest(DateTimeOffset? From, DateTimeOffset? To, JsonElement? Matrix = null)
{
    internal static ReplayRequest Read(Fields fields)
    {
        var (from, to, matrix) = (fields.Time("from"), fields.Time("to"), fields.Object("matrix"));
        return new(from, to, matrix.ValueKind == JsonValueKind.Object ? matrix : null);
    }

    /// <summary>What is wrong with the period, or null.</summary>
    internal Fault? Check(DateTimeOffset now)
        => From is not { } from ? Fault.Invalid("field.required", "from is required: say when the period begins, such as 2026-11-01T00:00:00Z.", "from")
        : from >= now ? Fault.Invalid("replay.range", "from lies ahead, and nothing is recorded there. Choose an earlier beginning.", "from")
        : To <= from ? Fault.Invalid("replay.range", "to must be later than from. Choose a later end, or leave it out for everything up to now.", "to") : null;
}

/// <summary>How far a replay has come, and what it found once it is <c>done</c>.</summary>
/// <param name="DraftVersion">The stored draft that was replayed; null for a matrix that was sent along.</param>
/// <param name="Read">Decisions looked at so far.</param>
/// <param name="Total">How many there are; known at the end.</param>
/// <param name="Position">From 0 to 1: the part of the period's log that lies behind.</param>
/// <param name="ReadUpTo">When the last one looked at was asked.</param>
/// <param name="Seconds">How long it has run, or ran.</param>
/// <param name="SecondsLeft">At the speed so far; null while that says nothing.</param>
/// <param name="Error">Why it failed.</param>
public sealed record ReplayView(string Id, string RolloutId, ReplayStatus Status, long? DraftVersion, DateTimeOffset From, DateTimeOffset To, DateTimeOffset StartedAt, string StartedBy, string StartedByName,
    long Read, long? Total, double Position, DateTimeOffset? ReadUpTo, double Seconds, double PerSecond, double? SecondsLeft, DateTimeOffset? FinishedAt, string? Error, ReplayReport? Result);

/// <summary>How many decisions were not compared, and why.</summary>
/// <param name="PayloadGone">Nobody can tell: what was asked is erased.</param>
/// <param name="PatternTime">Nobody can tell: the draft's patterns took too long.</param>
public sealed record ReplaySkips(long Paused, long Cap, long Loop, long PayloadGone, long PatternTime);

/// <summary>So many answers went from one to another.</summary>
public sealed record ReplayCell(Outcome Was, Outcome Now, long Count);

/// <summary>So many answers went from one row to another. A row is a rule's id, <c>boundary</c> or <c>default</c>. <paramref name="Example"/> is the strangest of them.</summary>
public sealed record ReplayRuleMove(string WasRule, Outcome Was, string NowRule, Outcome Now, long Count, string Example);

/// <summary>What was counted of one kind of answer.</summary>
/// <param name="Saved">A person was asked and would not be.</param>
/// <param name="Added">Nobody was asked and a person would be.</param>
/// <param name="Rules">At most 100: changed answers first, then rows that took over without changing one.</param>
public sealed record ReplayCounts(long Compared, long Changed, long Saved, long Added, long NowDenied, long NowAllowed, IReadOnlyList<ReplayCell> Grid, IReadOnlyList<ReplayRuleMove> Rules)
{
    private const int MostRules = 100;

    internal static ReplayCounts Of(ReplayTotals t) => new(t.Compared, t.Changed, t.Saved, t.Added, t.NowDenied, t.NowAllowed,
        [.. from was in ReplayTotals.Outcomes from now in ReplayTotals.Outcomes select new ReplayCell(was, now, t.Count(was, now))],
        [.. t.Moves.Take(MostRules).Select(m => new ReplayRuleMove(m.Move.WasRow, m.Move.Was, m.Move.NowRow, m.Move.Now, m.Count, m.Example))]);
}

/// <summary>A decision whose answer the draft changes.</summary>
/// <param name="Sample">It is the answer without tier and gate that changes.</param>
/// <param name="Approval">What people did with the request, where there was one.</param>
public sealed record ReplayChangeView(string Id, DateTimeOffset AskedAt, string AgentId, string AgentName, string Action, string? ResourceType, string? ResourceId, Outcome Was, Outcome Now, string WasRule, string NowRule, int WasVersion, bool Sample,
    bool HighConsequence, ApprovalStatus? Approval, string Why);

/// <summary>What a replay found.</summary>
/// <param name="Answers">Of live asks.</param>
/// <param name="Samples">Answers without tier and gate: of shadow asks, and of live ones that only these refused.</param>
/// <param name="WaitedSeconds">How long agents waited for people where nobody would be asked any more.</param>
/// <param name="Strangest">At most 200.</param>
public sealed record ReplayReport(ReplaySkips Skipped, ReplayCounts Answers, ReplayCounts Samples, double WaitedSeconds, IReadOnlyList<ReplayChangeView> Strangest);

/// <summary>Everything that the page shows.</summary>
/// <param name="Recent">Newest first, without what they found.</param>
/// <param name="Shown">The one that was asked for, else the newest; null when there is none.</param>
public sealed record ReplayPageView(string RolloutName, IReadOnlyList<ReplayView> Recent, ReplayView? Shown, bool MayCancel);
