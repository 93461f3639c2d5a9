using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Authority;

/// <summary>From which row and answer to which.</summary>
public readonly record struct ReplayMove(string WasRow, Outcome Was, string NowRow, Outcome Now)
{
    public bool Changed => Was != Now;
}

/// <summary>How often a move happened. <paramref name="Example"/> is its strangest decision.</summary>
public sealed record ReplayMoveCount(ReplayMove Move, long Count, string Example);

/// <summary>What was counted of one kind of answer.</summary>
/// <param name="Grid">By old and new answer, allow, pending, deny each; nine numbers, row by row.</param>
/// <param name="Moves">Changed answers first, then rows that took over without changing one; the frequent ones first.</param>
public sealed record ReplayTotals(IReadOnlyList<long> Grid, IReadOnlyList<ReplayMoveCount> Moves)
{
    public static readonly IReadOnlyList<Outcome> Outcomes = [Outcome.Allow, Outcome.Pending, Outcome.Deny];

    public long Count(Outcome was, Outcome now) => Grid[(int)was * 3 + (int)now];
    public long Compared => Grid.Sum();
    public long Changed => Compared - Outcomes.Sum(o => Count(o, o));
    /// <summary>A person was asked, and would not be.</summary>
    public long Saved => Count(Outcome.Pending, Outcome.Allow);
    /// <summary>Nobody was asked, and a person would be.</summary>
    public long Added => Count(Outcome.Allow, Outcome.Pending) + Count(Outcome.Deny, Outcome.Pending);
    public long NowDenied => Count(Outcome.Allow, Outcome.Deny) + Count(Outcome.Pending, Outcome.Deny);
    /// <summary>Was denied, and would run alone.</summary>
    public long NowAllowed => Count(Outcome.Deny, Outcome.Allow);
}

/// <summary>Counts shifts of one kind of answer.</summary>
internal sealed class ReplayTally
{
    private readonly long[] _grid = new long[9];
    private readonly Dictionary<ReplayMove, Seen> _moves = [];

    public void Add(ReplayShift shift, ReplayCase recorded, string nowRow, int strangeness)
    {
        _grid[(int)shift.Was * 3 + (int)shift.Now]++;
        var move = new ReplayMove(recorded.WasRow, shift.Was, nowRow, shift.Now);
        if (!move.Changed && move.WasRow == move.NowRow) return;   // nothing moved
        if (!_moves.TryGetValue(move, out var seen)) _moves[move] = seen = new Seen();
        seen.Count++;
        if (strangeness < seen.Strangeness || seen.Count == 1) (seen.Strangeness, seen.Example) = (strangeness, recorded.Id);
    }

    public ReplayTotals Totals() => new([.. _grid],
        [.. _moves.OrderByDescending(m => m.Key.Changed).ThenByDescending(m => m.Value.Count).ThenBy(m => m.Key.WasRow, StringComparer.Ordinal).ThenBy(m => m.Key.NowRow, StringComparer.Ordinal).ThenBy(m => m.Key.Was).ThenBy(m => m.Key.Now)
            .Select(m => new ReplayMoveCount(m.Key, m.Value.Count, m.Value.Example))]);

    private sealed class Seen
    {
        public long Count;
        public int Strangeness;
        public string Example = "";
    }
}
