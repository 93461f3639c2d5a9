namespace OpsConsole.Core.Authority;

/// <summary>The rows of one matrix made ready once for every question about its calls: compiled, sorted by action, and with the spaces to look for calls in.</summary>
internal sealed class AnalysisGround
{
    // A space of few rows tells more apart (fewer patterns and constants meet in one field); one space for many saves asking the same condition again for every action.
    private const int MaxRowsInOwnSpace = 48, MaxRowsInOneSpace = 1_000;

    private readonly ActionTable _boundaryTable, _ruleTable;
    private readonly CompiledRow[] _all;
    private readonly Dictionary<(string, ArgumentFit?), Frame> _frames = [];
    private Frame? _shared;

    // Work of a pattern: its size × characters. The slowest that are allowed take about 0.4 s for a million.
    private const int PatternWork = 20_000_000;
    private readonly WorkBudget _patterns;

    public AnalysisGround(MatrixDocument doc, CancellationToken ct = default)
    {
        _patterns = new WorkBudget(PatternWork, ct);
        Document = doc;
        Boundaries = [.. doc.Boundaries.Select((b, i) => new CompiledRow(i, b))];
        Rules = [.. doc.Rules.Select((r, i) => new CompiledRow(i, r))];
        Policy = CompiledPolicy.Of(doc, Boundaries, Rules);
        (_boundaryTable, _ruleTable) = (new ActionTable(Boundaries), new ActionTable(Rules));
        _all = [.. Boundaries, .. Rules];
    }

    public MatrixDocument Document { get; }
    public CompiledRow[] Boundaries { get; }
    public CompiledRow[] Rules { get; }
    public CompiledPolicy Policy { get; }

    /// <summary>Every row that covers all of a pattern, in the order they are asked.</summary>
    public CompiledRow[] Covering(ActionPattern pattern) => [.. _boundaryTable.Covering(pattern), .. _ruleTable.Covering(pattern)];

    /// <summary>Where to look for calls that these rows, as <see cref="Covering"/> gave them, can tell apart; with <paramref name="fit"/>, calls of one action among them that fit its arguments.</summary>
    public Frame FrameOf(CompiledRow[] rows, ArgumentFit? fit = null)
    {
        if (fit is null && rows.Length > MaxRowsInOwnSpace && _all.Length <= MaxRowsInOneSpace) return _shared ??= new Frame(_all, _patterns);
        var key = (KeyOf(rows), fit);
        return _frames.TryGetValue(key, out var frame) ? frame : _frames[key] = new Frame(rows, _patterns, fit);
    }

    /// <summary>The same for the same rows: actions with the same key fare alike.</summary>
    public static string KeyOf(CompiledRow[] rows) => string.Join(',', rows.Select(r => r.Rule is null ? ~r.Index : r.Index));

    /// <summary>An action that stands for a pattern; for a wildcard, one below it that no row names.</summary>
    public string ActionOf(ActionPattern pattern)
    {
        const string anyName = "anything";
        if (pattern.Kind == ActionPattern.Reach.One) return pattern.Text;
        var start = pattern.Kind == ActionPattern.Reach.All ? anyName : $"{pattern.Text}.{anyName}";
        var action = start;
        for (var i = 2; _all.Any(r => r.Pattern.Text.StartsWith(action, StringComparison.Ordinal)); i++) action = start + i;
        return action;
    }

    /// <summary>A space, and its rows as boxes.</summary>
    internal sealed class Frame(CompiledRow[] rows, WorkBudget patterns, ArgumentFit? fit = null)
    {
        private readonly Dictionary<CompiledRow, RowBox> _boxes = new(ReferenceEqualityComparer.Instance);

        public ConditionSpace Space { get; } = new(rows, patterns, fit);

        public RowBox BoxOf(CompiledRow row) => _boxes.TryGetValue(row, out var box) ? box : _boxes[row] = Space.BoxOf(row);
    }
}
