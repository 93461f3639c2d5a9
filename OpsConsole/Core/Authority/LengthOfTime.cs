using System.Globalization;
using System.Text.RegularExpressions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>Lengths of time as people write them into cells.</summary>
public static partial class LengthOfTime
{
    /// <summary>Exact: <c>15 min</c>, <c>1 h 30 min</c>; in ISO 8601 where words would round it.</summary>
    public static string Text(TimeSpan length) => DurationWords.Of(length) is var words && Read(words) == length ? words : IsoDuration.Write(length);

    /// <summary>Reads <c>15 min</c>, <c>2h</c>, <c>1 day 4 h</c> and ISO 8601; null when it is none.</summary>
    public static TimeSpan? Read(string text)
    {
        if (IsoDuration.TryParse(text.ToUpperInvariant(), out var iso)) return iso;
        if (!Whole().IsMatch(text)) return null;
        var seconds = 0d;
        foreach (Match part in Part().Matches(text))
            seconds += double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * (char.ToLowerInvariant(part.Groups[2].Value[0]) switch { 'w' => 604_800, 'd' => 86_400, 'h' => 3_600, 'm' => 60, _ => 1 });
        return seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
    }

    [GeneratedRegex(@"^\s*(?:\d{1,9}\s*(?:w|weeks?|d|days?|h|hours?|hrs?|m|mins?|minutes?|s|secs?|seconds?)\s*)+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Whole();
    [GeneratedRegex(@"(\d+)\s*([wdhms])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
