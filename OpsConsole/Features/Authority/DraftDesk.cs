using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Authority;

/// <summary>What somebody needs to work on a draft: the draft, the number it is based on, and whom and what it can be about.</summary>
public sealed record DraftSheet(MatrixDocument Document, long Version, ActionCatalogue Catalogue, IReadOnlyList<ApproverChoice> People);

/// <summary>The draft for the people who edit it on a page.</summary>
internal sealed class DraftDesk(DurableWriter writer, MatrixDesk matrices, CatalogueDesk catalogues, ApproverChoices approvers)
{
    public async Task<Result<DraftSheet>> OpenAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var draft = await matrices.DraftAsync(caller, id, ct);
        if (draft.Fault is { } fault) return fault;
        using var json = JsonDocument.Parse(draft.Value.Json);
        var document = MatrixJson.Parse(json.RootElement);
        if (document.Fault is { } unreadable) return unreadable;
        var catalogue = await catalogues.ReadAsync(caller, id, ct);
        return catalogue.Fault is { } hidden ? hidden : new DraftSheet(document.Value, draft.Value.Version, catalogue.Value.Catalogue, approvers.List(caller, id) is { Ok: true, Value: var choices } ? choices : []);   // a reader names nobody
    }

    /// <summary>As <see cref="MatrixDesk.SaveAsync"/>, from a document.</summary>
    public Task<Result<MatrixDraft>> SaveAsync(PersonCaller caller, string id, MatrixDocument document, long basedOn) => matrices.SaveAsync(caller, id, JsonElement.Parse(MatrixJson.ToJson(document)), basedOn);

    /// <summary>The analysis of a draft that is not stored (yet), away from the page's own thread of work: a large one takes a moment.</summary>
    /// <param name="ct">Cancelled when the draft moved on: the analysis ends, or gives its place in the queue away, with an <see cref="OperationCanceledException"/>.</param>
    public Task<Result<AnalysisView>> AnalyseAsync(PersonCaller caller, string id, MatrixDocument document, CancellationToken ct = default) =>
        Task.Run(() => matrices.AnalyseAsync(caller, id, JsonElement.Parse(MatrixJson.ToJson(document)), ct), ct);

    /// <summary>Who is meant by a name that somebody typed: a group's, else the one person of that name. Null: nobody, or more than one.</summary>
    public string? Knows(string name)
    {
        var directory = writer.State.Directory;
        if (directory.GroupsByName.TryGetValue(name, out var group)) return ApproverEntry.Group + group.Name;
        var called = directory.People.Values.Where(p => !p.Disabled && string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase)).Take(2).ToList();
        return called.Count == 1 ? ApproverEntry.User + called[0].Email : null;
    }

    /// <summary>How an approver is called: a person's name, a group's, else what stands in the row.</summary>
    public string NameOf(string approver) => writer.State.Directory.Called(approver);

    public string PersonName(string personId) => writer.State.Directory.NameOf(personId);
}
