using System.Globalization;

namespace OpsConsole.Core.Authority;

/// <summary>Ids that the console gives to rows: <c>R-1</c>, <c>R-2</c>, … for rules, <c>E-1</c>, … for examples.</summary>
public static class RowIds
{
    private const int MaxId = 64;

    /// <summary>The numbers that come after the highest of <paramref name="ids"/>, whatever its case.</summary>
    public static IEnumerable<string> After(string prefix, IEnumerable<string> ids)
    {
        var highest = ids.Select(id => id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && int.TryParse(id.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < 1_000_000_000 ? n : 0).DefaultIfEmpty(0).Max();
        while (true) yield return string.Create(CultureInfo.InvariantCulture, $"{prefix}{++highest}");
    }

    public static string NextRule(IEnumerable<MatrixRule> rules) => After("R-", rules.Select(r => r.Id)).First();

    /// <summary>A free id beside <paramref name="id"/>: R-12 becomes the next R-number that nobody has; what has no number gets one. It is taken from then on.</summary>
    public static string Beside(string id, HashSet<string> taken)
    {
        var digits = id.Length;
        while (digits > 0 && char.IsAsciiDigit(id[digits - 1])) digits--;
        var (stem, number) = long.TryParse(id.AsSpan(digits), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < int.MaxValue ? (id[..digits], n) : (id + "-", 1);
        while (true)
        {
            var suffix = (++number).ToString(CultureInfo.InvariantCulture);
            var next = stem[..Math.Min(stem.Length, MaxId - suffix.Length)] + suffix;
            if (taken.Add(next)) return next;
        }
    }
}
