namespace OpsConsole.Core.Authority;

/// <summary>What becomes of a row that two people changed in different ways.</summary>
public enum MergeChoice
{
    /// <summary>Both rows, mine behind theirs under a new id; the one that is left where the other is gone.</summary>
    Both,
    Mine,
    Theirs,
}

/// <summary>A row that cannot be merged by itself: changed by both in the same field, changed by one and removed by the other, or added by both under one id.</summary>
/// <param name="Base">What both began with; null for a row that both added.</param>
/// <param name="Mine">Null: I removed it.</param>
/// <param name="Fields">Wire names of the fields that stand against each other; empty where one side removed the row.</param>
public sealed record MergeConflict(MatrixRule? Base, MatrixRule? Mine, MatrixRule? Theirs, IReadOnlyList<string> Fields)
{
    public string Id => (Mine ?? Theirs)!.Id;
}

/// <summary>
/// Two people began with the same draft, and both changed it. What only one of them touched is taken from them; within a row, fields that only one of them touched; what is left is a
/// <see cref="MergeConflict"/>, and unless somebody chooses otherwise both rows stay, so that nobody's work is lost.
/// </summary>
public sealed class MatrixMerge
{
    private readonly DefaultOutcome _default;
    private readonly IReadOnlyList<Boundary> _boundaries;
    private readonly List<(MatrixRule? Row, MergeConflict? Conflict)> _rows = [];

    private MatrixMerge(MatrixDocument root, MatrixDocument mine, MatrixDocument theirs)
    {
        _default = mine.Default == root.Default ? theirs.Default : mine.Default;
        // Boundaries have no id: a changed one is one that is gone and one that is new, so two changes leave both.
        _boundaries = [.. MergeOrder.Of(root.Boundaries, mine.Boundaries, theirs.Boundaries, (a, b, _) => RowPairs.Of(a, b, changed: false))
            .Where(n => n.Base is null || (n.Mine is not null && n.Theirs is not null)).Select(n => n.Theirs ?? n.Mine!)];
        foreach (var node in MergeOrder.Of(root.Rules, mine.Rules, theirs.Rules, (a, b, added) => RowPairs.Of(a, b, renamed: !added)))
        {
            var (row, conflict) = Merge(node.Base, node.Mine, node.Theirs);
            if (row is not null || conflict is not null) _rows.Add((row, conflict));
        }
        Conflicts = [.. _rows.Select(r => r.Conflict).OfType<MergeConflict>()];
    }

    /// <summary>In the order of the rows.</summary>
    public IReadOnlyList<MergeConflict> Conflicts { get; }

    public static MatrixMerge Of(MatrixDocument root, MatrixDocument mine, MatrixDocument theirs) => new(root, mine, theirs);

    /// <summary>The merged matrix.</summary>
    /// <param name="choices">One per conflict; what is missing is <see cref="MergeChoice.Both"/>.</param>
    public MatrixDocument Resolve(IReadOnlyList<MergeChoice>? choices = null)
    {
        List<(MatrixRule Row, bool Again)> rows = [];
        var at = 0;
        foreach (var (row, conflict) in _rows)
        {
            if (conflict is null)
            {
                rows.Add((row!, false));
                continue;
            }
            var choice = choices is not null && at < choices.Count ? choices[at] : MergeChoice.Both;
            at++;
            if (choice != MergeChoice.Mine && conflict.Theirs is { } theirs) rows.Add((theirs, false));
            if (choice != MergeChoice.Theirs && conflict.Mine is { } mine) rows.Add((mine, choice == MergeChoice.Both && conflict.Theirs is not null));
        }
        HashSet<string> taken = new(rows.Select(r => r.Row.Id), StringComparer.Ordinal);
        return new MatrixDocument { Default = _default, Boundaries = _boundaries, Rules = [.. rows.Select(r => r.Again ? r.Row with { Id = RowIds.Beside(r.Row.Id, taken) } : r.Row)] };
    }

    private static (MatrixRule? Row, MergeConflict? Conflict) Merge(MatrixRule? root, MatrixRule? mine, MatrixRule? theirs)
    {
        if (root is null && (mine is null || theirs is null)) return (mine ?? theirs, null);
        var (was, my, their) = (Text(root), Text(mine), Text(theirs));
        if (my == their || my == was) return (theirs, null);
        if (their == was) return (mine, null);
        if (mine is null || theirs is null) return (null, new(root, mine, theirs, []));
        if (root is null) return (null, new(null, mine, theirs, RuleFields.Differing(mine, theirs)));
        var mineChanged = RuleFields.Differing(root, mine);
        string[] against = [.. mineChanged.Intersect(RuleFields.Differing(root, theirs)).Intersect(RuleFields.Differing(mine, theirs))];
        return against.Length > 0 ? (null, new(root, mine, theirs, against)) : (mineChanged.Aggregate(theirs, (row, field) => RuleFields.Take(row, mine, field)), null);
    }

    private static string? Text(MatrixRule? rule) => rule is null ? null : RowText.Of(rule);
}
