using OpsConsole.Core.Worksheets;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>What somebody typed in one go, as one entry of a field's history.</summary>
/// <param name="Last">What it came to.</param>
/// <param name="Changes">How many patches it was.</param>
internal sealed record HistoryEntry(PatchView Last, int Changes)
{
    private static readonly TimeSpan InOneGo = TimeSpan.FromSeconds(60);

    /// <summary>Patches that one person typed one over the other within a minute are one entry. What was chosen, restored or taken back is one of its own, so that the text before it can be had again.</summary>
    /// <param name="patches">Newest first.</param>
    public static IReadOnlyList<HistoryEntry> Of(IReadOnlyList<PatchView> patches)
    {
        List<HistoryEntry> entries = [];
        PatchView? newer = null;
        foreach (var p in patches)
        {
            if (newer is not null && IsTyped(p) && IsTyped(newer) && newer.Over is [var over] && over == p.Id && p.AuthorId == newer.AuthorId && entries[^1].Last.At - p.At <= InOneGo) entries[^1] = entries[^1] with { Changes = entries[^1].Changes + 1 };
            else entries.Add(new(p, 1));
            newer = p;
        }
        return entries;
    }

    private static bool IsTyped(PatchView patch) => !patch.Id.StartsWith(SentPatch.Chosen, StringComparison.Ordinal) && !patch.Id.StartsWith(OwnEdits.Undo, StringComparison.Ordinal);
}
