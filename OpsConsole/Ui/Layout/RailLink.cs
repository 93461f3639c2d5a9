using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using OpsConsole.Platform.Web;

namespace OpsConsole.Ui.Layout;

/// <summary>A link of the left rail. It is marked on the pages below its address, but for those below the address of a more exact entry.</summary>
public sealed class RailLink : NavLink
{
    [Inject] private IEnumerable<NavEntry> Entries { get; set; } = default!;
    [Inject] private NavigationManager Places { get; set; } = default!;

    protected override bool ShouldMatch(string uriAbsolute)
    {
        if (!base.ShouldMatch(uriAbsolute) || AdditionalAttributes?.GetValueOrDefault("href") is not string href) return false;
        var path = "/" + Places.ToBaseRelativePath(uriAbsolute).Split('?', '#')[0];
        return !Entries.Any(e => e.Href.StartsWith(href + "/", StringComparison.Ordinal) && (path == e.Href || path.StartsWith(e.Href + "/", StringComparison.Ordinal)));
    }
}
