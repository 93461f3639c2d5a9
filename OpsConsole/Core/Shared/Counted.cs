using System.Globalization;

namespace OpsConsole.Core.Shared;

/// <summary>A number with its noun: <c>1 rule</c>, <c>1,204 rules</c>.</summary>
public static class Counted
{
    /// <param name="many">Where it is not the noun with an s.</param>
    public static string Of(long number, string one, string? many = null) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? one : many ?? one + "s")}");
}
