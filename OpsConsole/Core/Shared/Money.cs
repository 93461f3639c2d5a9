using System.Globalization;

namespace OpsConsole.Core.Shared;

/// <summary>Amounts of US dollars as integer micro-units (1 USD = 1,000,000), so that sums are exact and every database orders them alike.</summary>
public static class Money
{
    public const long Unit = 1_000_000;
    /// <summary>The largest amount taken: 1 billion USD, far below overflow even for sums of many.</summary>
    public const long Max = 1_000_000_000 * Unit;

    /// <summary>Reads a plain decimal such as <c>0.0125</c>; fractions below a micro-dollar are rounded up, so that a cap is never undercut. False when not a finite, non-negative number within <see cref="Max"/>, or so small that it cannot be told from 0.</summary>
    public static bool TryParse(string text, out long micros)
    {
        micros = 0;
        if (text.Length > 40 || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)) return false;
        if (value < 0 || value > Max / Unit || (value == 0 && Underflow.Hides(text))) return false;
        micros = (long)decimal.Ceiling(value * Unit);
        return true;
    }

    /// <summary>The wire form: a decimal string without trailing zeros (<c>0.0125</c>, <c>40</c>).</summary>
    public static string ToWire(long micros) => (micros / (decimal)Unit).ToString("0.######", CultureInfo.InvariantCulture);
}
