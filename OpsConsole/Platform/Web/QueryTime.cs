using System.Globalization;
using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>Times in query strings: RFC 3339, or a date alone, which is its midnight UTC.</summary>
public static class QueryTime
{
    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    /// <summary>True with null when there is none; false when it cannot be read.</summary>
    public static bool TryRead(string? text, out DateTimeOffset? at)
    {
        at = null;
        if (string.IsNullOrEmpty(text)) return true;
        // A plus sign that nobody escaped arrives as a space.
        if (!DateTimeOffset.TryParseExact(text.Replace(' ', '+'), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read)) return false;
        at = read.ToUniversalTime();
        return true;
    }

    public static Fault Wrong(string field) => Fault.Invalid("field.invalid", $"{field} must be a time such as 2026-11-21T09:00:00Z.", field);
}
