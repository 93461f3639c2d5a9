using OpsConsole.Core.Authority;

namespace OpsConsole.Startup;

/// <summary>Which rows differ between two matrices, one line each: <c>+ rule R-7</c>, <c>- rule R-3</c>, <c>~ rule R-5: when, approvers</c>.</summary>
internal static class RowDifference
{
    public static IReadOnlyList<string> Of(MatrixDocument before, MatrixDocument after)
    {
        List<string> lines = [];
        var (old, now) = (Rows(before), Rows(after));
        foreach (var (name, cells) in old)
        {
            if (!now.ContainsKey(name)) lines.Add("- " + name);
            else if (MatrixSheet.Columns.Where((_, i) => cells[i] != now[name][i]).ToList() is { Count: > 0 } columns) lines.Add($"~ {name}: {string.Join(", ", columns)}");
        }
        lines.AddRange(now.Keys.Where(n => !old.ContainsKey(n)).Select(n => "+ " + n));
        if (!old.Keys.Where(now.ContainsKey).SequenceEqual(now.Keys.Where(old.ContainsKey), StringComparer.Ordinal)) lines.Add("~ the order of the rows");
        return lines;
    }

    // Rules go by their id and boundaries by what they are about; the second of a name gets a number.
    private static Dictionary<string, string[]> Rows(MatrixDocument document)
    {
        var rows = MatrixSheet.ToRows(document).Skip(1).ToList();
        var named = new Dictionary<string, string[]>(StringComparer.Ordinal);
        for (var i = 0; i < rows.Count; i++)
        {
            var name = i == 0 ? "default" : i <= document.Boundaries.Count ? "boundary " + document.Boundaries[i - 1].Action : "rule " + document.Rules[i - 1 - document.Boundaries.Count].Id;
            var unique = name;
            for (var n = 2; !named.TryAdd(unique, rows[i]); n++) unique = $"{name} ({n})";
        }
        return named;
    }
}
