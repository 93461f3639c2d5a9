using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Authority;

/// <summary>Which matrix beside which register: the version in force, or (0) the draft as long as nothing is published.</summary>
public readonly record struct MatrixKey(int Version, long DraftVersion, long CatalogueVersion)
{
    /// <summary>A draft beside a published matrix decides nothing, so that it makes no difference here.</summary>
    public static MatrixKey Of(RolloutAuthority rollout, long draftVersion, long catalogueVersion) => new(rollout.Policy?.Version ?? 0, rollout.Policy is null ? draftVersion : 0, catalogueVersion);
}

/// <summary>What steps and gates ask of a matrix: what the analysis finds in it today, and whether every action of consequence has somebody who approves it.</summary>
public sealed record MatrixStanding
{
    public required MatrixKey Key { get; init; }
    public required int Rules { get; init; }
    public required int Boundaries { get; init; }
    /// <summary>How many actions the register lists.</summary>
    public required int Listed { get; init; }
    /// <summary>What the analysis calls errors, in words, but for approvers whom the console does not know.</summary>
    public required IReadOnlyList<string> Errors { get; init; }
    /// <summary>The errors about approvers whom the console does not know.</summary>
    public required IReadOnlyList<string> Strangers { get; init; }
    /// <summary>Listed actions about which no row and no boundary says anything.</summary>
    public required IReadOnlyList<string> Unspoken { get; init; }
    /// <summary>Actions of high consequence that no row denies or gives to a named person.</summary>
    public required IReadOnlyList<string> Unnamed { get; init; }
    /// <summary>Actions of high consequence that a row takes for a lesser one and lets run alone, whatever the call.</summary>
    public required IReadOnlyList<string> Alone { get; init; }
    /// <summary>How the approvers stood that were asked about; while they still do, all of this still holds.</summary>
    public required IReadOnlyDictionary<string, ApproverStanding> Standings { get; init; }

    public bool IsOf(MatrixKey key, Func<string, ApproverStanding> approver) => Key == key && Standings.All(s => approver(s.Key) == s.Value);

    public static MatrixStanding Of(MatrixKey key, MatrixDocument doc, ActionCatalogue catalogue, Func<string, ApproverStanding> approver, CancellationToken ct = default)
    {
        Dictionary<string, ApproverStanding> asked = new(StringComparer.Ordinal);
        ApproverStanding Ask(string who) => asked[who] = approver(who);
        var errors = MatrixAnalyser.Analyse(doc, Ask, catalogue, null, ct).Errors;
        var (boundaries, rules) = (doc.Boundaries.Select((b, i) => new CompiledRow(i, b)).ToList(), doc.Rules.Select((r, i) => new CompiledRow(i, r)).ToList());
        List<string> unspoken = [], unnamed = [], alone = [];
        foreach (var listed in catalogue.Actions)
        {
            var name = listed.Action.ToLowerInvariant();
            bool Covers(CompiledRow row) => row.IsWellFormedAction && row.Pattern.Covers(name);
            var guards = boundaries.Where(Covers).ToList();
            var reached = rules.FindIndex(r => Covers(r) && r.IsUnconditional);   // no call of it comes to the rows after that one
            var rows = rules.Take(reached < 0 ? rules.Count : reached + 1).Where(Covers).ToList();
            if (guards.Any(g => g.IsUnconditional)) continue;
            if (rows.Count == 0 && guards.Count == 0) unspoken.Add(listed.Action);
            if (listed.Consequence != Consequence.High) continue;
            if (rows.Any(r => r.Rule is { Outcome: RuleOutcome.Allow, Consequence: Consequence.Low } && !CatalogueChecks.IsOfSomeCalls(r))) alone.Add(listed.Action);
            else if (rows.Count > 0 && !rows.Any(r => r.Rule is { Outcome: RuleOutcome.Deny } or { Approvers.Count: > 0 })) unnamed.Add(listed.Action);
        }
        return new MatrixStanding
        {
            Key = key, Rules = doc.Rules.Count, Boundaries = doc.Boundaries.Count, Listed = catalogue.Actions.Count,
            Errors = [.. errors.Where(e => e.Code != "approver.unknown").Select(e => e.Message)], Strangers = [.. errors.Where(e => e.Code == "approver.unknown").Select(e => e.Message)],
            Unspoken = unspoken, Unnamed = unnamed, Alone = alone, Standings = asked,
        };
    }
}
