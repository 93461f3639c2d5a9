using System.Globalization;
using System.Text;

namespace OpsConsole.Core.Authority;

/// <summary>ISO 8601 durations in weeks, days, hours, minutes and seconds. Years and months are refused: their length depends on the calendar.</summary>
public static class IsoDuration
{
    private const string Units = "WDHMS";
    private const int MaxLength = 40;

    /// <summary>Reads <c>PT15M</c>, <c>P1D</c>, <c>P1DT12H</c>, <c>PT0.5S</c>. Units must descend; only seconds may have a fraction; no sign.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length is < 3 or > MaxLength || text[0] != 'P') return false;
        decimal seconds = 0;
        var (inTime, last, at) = (false, -1, 1);
        while (at < text.Length)
        {
            if (text[at] == 'T')
            {
                if (inTime || at == text.Length - 1) return false;
                inTime = true;
                at++;
                continue;
            }
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
            if (at == start || at == text.Length) return false;
            var unit = Units.IndexOf(text[at], StringComparison.Ordinal);
            var number = text.AsSpan(start, at - start);
            var wellFormed = char.IsAsciiDigit(number[0]) && char.IsAsciiDigit(number[^1]) && (text[at] == 'S' || !number.Contains('.'));
            if (unit <= last || inTime != unit >= 2 || !wellFormed || number.Length > 15) return false;
            if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)) return false;
            seconds += amount * SecondsPer(text[at]);
            last = unit;
            at++;
        }
        var ticks = seconds * TimeSpan.TicksPerSecond;
        if (last < 0 || ticks > TimeSpan.MaxValue.Ticks || ticks != decimal.Truncate(ticks)) return false;
        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>Writes what <see cref="TryParse"/> reads back exactly. Whole days from two on are days, everything else hours and less.</summary>
    public static string Write(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(duration), duration, "A duration is not negative.");
        if (duration == TimeSpan.Zero) return "PT0S";
        if (duration.Days >= 2 && duration.Ticks % TimeSpan.TicksPerDay == 0) return $"P{duration.Days}D";
        var text = new StringBuilder("PT");
        if ((long)duration.TotalHours is > 0 and var hours) text.Append(hours).Append('H');
        if (duration.Minutes > 0) text.Append(duration.Minutes).Append('M');
        var rest = duration.Ticks % TimeSpan.TicksPerMinute;
        if (rest > 0) text.Append(((decimal)rest / TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture)).Append('S');
        return text.ToString();
    }

    private static decimal SecondsPer(char unit) => unit switch { 'W' => 604800, 'D' => 86400, 'H' => 3600, 'M' => 60, _ => 1 };
}
