using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>Finds, for actions one by one, the rows that can decide a call of exactly this action, and whether one can be left over.</summary>
internal sealed class CoverageSurvey(AnalysisGround ground, WorkBudget budget)
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
        return cells;
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
        // An allow row that cannot be evaluated never matches; one that holds back does, whatever its broken condition says.
        RowBox[] boxes = [.. rows.Where(r => r.IsGuard || r.Conditions.All(c => c.Problem is null)).Select(frame.BoxOf)];
        var found = Fates.ToDictionary(f => f, _ => new List<CoverageRow>());
        for (var i = 0; i < boxes.Length; i++)
        {
            if (Decides(search, boxes, i, action) is { } row) found[FateOf(boxes[i].Row)].Add(row);
        }
        var left = search.Run(search.Everything(), boxes, null, action, ground.Policy, match => match is { Rule: null, Boundary: null });
        if (left != Cover.Whole) found[CallFate.Nobody].Add(new(null, -1, left == Cover.Open ? search.Example : null, false));
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
            cover = search.Run(start, new ArraySegment<RowBox>(boxes, 0, at), boxes[at], action, ground.Policy, match => row.Rule is null ? ReferenceEquals(match.Boundary, row.Boundary) : match.RuleIndex == row.Index);
            if (cover == Cover.Open) break;
        }
        if (cover == Cover.Whole) return null;
        var example = cover == Cover.Open ? search.Example : null;
        return new(row.Rule?.Id, row.Index, example, example is { } call && ground.Policy.Evaluate(PolicyCall.FromExample(call)).Unknown);
    }

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
