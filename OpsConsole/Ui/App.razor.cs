using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace OpsConsole.Ui;

/// <summary>The static root. It knows the request, so it paints the reader's theme, rail, hidden banner, rollout and time zone at once, without a flash;
/// pages marked <see cref="ExcludeFromInteractiveRoutingAttribute"/> (signing in and out) stay static, all others are live.</summary>
public sealed partial class App
{
    private string? _theme, _rail, _zone, _hiddenBanner, _rollout;

    [Inject] private TimeProvider Time { get; set; } = default!;
    [CascadingParameter] private HttpContext Context { get; set; } = default!;

    private IComponentRenderMode? Mode => Context.AcceptsInteractiveRouting() ? RenderMode.InteractiveServer : null;

    protected override void OnInitialized()
    {
        var cookies = Context.Request.Cookies;
        _theme = cookies["opsconsole-theme"] is "light" or "dark" ? cookies["opsconsole-theme"] : null;
        _rail = cookies["opsconsole-rail"] == "collapsed" ? "collapsed" : null;
        _hiddenBanner = cookies["opsconsole-hidden-banner"] is { Length: > 0 and <= 32 } banner ? banner : null;
        _rollout = cookies["opsconsole-rollout"] is { Length: > 0 and <= 100 } rollout ? rollout : null;
        _zone = cookies["opsconsole-zone"] is { Length: > 0 and <= 64 } zone ? zone : null;
    }

    /// <summary>Radzen has one style sheet per theme; the media query picks, the theme switch rewrites it in the browser.</summary>
    private string MediaFor(string theme) => _theme is null ? $"(prefers-color-scheme: {theme})" : _theme == theme ? "all" : "not all";
}
