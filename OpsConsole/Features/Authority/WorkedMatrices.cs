using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority;

/// <summary>Somebody whom a worked matrix needs, under a name that stands in for them.</summary>
/// <param name="Placeholder">As the rows name them: <c>group:team-leads</c>.</param>
/// <param name="Who">Who that should be, in a sentence.</param>
public sealed record WorkedApprover(string Placeholder, string Who);

/// <summary>What a rollout begins with: the draft, the actions it is about, and the cases that it must answer as they are written.</summary>
public sealed record WorkedStart(MatrixDocument Document, ActionCatalogue Catalogue, MatrixExamples Examples);

/// <summary>A matrix to start from, with the actions it is about and the cases to keep.</summary>
public sealed record WorkedMatrix(string Name, string Title, string Summary, ActionCatalogue Catalogue, MatrixDocument Matrix, IReadOnlyList<WorkedApprover> Approvers, MatrixExamples Examples)
{
    /// <summary>The matrix with others in place of its placeholders.</summary>
    /// <param name="of">Who stands in for a placeholder.</param>
    public MatrixDocument With(Func<string, string> of) => Matrix with { Rules = [.. Matrix.Rules.Select(r => r with { Approvers = [.. r.Approvers.Select(of)], EscalateTo = [.. r.EscalateTo.Select(of)] })] };

    /// <summary>Its rows in words: boundaries, then rules.</summary>
    /// <param name="of">As for <see cref="With"/>.</param>
    public IEnumerable<string> Sentences(Func<string, string> of) => Matrix.Boundaries.Select(b => RuleSentence.Of(b)).Concat(With(of).Rules.Select(r => RuleSentence.Of(r, who => VisibleText.Flatten(ApproverEntry.Bare(who)))));
}

/// <summary>The worked matrices that come with the console, one embedded file each.</summary>
public static class WorkedMatrices
{
    private static readonly string[] Names = ["support", "finance", "operations", "sales"];
    private static readonly Lazy<IReadOnlyList<WorkedMatrix>> Files = new(() => [.. Names.Select(Read)]);

    public static IReadOnlyList<WorkedMatrix> All => Files.Value;

    public static WorkedMatrix? Find(string name) => All.FirstOrDefault(w => w.Name == name);

    /// <summary>
    /// The matrix, its catalogue and its examples with the console's own people and groups in place of the placeholders. Faults: <c>not_found</c>; <c>worked.approver</c> for a placeholder
    /// that is not mapped, or mapped to neither <c>user:…</c> nor <c>group:…</c>.
    /// </summary>
    /// <param name="approvers">Who stands in for each of <see cref="WorkedMatrix.Approvers"/>.</param>
    public static Result<WorkedStart> Use(string name, IReadOnlyDictionary<string, string> approvers)
    {
        if (Find(name) is not { } worked) return Fault.NotFound("worked matrix");
        foreach (var needed in worked.Approvers)
        {
            if (!approvers.TryGetValue(needed.Placeholder, out var who) || !(ApproverEntry.IsUser(who) || ApproverEntry.IsGroup(who)))
                return Fault.Invalid("worked.approver", $"Say who takes the place of {needed.Placeholder}: a person (user:email) or a group (group:name).", needed.Placeholder);
        }
        var catalogue = ActionCatalogue.Empty.WithAll([.. worked.Catalogue.Actions.Select(a => a.Owner is { } owner ? a with { Owner = Of(owner) } : a)]);
        if (catalogue.Fault is { } full) return full;
        return new WorkedStart(worked.With(Of), catalogue.Value, worked.Examples);

        string Of(string placeholder) => approvers.GetValueOrDefault(placeholder, placeholder);
    }

    /// <summary>Whether an example came with a worked matrix and still says what it said there, under whatever id.</summary>
    internal static bool Brought(MatrixExample example)
        => All.Any(w => w.Examples.Items.Any(e => (e.Name, e.Expect, e.Note) == (example.Name, example.Expect, example.Note) && e.Call.GetRawText() == example.Call.GetRawText()));

    private static WorkedMatrix Read(string name)
    {
        using var stream = typeof(WorkedMatrices).Assembly.GetManifestResourceStream($"OpsConsole.Features.Authority.Worked.{name}.json")!;
        using var document = JsonDocument.Parse(stream);
        var root = document.RootElement;
        return new(name, Text(root, "title"), Text(root, "summary"), ActionCatalogue.Parse(root.GetProperty("catalogue")).Value, MatrixJson.Parse(root.GetProperty("matrix")).Value,
            [.. root.GetProperty("approvers").EnumerateArray().Select(a => new WorkedApprover(Text(a, "approver"), Text(a, "who")))], MatrixExamples.Parse(root.GetProperty("examples")).Value);
    }

    private static string Text(JsonElement from, string name) => from.GetProperty(name).GetString()!;
}
