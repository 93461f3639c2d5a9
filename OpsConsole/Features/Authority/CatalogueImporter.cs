using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>One action of a document that somebody chose, as it is to be listed.</summary>
/// <param name="Seen">The entry that stood there when it was chosen; null: none.</param>
public sealed record ImportPick(CatalogueAction Entry, CatalogueAction? Seen);

/// <summary>Lists what a document says can be asked for: first shown beside the catalogue, then taken over in one change; and what a worked matrix comes with.</summary>
internal sealed class CatalogueImporter(CatalogueDesk desk, ExampleDesk examples)
{
    /// <summary>Reads what somebody pasted or gave as a file: JSON where it begins like JSON, else YAML. Faults: those of <see cref="StrictJson"/>, <see cref="StrictYaml"/> and <see cref="CatalogueImport.Read"/>.</summary>
    public static Result<CatalogueImport> Read(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > JsonBody.MaxBytes) return TooLarge;
        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        var begin = utf8.Span.TrimStart(" \t\r\n"u8);
        return (begin.StartsWith("{"u8) || begin.StartsWith("["u8) ? StrictJson.Parse(utf8) : StrictYaml.Parse(utf8.Span)).Then(CatalogueImport.Read);
    }

    /// <summary>What is said to a document that is too large.</summary>
    public static readonly Fault TooLarge = new(FaultKind.TooLarge, "body.too_large", $"It is larger than {JsonBody.MaxBytes / 1024} KB. Take out what this rollout's agents do not need, or import it in parts.");

    /// <summary>The document beside the catalogue as it stands now, and the number the latter's ETag shows.</summary>
    public async Task<Result<(long Version, IReadOnlyList<ImportLine> Lines)>> PreviewAsync(PersonCaller caller, string id, CatalogueImport import, CancellationToken ct)
    {
        if (desk.MayEdit(caller, id) is { } forbidden) return forbidden;
        var stored = await desk.ReadAsync(caller, id, ct);
        return stored.Fault is { } fault ? fault : (stored.Value.Version, CatalogueMerge.Lines(import, stored.Value.Catalogue));
    }

    /// <summary>Lists these, all or none. Faults: <c>catalogue.changed</c> when one of the entries moved since it was seen; those of <see cref="CatalogueDesk.SaveAsync"/>.</summary>
    public async Task<Result<CatalogueSaved>> ListAsync(PersonCaller caller, string id, IReadOnlyList<ImportPick> picks, CancellationToken ct)
    {
        if (desk.MayEdit(caller, id) is { } forbidden) return forbidden;
        while (true)
        {
            var stored = await desk.ReadAsync(caller, id, ct);
            if (stored.Fault is { } hidden) return hidden;
            if (picks.FirstOrDefault(p => HasMoved(p, stored.Value.Catalogue)) is { } moved)
                return Fault.Conflict("catalogue.changed", $"Somebody listed, changed or took off {moved.Entry.Action} in the meantime. Nothing was listed: look at the preview again.");
            var merged = stored.Value.Catalogue.WithAll([.. picks.Select(p => p.Entry)]);
            if (merged.Fault is { } full) return full;
            // Through the same door as everything that is listed: what would be refused there is refused here.
            var checkedAgain = ActionCatalogue.Parse(JsonElement.Parse(merged.Value.ToJson()));
            if (checkedAgain.Fault is { } wrong) return wrong;
            var saved = await desk.ReplaceAsync(caller, id, checkedAgain.Value, stored.Value.Version);
            if (saved.Fault?.Code != "catalogue.stale") return saved;   // else somebody saved in between: once more, on top of theirs
        }
    }

    /// <summary>Takes over what a worked matrix comes with: its actions, except those whose names are listed, and its examples (<see cref="ExampleDesk.StartWithAsync"/>). The draft is for its authors to save.</summary>
    public async Task<Result<ExamplesSaved>> StartWithAsync(PersonCaller caller, string id, WorkedStart worked, CancellationToken ct)
    {
        var listed = await ListMissingAsync(caller, id, worked.Catalogue, ct);
        return listed.Fault is { } fault ? fault : await examples.StartWithAsync(caller, id, worked.Examples, ct);
    }

    private async Task<Result<CatalogueSaved>> ListMissingAsync(PersonCaller caller, string id, ActionCatalogue catalogue, CancellationToken ct)
    {
        while (true)
        {
            var stored = await desk.ReadAsync(caller, id, ct);
            if (stored.Fault is { } hidden) return hidden;
            var saved = await ListAsync(caller, id, [.. catalogue.Actions.Where(a => stored.Value.Catalogue.Find(a.Action) is null).Select(a => new ImportPick(a, null))], ct);
            if (saved.Fault?.Code != "catalogue.changed") return saved;   // else somebody listed one of them in between
        }
    }

    /// <summary>Shows a document beside the catalogue or, unless it is a <paramref name="dryRun"/>, lists what is new and brings descriptions and schemas of the others up to date.</summary>
    public async Task<Result<ImportView>> ImportAsync(PersonCaller caller, string id, CatalogueImport import, bool dryRun, CancellationToken ct)
    {
        while (true)
        {
            var preview = await PreviewAsync(caller, id, import, ct);
            if (preview.Fault is { } fault) return fault;
            var (version, lines) = preview.Value;
            ImportPick[] picks = [.. lines.Where(l => l.Standing is ImportStanding.New or ImportStanding.Changed).Select(l => new ImportPick(l.Merged(takeTheirs: false), l.Ours))];
            if (dryRun || picks.Length == 0) return ImportView.Of(import, lines, version, dryRun);
            var saved = await ListAsync(caller, id, picks, ct);
            if (saved.Ok) return ImportView.Of(import, lines, saved.Value.Version, dryRun);
            if (saved.Fault!.Code != "catalogue.changed") return saved.Fault;   // else it is laid beside what stands there now
        }
    }

    private static bool HasMoved(ImportPick pick, ActionCatalogue catalogue)
        => catalogue.Find(pick.Entry.Action) is { } now ? pick.Seen is not { } seen || !ActionCatalogue.IsSame(now, seen) : pick.Seen is not null;
}
