using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Authority;

/// <summary>What <c>POST rollouts/{id}/actions/import</c> answers: what the document says, beside what is listed, and what became of it.</summary>
/// <param name="DryRun">Nothing was listed; the figures are what would be.</param>
/// <param name="Version">The number the catalogue's ETag shows.</param>
/// <param name="Added">How many are new.</param>
/// <param name="Updated">How many got another description or schema.</param>
/// <param name="Same">How many are listed already as they are.</param>
/// <param name="LeftOut">How many cannot be listed: an earlier one has their name.</param>
/// <param name="Notes">What could not be read, and why.</param>
public sealed record ImportView(ImportKind Kind, bool DryRun, long Version, int Added, int Updated, int Same, int LeftOut, IReadOnlyList<ImportedView> Actions, IReadOnlyList<string> Notes)
{
    internal static ImportView Of(CatalogueImport import, IReadOnlyList<ImportLine> lines, long version, bool dryRun)
    {
        return new(import.Kind, dryRun, version, Count(ImportStanding.New), Count(ImportStanding.Changed), Count(ImportStanding.Same), Count(ImportStanding.Clash), [.. lines.Select(ImportedView.Of)], import.Notes);

        int Count(ImportStanding standing) => lines.Count(l => l.Standing == standing);
    }
}

/// <summary>An action of the document.</summary>
/// <param name="Source">Where it stands there.</param>
/// <param name="Updates">The fields that change.</param>
/// <param name="Kept">The fields that the document judges otherwise, and that stay as people set them.</param>
/// <param name="Notes">What was changed or left out, and what the document only claims.</param>
/// <param name="Clash">Where the earlier one of its name stands.</param>
/// <param name="Entry">The entry as it is, or would be, listed.</param>
public sealed record ImportedView(string Source, ImportStanding Standing, IReadOnlyList<string> Updates, IReadOnlyList<string> Kept, IReadOnlyList<string> Notes, string? Clash, CatalogueEntry Entry)
{
    internal static ImportedView Of(ImportLine line) => new(line.Import.Source, line.Standing, line.Updates, line.Kept, line.Import.Notes, line.Import.Clash, CatalogueEntry.Of(line.Merged(takeTheirs: false)));
}
