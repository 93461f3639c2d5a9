namespace OpsConsole.Core.Worksheets;

/// <summary>Patches of one person that they would call one edit: what was sent at once, or typed into one field without a longer pause.</summary>
/// <param name="Patches">Oldest first.</param>
public sealed record OwnEdit(IReadOnlyList<Patch> Patches)
{
    public IReadOnlyList<FieldKey> Fields => [.. Patches.Select(p => p.Field).Distinct()];
}

/// <summary>What a person did to the worksheets, as edits that Undo takes back one after the other. An undo is a patch as well, known by its id, so that nothing is remembered besides the record. Pure.</summary>
public static class OwnEdits
{
    /// <summary>How the id of a patch begins that takes an edit back.</summary>
    public const string Undo = "undo-";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>The edits that were not taken back, newest first.</summary>
    /// <param name="mine">Patches of one person in their order, oldest first; what came before the first of them is not undone.</param>
    public static IReadOnlyList<OwnEdit> Of(IReadOnlyList<Patch> mine)
    {
        List<List<Patch>> edits = [];
        var open = false;   // whether the last one may go on
        foreach (var sent in mine.GroupBy(p => (p.At, Undone: p.Id.StartsWith(Undo, StringComparison.Ordinal))))
        {
            var fields = sent.Select(p => p.Field).ToHashSet();
            if (sent.Key.Undone)
            {
                var back = edits.FindLastIndex(e => fields.SetEquals(e.Select(p => p.Field)));
                if (back >= 0) edits.RemoveAt(back);
                open = false;
            }
            else if (open && fields.Count == 1 && edits[^1][^1] is var last && edits[^1].All(p => fields.Contains(p.Field)) && sent.Key.At - last.At <= Pause) edits[^1].AddRange(sent);
            else
            {
                edits.Add([.. sent]);
                open = true;
            }
        }
        edits.Reverse();
        return [.. edits.Select(e => new OwnEdit(e))];
    }

    /// <summary>What the fields of an edit said before it; null where somebody else wrote into one of them since, whose text is not taken away.</summary>
    /// <param name="since">All patches of the fields of the edit, from its first on.</param>
    /// <param name="before">The patches that the edit went over, at least.</param>
    public static IReadOnlyList<(FieldKey Field, string Text)>? Before(OwnEdit edit, IEnumerable<Patch> since, IEnumerable<Patch> before)
    {
        var (fields, author) = (edit.Fields.ToHashSet(), edit.Patches[0].Author);
        if (since.Any(p => fields.Contains(p.Field) && p.Author != author)) return null;
        var texts = before.DistinctBy(p => p.Id).ToDictionary(p => p.Id, StringComparer.Ordinal);
        return [.. edit.Patches.GroupBy(p => p.Field).Select(g => (g.Key, g.First().Over.Select(texts.GetValueOrDefault).OfType<Patch>().OrderBy(p => p.At).ThenBy(p => p.Id, StringComparer.Ordinal).FirstOrDefault()?.Value ?? ""))];
    }

    /// <summary>Whether anybody would see that an edit was taken back: not where its author has put the same text there again.</summary>
    /// <param name="before">What <see cref="Before"/> says.</param>
    /// <param name="standing">What its author wrote there and stands.</param>
    public static bool Shows(IReadOnlyList<(FieldKey Field, string Text)> before, IEnumerable<Patch> standing)
    {
        var texts = before.ToDictionary(t => t.Field, t => t.Text);
        return standing.Any(p => texts[p.Field] != p.Value);
    }
}
