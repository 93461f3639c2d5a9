using System.Collections.Frozen;

namespace OpsConsole.Core.Authority;

/// <summary>Rows sorted by what they cover, and for any action or pattern the rows that cover it in their order.</summary>
internal sealed class ActionTable
{
    private readonly Dictionary<string, List<CompiledRow>> _one = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<CompiledRow>> _below = new(StringComparer.Ordinal);
    private readonly List<CompiledRow> _all = [];

    public ActionTable(IEnumerable<CompiledRow> rows)
    {
        foreach (var row in rows) ListFor(row.Pattern).Add(row);
    }

    public IEnumerable<string> Actions => _one.Keys;
    public IEnumerable<string> Prefixes => _below.Keys;

    /// <summary>The rows that cover all of a pattern, in order.</summary>
    public CompiledRow[] Covering(ActionPattern pattern)
    {
        var rows = new List<CompiledRow>(_all);
        if (pattern.Kind == ActionPattern.Reach.One && _one.TryGetValue(pattern.Text, out var exact)) rows.AddRange(exact);
        if (pattern.Kind == ActionPattern.Reach.Below && _below.TryGetValue(pattern.Text, out var same)) rows.AddRange(same);
        for (var dot = pattern.Text.LastIndexOf('.'); dot > 0; dot = pattern.Text.LastIndexOf('.', dot - 1))
        {
            if (_below.TryGetValue(pattern.Text[..dot], out var wider)) rows.AddRange(wider);
        }
        rows.Sort((a, b) => a.Index.CompareTo(b.Index));
        return [.. rows];
    }

    private List<CompiledRow> ListFor(ActionPattern pattern)
    {
        if (pattern.Kind == ActionPattern.Reach.All) return _all;
        var lists = pattern.Kind == ActionPattern.Reach.One ? _one : _below;
        if (!lists.TryGetValue(pattern.Text, out var list)) lists[pattern.Text] = list = [];
        return list;
    }
}

/// <summary>The frozen form of an <see cref="ActionTable"/>: one look-up finds the few rows that can match, however many there are.</summary>
internal sealed class ActionIndex
{
    private readonly FrozenDictionary<string, CompiledRow[]> _actions;
    private readonly FrozenDictionary<string, CompiledRow[]>.AlternateLookup<ReadOnlySpan<char>> _prefixes;
    private readonly CompiledRow[] _rest;

    public ActionIndex(IEnumerable<CompiledRow> rows)
    {
        var table = new ActionTable(rows);
        _actions = table.Actions.ToFrozenDictionary(a => a, a => Reachable(table, ActionPattern.Reach.One, a), StringComparer.Ordinal);
        _prefixes = table.Prefixes.ToFrozenDictionary(p => p, p => Reachable(table, ActionPattern.Reach.Below, p), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _rest = Reachable(table, ActionPattern.Reach.All, "");
    }

    /// <summary>The rows that cover an action (in lower case), in order, up to the first that always matches.</summary>
    public CompiledRow[] Find(string action)
    {
        if (_actions.TryGetValue(action, out var rows)) return rows;
        var prefix = action.AsSpan();
        for (var dot = prefix.LastIndexOf('.'); dot > 0; dot = prefix.LastIndexOf('.'))
        {
            prefix = prefix[..dot];
            if (_prefixes.TryGetValue(prefix, out rows)) return rows;
        }
        return _rest;
    }

    private static CompiledRow[] Reachable(ActionTable table, ActionPattern.Reach kind, string text)
    {
        var rows = table.Covering(new ActionPattern(kind, text));
        var last = Array.FindIndex(rows, r => r.IsUnconditional);
        return last < 0 ? rows : rows[..(last + 1)];
    }
}
