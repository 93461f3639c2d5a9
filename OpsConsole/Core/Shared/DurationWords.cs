using System.Globalization;

namespace OpsConsole.Core.Shared;

/// <summary>A length of time in words, rounded down to its two largest units: <c>40 s</c>, <c>2 min 5 s</c>, <c>1 h 3 min</c>, <c>2 days 4 h</c>.</summary>
public static class DurationWords
{
    public static string Of(TimeSpan length)
    {
        var t = length < TimeSpan.Zero ? TimeSpan.Zero : length;
        return t.TotalDays >= 1 ? Pair((int)t.TotalDays, t.Days == 1 ? "day" : "days", t.Hours, "h")
            : t.TotalHours >= 1 ? Pair(t.Hours, "h", t.Minutes, "min")
            : t.TotalMinutes >= 1 ? Pair(t.Minutes, "min", t.Seconds, "s")
            : string.Create(CultureInfo.InvariantCulture, $"{t.Seconds} s");
    }

    private static string Pair(int first, string firstUnit, int second, string secondUnit)
        => second == 0 ? string.Create(CultureInfo.InvariantCulture, $"{first} {firstUnit}") : string.Create(CultureInfo.InvariantCulture, $"{first} {firstUnit} {second} {secondUnit}");
}
