using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Execution;

/// <summary>
/// Open: what was written is provisional, and permanent when the window ends, unless its rule wants it confirmed. Confirmed and Vetoed: somebody said so. Undone: nobody confirmed it, so the console had it undone.
/// Escalated: nobody confirmed it, so more people were told; it is confirmed or vetoed still.
/// </summary>
public enum WindowState { Open, Confirmed, Vetoed, Undone, Escalated }

/// <summary>The time in which what one decision led to can be vetoed. Begins with the report of what was written; there is one per reported decision that has a window or has to be confirmed.</summary>
public sealed class ReversibleWindow
{
    public const int LongestWords = 2_000;
    /// <summary>Signalled when one begins or ends.</summary>
    public const string Topic = "windows";
    /// <summary>Signalled when one that has to be confirmed does.</summary>
    public const string RequiredTopic = "windows-required";
    /// <summary>Whoever has to confirm something has at least so long from the report, however late that comes.</summary>
    public static readonly TimeSpan LeastToConfirm = TimeSpan.FromMinutes(15);

    public long DecisionSeq { get; init; }
    public string DecisionId { get; init; } = "";
    public string RolloutId { get; init; } = "";
    public string AgentId { get; init; } = "";
    /// <summary>How many writes were reported.</summary>
    public int Writes { get; init; }
    public DateTimeOffset ReportedAt { get; init; }
    public DateTimeOffset Until { get; init; }
    /// <summary>The rule says <c>confirm: required</c>: silence makes nothing permanent.</summary>
    public bool Required { get; init; }
    public WindowState State { get; private set; }
    /// <summary><c>person:…</c> or <c>system:console</c>.</summary>
    public string? EndedBy { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    public string? Words { get; private set; }
    /// <summary>The plan that undoes it.</summary>
    public string? PlanId { get; private set; }
    public long Version { get; private set; } = 1;

    internal void End(WindowState state, string by, DateTimeOffset at, string? words, string? planId) => (State, EndedBy, EndedAt, Words, PlanId, Version) = (state, by, at, words, planId, Version + 1);
}

/// <summary>What may become of a window. All of it goes through the writer, one after the other.</summary>
public static class WindowRules
{
    /// <summary>Whether somebody can still confirm or veto.</summary>
    public static bool IsOpen(ReversibleWindow window, DateTimeOffset now) => window.State == WindowState.Escalated || (window.State == WindowState.Open && now < window.Until);

    /// <summary>Whether silence has lasted to its end: the console undoes it, or tells more people.</summary>
    public static bool IsUnconfirmed(ReversibleWindow window, DateTimeOffset now) => window is { State: WindowState.Open, Required: true } && now >= window.Until;

    /// <summary>
    /// Somebody says that it may stay. Faults: <c>window.closed</c>, <c>window.ended</c>.
    /// </summary>
    public static Result<Done> Confirm(ReversibleWindow window, string by, string? words, DateTimeOffset now)
    {
        if (Closed(window, now) is { } closed) return closed;
        window.End(WindowState.Confirmed, by, now, words, null);
        return Done.Value;
    }

    /// <summary>
    /// Somebody says that it must not stay. Faults: <c>window.closed</c>, <c>window.ended</c>.
    /// </summary>
    /// <param name="planId">The plan that undoes it; null: earlier plans have all its writes in hand.</param>
    public static Result<Done> Veto(ReversibleWindow window, string by, string words, string? planId, DateTimeOffset now)
    {
        if (Closed(window, now) is { } closed) return closed;
        window.End(WindowState.Vetoed, by, now, words, planId);
        return Done.Value;
    }

    /// <summary>What silence leads to: undone, where the row's <c>on_expiry</c> is <c>deny</c> and the writes are reversible; more people are told otherwise.</summary>
    public static WindowState AfterSilence(MatrixRule? rule) => rule is { OnExpiry: OnExpiry.Deny, Reversible: true } ? WindowState.Undone : WindowState.Escalated;

    public static void EndBySilence(ReversibleWindow window, WindowState state, string words, string? planId, DateTimeOffset now) => window.End(state, "system:console", now, words, planId);

    private static Fault? Closed(ReversibleWindow window, DateTimeOffset now)
        => IsOpen(window, now) ? null
         : window.State == WindowState.Open ? Fault.Conflict("window.closed", window.Required ? "Its window is over and nobody confirmed it; the console is about to see to it. Look again in a moment." : "Its window is over, so it is permanent. It can still be undone by a plan, if the systems let it.")
         : Fault.Conflict("window.ended", $"It is {window.State.ToString().ToLowerInvariant()} already.");
}
