using Microsoft.AspNetCore.WebUtilities;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>Which rollout an address shows, and the address that shows another. Addresses are local: a path with or without a query.</summary>
internal static class RolloutAddress
{
    private const string Name = "rollout", Home = "/rollouts/";

    /// <summary>The rollout that this address is about, or null. <paramref name="says"/>: the address decides that, also when it says 'all of them'.</summary>
    public static string? Shown(string address, IEnumerable<NavEntry> entries, out bool says)
    {
        var (path, query) = Split(address);
        if (path.StartsWith(Home, StringComparison.Ordinal))
        {
            says = true;
            return path[Home.Length..].Split('/')[0];
        }
        says = Entry(path, entries) is not null && query.ContainsKey(Name);
        return says && query[Name].ToString() is { Length: > 0 } id ? id : null;
    }

    /// <summary>The address of the same page for another rollout (null: all); where a page is not by rollout, the rollout's own page.</summary>
    public static string For(string address, IEnumerable<NavEntry> entries, string? rolloutId)
    {
        var (path, query) = Split(address);
        if (Entry(path, entries) is { } entry)
        {
            // A place in a list, or an opened row, belongs to the list that was.
            var kept = path == entry.Href ? query.Where(q => q.Key is not (Name or "after")).SelectMany(q => q.Value, (q, v) => KeyValuePair.Create(q.Key, v)) : [];
            if (rolloutId is not null) kept = kept.Append(new(Name, rolloutId));
            return QueryHelpers.AddQueryString(entry.Href, kept);
        }
        if (path.StartsWith(Home, StringComparison.Ordinal))
        {
            var rest = path[Home.Length..].Split('/', 2);
            return rolloutId is null ? "/rollouts" : Home + rolloutId + (rest.Length > 1 ? "/" + rest[1] : "");
        }
        return rolloutId is null ? address : Home + rolloutId;
    }

    /// <summary>The better address for a page that shows one rollout and was not told which; null when this one is good.</summary>
    public static string? Missing(string address, IEnumerable<NavEntry> entries, string? rolloutId)
    {
        var (path, query) = Split(address);
        return rolloutId is not null && !query.ContainsKey(Name) && entries.Any(e => e.ByRollout && e.Href == path) ? For(address, entries, rolloutId) : null;
    }

    private static NavEntry? Entry(string path, IEnumerable<NavEntry> entries)
        => entries.FirstOrDefault(e => e.ByRollout && (e.Href == path || (e.Href.Length > 1 && path.StartsWith(e.Href + "/", StringComparison.Ordinal))));

    private static (string Path, Dictionary<string, Microsoft.Extensions.Primitives.StringValues> Query) Split(string address)
    {
        var parts = address.Split('#')[0].Split('?', 2);
        return (parts[0], parts.Length > 1 ? QueryHelpers.ParseQuery(parts[1]) : []);
    }
}
