using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Ui.Layout;

/// <summary>The frame of every page for people who are signed in. What stands in it is contributed by features.</summary>
public sealed partial class MainLayout : IAsyncDisposable
{
    // A page that failed because the database was away looks again when that changes.
    private static readonly string[] Health = ["health"];
    private NavEntry[] _entries = [];
    private TopBarWidget[] _widgets = [];
    private BannerWidget[] _banners = [];
    private ErrorBoundary? _boundary;
    private IJSObjectReference? _shell;
    private string? _query;

    [Inject] private IEnumerable<NavEntry> Entries { get; set; } = default!;
    [Inject] private IEnumerable<TopBarWidget> Widgets { get; set; } = default!;
    [Inject] private IEnumerable<BannerWidget> Banners { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IJSRuntime Js { get; set; } = default!;
    [Inject] private ReaderClock Clock { get; set; } = default!;

    private string SkipHref => "/" + Navigation.ToBaseRelativePath(Navigation.Uri).Split('#')[0] + "#main";

    protected override void OnInitialized()
    {
        _entries = [.. Entries.OrderBy(e => e.Order).ThenBy(e => e.Title, StringComparer.Ordinal)];
        _widgets = [.. Widgets.OrderBy(w => w.Order)];
        _banners = [.. Banners.OrderBy(b => b.Order)];
        Navigation.LocationChanged += Moved;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        try
        {
            _shell = await Js.InvokeAsync<IJSObjectReference>("import", "/js/shell.js");
            await _shell.InvokeVoidAsync("live");
            Clock.Use(await _shell.InvokeAsync<string>("zone"));
        }
        catch (Exception e) when (e.IsGone()) { /* gone before it was live */ }
    }

    // A page that failed must not keep its error when the reader has gone elsewhere.
    private void Moved(object? sender, LocationChangedEventArgs e) => _ = InvokeAsync(Recover);

    private void Recover() => _boundary?.Recover();

    private void Search()
    {
        if (!string.IsNullOrWhiteSpace(_query)) Navigation.NavigateTo($"/search?q={Uri.EscapeDataString(_query.Trim())}");
    }

    private async Task FocusMain()
    {
        if (_shell is not null) await _shell.InvokeVoidAsync("focusMain");
    }

    public async ValueTask DisposeAsync()
    {
        Navigation.LocationChanged -= Moved;
        if (_shell is null) return;
        try { await _shell.DisposeAsync(); }
        catch (Exception e) when (e.IsGone()) { /* the browser took the module with it */ }
    }
}
