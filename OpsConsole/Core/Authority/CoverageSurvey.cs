using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>Finds, for actions one by one, the rows that can decide a call of exactly this action, and whether one can be left over.</summary>
internal sealed class CoverageSurvey(AnalysisGround ground, WorkBudget budget, ArgumentFits fits)
{
    private static readonly CallFate[] Fates = Enum.GetValues<CallFate>();

    /// <summary>The cells of each action, in the order given.</summary>
    public CoverageCell[][] CellsOf(IReadOnlyList<string> actions)
    {
        var rows = actions.Select(a => Reachable(new(ActionPattern.Reach.One, a.ToLowerInvariant()))).ToArray();
        var cells = new CoverageCell[actions.Count][];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        // Few rows first: an action that a great many rows are about must not use up what the others need.
        foreach (var i in Enumerable.Range(0, actions.Count).OrderBy(i => rows[i].Length))
        {
            var key = AnalysisGround.KeyOf(rows[i]);
            cells[i] = known.TryGetValue(key, out var same) ? [.. cells[same].Select(c => About(c, actions[i]))] : Survey(rows[i], actions[i]);
            known.TryAdd(key, i);
        }
        // What can become of a call is settled by the rows alone; which call shows it is a matter of the action's arguments too.
        return [.. cells.Select((c, i) => fits.Of(actions[i]) is { } fit ? Fitted(c, rows[i], actions[i], fit) : c)];
    }

    // What comes after a row that always matches is never asked.
    private CompiledRow[] Reachable(ActionPattern action)
    {
        var rows = ground.Covering(action);
        var last = Array.FindIndex(rows, r => r.IsUnconditional);
        return last < 0 ? rows : rows[..(last + 1)];
    }

    private CoverageCell[] Survey(CompiledRow[] rows, string action)
    {
        var frame = ground.FrameOf(rows);
        var search = new CoverSearch(frame.Space, budget);
        var boxes = Boxes(rows, frame);
        var found = Fates.ToDictionary(f => f, _ => new List<CoverageRow>());
        for (var i = 0; i < boxes.Length; i++)
        {
            if (Decides(search, boxes, i, action) is { } row) found[FateOf(boxes[i].Row)].Add(row);
        }
        var left = search.Run(search.Everything(), boxes, null, action, ground.Policy, Nobody);
        if (left != Cover.Whole) found[CallFate.Nobody].Add(new(null, -1, left == Cover.Open ? search.Example?.Call : null, false));
        return [.. Fates.Select(f => new CoverageCell(f, found[f]))];
    }

    // First among the calls that all its conditions are sure of: they make the better example.
    private CoverageRow? Decides(CoverSearch search, RowBox[] boxes, int at, string action)
    {
        var row = boxes[at].Row;
        var cover = Cover.Whole;
        foreach (var certain in row.IsGuard ? (bool[])[true, false] : [true])
        {
            if (search.Start(boxes[at], certain) is not { } start) continue;
            cover = search.Run(start, new ArraySegment<RowBox>(boxes, 0, at), boxes[at], action, ground.Policy, match => Is(match, row), unknownToo: !certain);
            if (cover == Cover.Open) break;
        }
        if (cover == Cover.Whole) return null;
        return Shown(new(row.Rule?.Id, row.Index, null, false), cover == Cover.Open ? search.Example : null);
    }

    private CoverageRow Shown(CoverageRow row, ShownCall? by) => by is { } shown ? row with { Example = shown.Call, Fit = shown.Fit, OnlyUnread = Match(shown.Call).Unknown } : row;

    // The same fates, each with a call that fits the action's arguments where one is found.
    private CoverageCell[] Fitted(CoverageCell[] cells, CompiledRow[] rows, string action, ArgumentFit fit)
    {
        (CoverSearch Search, RowBox[] Boxes)? among = null;
        return [.. cells.Select(c => new CoverageCell(c.Fate, [.. c.Rows.Select(r => Shown(r, FittedRow(r)))]))];

        ShownCall? FittedRow(CoverageRow row)
        {
            if (row.Example is not { } example) return null;
            var box = row.Index < 0 ? null : rows.First(r => r.Index == row.Index && r.Rule is null == row.IsBoundary);
            bool Shows(PolicyMatch match) => box is null ? Nobody(match) : Is(match, box);
            var whole = fit.Complete(example, []);
            if (!Shows(Match(whole.Call))) whole = new(example, CallFit.Unsure);
            if (whole.Fit == CallFit.Fits && (box is null || !Match(whole.Call).Unknown || row.OnlyUnread)) return whole;
            if (among is null)
            {
                var frame = ground.FrameOf(rows, fit);
                among = (new CoverSearch(frame.Space, budget, fit), Boxes(rows, frame));
            }
            var (search, boxes) = among.Value;
            var (none, at) = (true, Array.FindIndex(boxes, b => b.Row == box));
            foreach (var (start, unknownToo) in box is null ? [(search.Everything(), false)] : ((ulong[]?[]?, bool)[])[(search.Start(boxes[at], certain: true), false), (box.IsGuard ? search.Start(boxes[at], certain: false) : null, true)])
            {
                if (start is null) continue;
                var cover = search.RunFitting(start, box is null ? boxes : new ArraySegment<RowBox>(boxes, 0, at), box is null ? null : boxes[at], action, ground.Policy, Shows, unknownToo);
                if (cover == Cover.Open) return search.Example;
                none &= cover == Cover.Whole;
            }
            return none && whole.Fit != CallFit.Fits ? whole with { Fit = CallFit.NoneFits } : whole;
        }
    }

    // An allow row that cannot be evaluated never matches; one that holds back does, whatever its broken condition says.
    private static RowBox[] Boxes(CompiledRow[] rows, AnalysisGround.Frame frame) => [.. rows.Where(r => r.IsGuard || r.Conditions.All(c => c.Problem is null)).Select(frame.BoxOf)];

    private PolicyMatch Match(JsonElement call) => ground.Policy.Evaluate(PolicyCall.FromExample(call));

    private static bool Nobody(PolicyMatch match) => match is { Rule: null, Boundary: null };

    private static bool Is(PolicyMatch match, CompiledRow row) => row.Rule is null ? ReferenceEquals(match.Boundary, row.Boundary) : match.RuleIndex == row.Index;

    private static CallFate FateOf(CompiledRow row) => row.Rule?.Outcome switch { RuleOutcome.Allow => CallFate.Alone, RuleOutcome.Approve => CallFate.Approved, _ => CallFate.Denied };

    // The action decides only which rows are asked; with the same rows, the same call of another action fares the same.
    private static CoverageCell About(CoverageCell cell, string action) => new(cell.Fate, [.. cell.Rows.Select(r => r with { Example = r.Example is { } example ? Named(example, action) : null })]);

    private static JsonElement Named(JsonElement example, string action)
    {
        var call = JsonNode.Parse(example.GetRawText())!;
        call["action"] = action;
        return JsonElement.Parse(call.ToJsonString());
    }
}
