using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>How an imported action stands to the catalogue.</summary>
public enum ImportStanding
{
    /// <summary>Not listed yet.</summary>
    New,
    /// <summary>Listed; description or schema would change.</summary>
    Changed,
    /// <summary>Listed as it is.</summary>
    Same,
    /// <summary>An earlier action of the document has its name.</summary>
    Clash,
}

/// <summary>An imported action beside the entry of its name.</summary>
/// <param name="Ours">The entry; null where there is none.</param>
/// <param name="Updates">The fields that listing it changes.</param>
/// <param name="Kept">What the document judges otherwise than people did. Theirs stays, unless it is given up for the document's.</param>
public sealed record ImportLine(ImportedAction Import, CatalogueAction? Ours, ImportStanding Standing, IReadOnlyList<string> Updates, IReadOnlyList<string> Kept)
{
    /// <summary>The entry as it would be listed.</summary>
    /// <param name="takeTheirs">Also what people judged otherwise comes from the document.</param>
    public CatalogueAction Merged(bool takeTheirs)
    {
        var theirs = Import.Action;
        if (Ours is not { } ours) return theirs;
        var merged = ours with { Description = theirs.Description ?? ours.Description, ArgumentsSchema = theirs.ArgumentsSchema ?? ours.ArgumentsSchema };
        return !takeTheirs ? merged : merged with
        {
            Effect = Kept.Contains("effect") ? theirs.Effect : ours.Effect,
            Consequence = Kept.Contains("consequence") ? theirs.Consequence : ours.Consequence,
            Classes = Kept.Contains("classes") ? theirs.Classes : ours.Classes,
            Reversible = Kept.Contains("reversible") ? theirs.Reversible : ours.Reversible,
            Owner = Kept.Contains("owner") ? theirs.Owner : ours.Owner,
        };
    }
}

/// <summary>Lays a document beside a catalogue. What machines can say (description, schema) follows the document; what people judged stays.</summary>
public static class CatalogueMerge
{
    public static IReadOnlyList<ImportLine> Lines(CatalogueImport import, ActionCatalogue catalogue) => [.. import.Actions.Select(a => Line(a, catalogue.Find(a.Action.Action)))];

    private static ImportLine Line(ImportedAction import, CatalogueAction? ours)
    {
        if (import.Clash is not null) return new(import, ours, ImportStanding.Clash, [], []);
        if (ours is null) return new(import, null, ImportStanding.New, [], []);
        var theirs = import.Action;
        string[] updates =
        [
            .. theirs.Description is { } description && description != ours.Description ? ["description"] : Array.Empty<string>(),
            .. theirs.ArgumentsSchema is { } schema && !(ours.ArgumentsSchema is { } known && JsonElement.DeepEquals(schema, known)) ? ["arguments_schema"] : Array.Empty<string>(),
        ];
        string[] kept = [.. import.Stated.Where(field => field switch
        {
            "effect" => theirs.Effect != ours.Effect,
            "consequence" => theirs.Consequence != ours.Consequence,
            "classes" => !theirs.Classes.ToHashSet().SetEquals(ours.Classes),
            "reversible" => theirs.Reversible != ours.Reversible,
            _ => theirs.Owner != ours.Owner,
        })];
        return new(import, ours, updates.Length > 0 ? ImportStanding.Changed : ImportStanding.Same, updates, kept);
    }
}
