using System.Globalization;
using System.Text.Json;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>
/// Requests of one kind side by side: what is equal in all of them once, what differs as columns. Nothing that one of them says is left out. A field whose name the agent chose
/// says before it what it is of, so that none reads like the console's own.
/// </summary>
/// <param name="Same">Fields that say the same everywhere.</param>
/// <param name="Columns">Fields that differ, in the order they were sent.</param>
/// <param name="Rows">One per request; a null cell: this one says nothing there.</param>
internal sealed record BulkTable(IReadOnlyList<(string Field, string Value)> Same, IReadOnlyList<string> Columns, IReadOnlyList<(ApprovalView Request, IReadOnlyList<string?> Cells)> Rows)
{
    public static BulkTable Of(IReadOnlyList<ApprovalView> requests)
    {
        List<Dictionary<string, string>> said = [.. requests.Select(r => Said(r).ToDictionary())];
        List<string> fields = [.. said.SelectMany(s => s.Keys).Distinct()];
        var differ = fields.Where(f => said.Any(s => s.GetValueOrDefault(f) != said[0].GetValueOrDefault(f))).ToList();
        return new([.. fields.Except(differ).Select(f => (f, said[0][f]))], differ, [.. requests.Zip(said, (r, s) => (r, (IReadOnlyList<string?>)[.. differ.Select(f => s.GetValueOrDefault(f))]))]);
    }

    private static IEnumerable<KeyValuePair<string, string>> Said(ApprovalView r)
    {
        if (r.ResourceId is { } resource) yield return new("acts on", resource);
        foreach (var (path, json) in ArgumentDraft.Values(r.Arguments)) yield return new("argument: " + path, json);
        foreach (var (path, json) in ArgumentDraft.Values(r.ResourceAttributes)) yield return new("resource: " + path, json);
        foreach (var (path, json) in ArgumentDraft.Values(r.Preconditions)) yield return new("only while: " + path, json);
        if (r.OnBehalfOf is { } behalf) yield return new("on behalf of", behalf);
        if (r.Confidence is { } sure) yield return new("confidence", sure.ToString("0.####", CultureInfo.InvariantCulture));
        if (r.Reasoning.Length > 0) yield return new("why, in the agent's words", r.Reasoning);
        if (r.Alternatives.Count > 0) yield return new("alternatives it considered", string.Join("\n", r.Alternatives));
        if (r.Context.GetArrayLength() > 0) yield return new("what it had read", r.Context.GetRawText());
        if (Any(r.Undo)) yield return new("undo plan", r.Undo.GetRawText());
        if (Any(r.ExpectedCost)) yield return new("expected cost", r.ExpectedCost.GetRawText());
    }

    private static bool Any(JsonElement element) => element.EnumerateObject().Any();
}
