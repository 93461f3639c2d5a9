using System.Globalization;

namespace OpsConsole.Platform.Web;

/// <summary>The precondition of a PUT: which version its sender has seen. Our ETags are a letter and a number, such as <c>"v3"</c>.</summary>
internal static class IfMatch
{
    public static bool Missing(HttpRequest request) => request.Headers.IfMatch.ToString().Trim().Length == 0;

    /// <summary>The version an If-Match names: null for none and for <c>*</c>, 0 (which nothing has) for what is not an ETag of this letter.</summary>
    public static long? Version(HttpRequest request, char letter)
    {
        var match = request.Headers.IfMatch.ToString().Trim();
        if (match is "" or "*") return null;
        var tag = match.Trim('"');
        return tag.StartsWith(letter) && long.TryParse(tag.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
    }
}
