using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Authority;

/// <summary>A draft as it was read or saved.</summary>
/// <param name="By">Who saved it, as its reader calls them; null where that is not known.</param>
public sealed record DraftSheet(MatrixDocument Document, long Version, string? By = null);

/// <summary>What stands around a draft: what and whom its rows can be about, and where it comes from.</summary>
/// <param name="By">Who changed it last, as its reader calls them.</param>
public sealed record DraftFrame(ActionCatalogue Catalogue, IReadOnlyList<ApproverChoice> People, DraftOrigin Origin, string? By)
{
    /// <summary>What can stand in the action of a row: each listed action, and all below each of their names.</summary>
    public IReadOnlyList<string> Actions { get; } = [.. Catalogue.Actions.Select(a => a.Action).Concat(Catalogue.Actions.Where(a => a.Action.Contains('.')).Select(a => a.Action[..a.Action.LastIndexOf('.')] + ".*")).Distinct()];

    /// <summary>Arguments that the register describes for the actions of a row.</summary>
    public IReadOnlyList<string> ArgumentsOf(MatrixRule? rule) => rule is null || !ActionPattern.TryParse(rule.Action, out var pattern) ? []
        : [.. Catalogue.Actions.Where(a => pattern.Covers(a.Action.ToLowerInvariant())).SelectMany(a => a.ArgumentsSchema is { } schema && schema.TryGetProperty("properties", out var p) && p.ValueKind == JsonValueKind.Object ? p.EnumerateObject().Select(x => x.Name) : []).Distinct().Take(100)];

    /// <summary>In which currency the amounts of an action are, where the register knows.</summary>
    public string? CurrencyOf(string action) => MoneyWords.CurrencyOf(action, Catalogue);
}

/// <summary>The draft for the people who edit it on a page.</summary>
internal sealed class DraftDesk(DurableWriter writer, MatrixDesk matrices, CatalogueDesk catalogues, ApproverChoices approvers, DraftOrigins origins)
{
    /// <summary>Who has the draft open for editing (<c>Presence</c>).</summary>
    public static string EditorsTopic(string rollout) => "editors:" + rollout;

    /// <summary>The draft as it stands now, past every cache.</summary>
    public async Task<Result<DraftSheet>> OpenAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var draft = await matrices.DraftAsync(caller, id, ct);
        if (draft.Fault is { } fault) return fault;
        using var json = JsonDocument.Parse(draft.Value.Json);
        var document = MatrixJson.Parse(json.RootElement);
        return document.Fault is { } unreadable ? unreadable : new DraftSheet(document.Value, draft.Value.Version, Called((await origins.OfAsync(id, draft.Value.Version, ct)).ById, caller));
    }

    /// <summary>What stands around the draft of this version.</summary>
    public async Task<Result<DraftFrame>> FrameAsync(PersonCaller caller, string id, long version, CancellationToken ct)
    {
        var catalogue = await catalogues.ReadAsync(caller, id, ct);
        if (catalogue.Fault is { } hidden) return hidden;
        var origin = await origins.OfAsync(id, version, ct);
        return new DraftFrame(catalogue.Value.Catalogue, approvers.List(caller, id) is { Ok: true, Value: var choices } ? choices : [], origin, Called(origin.ById, caller));   // a reader names nobody
    }

    /// <summary>As <see cref="MatrixDesk.SaveAsync"/>, from a document.</summary>
    public Task<Result<MatrixDraft>> SaveAsync(PersonCaller caller, string id, MatrixDocument document, long basedOn) => matrices.SaveAsync(caller, id, JsonElement.Parse(MatrixJson.ToJson(document)), basedOn);

    /// <summary>The analysis of a draft that is not stored (yet), away from the page's own thread of work: a large one takes a moment.</summary>
    /// <param name="ct">Cancelled when the draft moved on: the analysis ends, or gives its place in the queue away, with an <see cref="OperationCanceledException"/>.</param>
    public Task<Result<AnalysisView>> AnalyseAsync(PersonCaller caller, string id, MatrixDocument document, CancellationToken ct) =>
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

    private string? Called(string? personId, PersonCaller reader) => personId is null ? null : personId == reader.Id ? "You in another window" : PersonName(personId);
}
