using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace OpsConsole.Platform.Web;

/// <summary>What a plain (unquoted) scalar means: the core schema of YAML 1.2 (section 10.3.2).</summary>
internal static partial class YamlScalars
{
    /// <summary>The scalar as JSON; null when it is a text. Or why it is refused.</summary>
    public static (string? Json, string? Refusal) Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL": return ("null", null);
            case "true" or "True" or "TRUE": return ("true", null);
            case "false" or "False" or "FALSE": return ("false", null);
        }
        if (JsonNumber().IsMatch(text)) return (text, null);
        if (Infinite().IsMatch(text)) return (null, "a number must be finite; put it in quotes if it is a text.");
        if (Based().Match(text) is { Success: true } based) return (based.Groups["hex"] is { Success: true } hex ? InBase(hex.ValueSpan, 16) : InBase(based.Groups["octal"].ValueSpan, 8), null);
        if (Number().Match(text) is not { Success: true } number) return (null, null);
        var whole = number.Groups["whole"].Value;
        // 0123 is 123 here and 83 for readers of YAML 1.1: nobody should have to know which.
        if (whole.Length > 1 && whole[0] == '0') return (null, "a number with a leading 0 is read differently by different programs; leave the 0 out, or put it in quotes if it is a text.");
        return ($"{(text[0] == '-' ? "-" : "")}{(whole.Length == 0 ? "0" : whole)}{(number.Groups["part"].Length > 0 ? "." + number.Groups["part"].Value : "")}{number.Groups["power"].Value}", null);
    }

    private static string InBase(ReadOnlySpan<char> digits, int by)
    {
        var value = BigInteger.Zero;
        foreach (var digit in digits) value = value > long.MaxValue ? value : value * by + (char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);   // beyond ±2^53 it is refused anyway
        return value.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"^[-+]?(?:(?<whole>[0-9]+)(?:\.(?<part>[0-9]*))?|\.(?<part>[0-9]+))(?<power>[eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^0(?:x(?<hex>[0-9a-fA-F]+)|o(?<octal>[0-7]+))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Based();

    [GeneratedRegex(@"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Infinite();
}
