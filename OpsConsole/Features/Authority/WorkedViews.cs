using System.Text.Json;
using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Authority;

/// <summary>A worked matrix in a list.</summary>
public sealed record WorkedRow(string Name, string Title, string Summary, int Rules, int Boundaries, int Actions, int Examples)
{
    internal static WorkedRow Of(WorkedMatrix w) => new(w.Name, w.Title, w.Summary, w.Matrix.Rules.Count, w.Matrix.Boundaries.Count, w.Catalogue.Actions.Count, w.Examples.Items.Count);
}

/// <summary>A worked matrix whole.</summary>
/// <param name="Approvers">The names in it that stand in for people or groups of the console.</param>
/// <param name="Sentences">Its rows in words: boundaries, then rules.</param>
/// <param name="Matrix">As <c>PUT rollouts/{id}/matrix</c> takes it, once the approvers are the console's own.</param>
/// <param name="Catalogue">As <c>PUT rollouts/{id}/actions</c> takes it.</param>
/// <param name="Examples">As <c>PUT rollouts/{id}/matrix/examples</c> takes them.</param>
public sealed record WorkedView(string Name, string Title, string Summary, IReadOnlyList<WorkedApprover> Approvers, IReadOnlyList<string> Sentences, JsonElement Matrix, IReadOnlyList<CatalogueEntry> Catalogue, IReadOnlyList<ExampleEntry> Examples)
{
    internal static WorkedView Of(WorkedMatrix w) => new(w.Name, w.Title, w.Summary, w.Approvers, [.. w.Sentences(placeholder => placeholder)], JsonElement.Parse(MatrixJson.ToJson(w.Matrix)), [.. w.Catalogue.Actions.Select(CatalogueEntry.Of)], [.. w.Examples.Items.Select(ExampleEntry.Of)]);
}
