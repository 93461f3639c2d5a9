namespace OpsConsole.Core.Authority;

/// <summary>What became of a row.</summary>
public enum RowChangeKind { Added, Removed, Moved, Changed }

/// <summary>One step from one list of rows to another. A row may be moved and changed: then there are two steps.</summary>
/// <param name="From">Its place in the old list; null for a new row.</param>
/// <param name="To">Its place in the new list; null for a row that is gone.</param>
public sealed record RowChange<T>(RowChangeKind Kind, int? From, int? To, T? Old, T? New) where T : class;

/// <summary>
/// The steps that make one matrix out of another: as few rows as can be are called moved, and <see cref="Apply"/> is exact. Rules are known by their id
/// (see <c>RowPairs</c> for ids that stand twice), boundaries by what they say. <see cref="MatrixChanges"/> puts it into words.
/// </summary>
public sealed record MatrixDiff(DefaultOutcome OldDefault, DefaultOutcome NewDefault, IReadOnlyList<RowChange<Boundary>> Boundaries, IReadOnlyList<RowChange<MatrixRule>> Rules)
{
    public bool IsEmpty => OldDefault == NewDefault && Boundaries.Count == 0 && Rules.Count == 0;

    public static MatrixDiff Of(MatrixDocument old, MatrixDocument now) => new(old.Default, now.Default,
        Steps(old.Boundaries, now.Boundaries, RowPairs.Of(old.Boundaries, now.Boundaries), RowText.Of), Steps(old.Rules, now.Rules, RowPairs.Of(old.Rules, now.Rules), RowText.Of));

    /// <summary>The new matrix, from the old one that the difference was taken of.</summary>
    public MatrixDocument Apply(MatrixDocument old) => new() { Default = NewDefault, Boundaries = Apply(old.Boundaries, Boundaries), Rules = Apply(old.Rules, Rules) };

    private static List<RowChange<T>> Steps<T>(IReadOnlyList<T> old, IReadOnlyList<T> now, int[] pairs, Func<T, string> text) where T : class
    {
        List<RowChange<T>> steps = [];
        var (kept, stayed) = (RowPairs.Kept(pairs), new bool[old.Count]);
        foreach (var from in pairs.Where(p => p >= 0)) stayed[from] = true;
        for (var i = 0; i < old.Count; i++)
        {
            if (!stayed[i]) steps.Add(new(RowChangeKind.Removed, i, null, old[i], null));
        }
        for (var j = 0; j < now.Count; j++)
        {
            if (pairs[j] < 0)
            {
                steps.Add(new(RowChangeKind.Added, null, j, null, now[j]));
                continue;
            }
            if (!kept[j]) steps.Add(new(RowChangeKind.Moved, pairs[j], j, old[pairs[j]], now[j]));
            if (text(old[pairs[j]]) != text(now[j])) steps.Add(new(RowChangeKind.Changed, pairs[j], j, old[pairs[j]], now[j]));
        }
        return steps;
    }

    private static List<T> Apply<T>(IReadOnlyList<T> old, IReadOnlyList<RowChange<T>> steps) where T : class
    {
        var rows = new T?[old.Count + steps.Count(s => s.Kind == RowChangeKind.Added) - steps.Count(s => s.Kind == RowChangeKind.Removed)];
        var contents = old.ToArray();
        var left = new bool[old.Count];
        foreach (var step in steps)
        {
            if (step.Kind == RowChangeKind.Changed) contents[step.From!.Value] = step.New!;
            else if (step.From is { } from) left[from] = true;
        }
        foreach (var step in steps.Where(s => s.Kind is RowChangeKind.Added or RowChangeKind.Moved)) rows[step.To!.Value] = step.Kind == RowChangeKind.Added ? step.New : contents[step.From!.Value];
        var at = 0;
        for (var i = 0; i < old.Count; i++)   // whoever stayed fills what is free, in the old order
        {
            if (left[i]) continue;
            while (rows[at] is not null) at++;
            rows[at] = contents[i];
        }
        return [.. rows.Select(r => r!)];
    }
}
