using Microsoft.Net.Http.Headers;

namespace OpsConsole.Platform.Web;

/// <summary>Which form of an answer a request asks for.</summary>
public static class MediaChoice
{
    /// <summary>The form that Accept likes best: the highest quality wins; among equals what is named outright, then the order of preference. The first without an Accept header; null where it takes none of them.</summary>
    /// <param name="offered">Names of media, the preferred ones first.</param>
    public static string? Best(HttpRequest request, IReadOnlyList<string> offered)
    {
        var ranges = request.GetTypedHeaders().Accept;
        if (ranges.Count == 0) return offered[0];
        return offered.Select((media, place) => (Media: media, Place: place, Range: ranges.Where(r => r.MatchesMediaType(media)).OrderBy(Breadth).FirstOrDefault()))
            .Where(m => m.Range is not null && m.Range.Quality != 0).OrderByDescending(m => m.Range!.Quality ?? 1).ThenBy(m => Breadth(m.Range!)).ThenBy(m => m.Place).Select(m => m.Media).FirstOrDefault();
    }

    private static int Breadth(MediaTypeHeaderValue range) => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0;
}
