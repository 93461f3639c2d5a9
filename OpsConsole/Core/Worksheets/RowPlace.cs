namespace OpsConsole.Core.Worksheets;

/// <summary>
/// Places of rows as texts that sort: between any two there is always another, so that rows are added and moved without renumbering the others (fractional indexing).
/// Digits and small letters, compared by their code points; never ends in <c>0</c>.
/// </summary>
public static class RowPlace
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <param name="before">The place of the row before, or null at the front.</param>
    /// <param name="after">The place of the row after, or null at the end. Where it does not come after <paramref name="before"/> (two rows were put in one place at once), it is left out of account.</param>
    public static string Between(string? before, string? after)
    {
        if (before is not null && after is not null && string.CompareOrdinal(before, after) >= 0) after = null;
        var place = new List<char>();
        for (var i = 0; ; i++)
        {
            var low = before is not null && i < before.Length ? Digits.IndexOf(before[i]) : 0;
            var high = after is not null && i < after.Length ? Digits.IndexOf(after[i]) : Digits.Length;
            if (high - low > 1)
            {
                place.Add(Digits[after is null ? Math.Min(low + 2, Digits.Length - 1) : (low + high) / 2]);   // at the end in small steps: most rows are added there
                return new string([.. place]);
            }
            place.Add(Digits[low]);
            if (low < high) after = null;   // whatever follows is before it
        }
    }

    public static bool IsOne(string text) => text.Length is > 0 and <= 60 && text.All(c => Digits.Contains(c)) && text[^1] != '0';
}
