namespace OpsConsole.Core.Worksheets;

/// <summary>Whom a text calls with <c>@</c>. Pure.</summary>
public static class Mentions
{
    /// <summary>The ids of those whose name stands after an <c>@</c>, whole: <c>@Ann</c> does not call Anna, and <c>@Ann Lee</c> does not call another Ann.</summary>
    /// <param name="people">Ids and names of those who may be called.</param>
    public static IReadOnlyList<string> In(string text, IEnumerable<(string Id, string Name)> people)
    {
        var named = people.Where(p => p.Name.Length > 0).OrderByDescending(p => p.Name.Length).ToList();
        HashSet<string> called = [];
        for (var at = text.IndexOf('@'); at >= 0; at = text.IndexOf('@', at + 1))
        {
            var rest = text.AsSpan(at + 1);
            var longest = 0;
            foreach (var (id, name) in named)
            {
                if (name.Length < longest || !rest.StartsWith(name, StringComparison.OrdinalIgnoreCase) || (rest.Length > name.Length && char.IsLetterOrDigit(rest[name.Length]))) continue;
                longest = name.Length;
                called.Add(id);
            }
        }
        return [.. named.Where(p => called.Contains(p.Id)).Select(p => p.Id)];
    }
}
