using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>
/// Picks one rollout in the top bar. The address says which one is shown (<c>?rollout=</c>); what was picked last is remembered for this person in this browser,
/// and is put into the address of the pages that show it whenever they are reached without saying which.
/// </summary>
public sealed partial class RolloutSwitcher : IDisposable
{
    private static readonly string[] Topics = ["state"];
    private IReadOnlyList<(string Id, string Name)> _rollouts = [];
    private IDisposable? _leaving;
    private string? _me, _current;

    [Inject] private RolloutReader Reader { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private RolloutChoice Choice { get; set; } = default!;
    [Inject] private IEnumerable<NavEntry> Entries { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private string Path => "/" + Navigation.ToBaseRelativePath(Navigation.Uri);

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += Moved;
        _leaving = Navigation.RegisterLocationChangingHandler(LeaveAsync);
        await LoadAsync();
        if (_me is not null && RolloutAddress.Missing(Path, Entries, Picked) is { } better) Navigation.NavigateTo(better, replace: true);
    }

    private async Task LoadAsync()
    {
        var me = await Person.GetAsync();
        (_me, _rollouts) = (me?.Id, me is null ? [] : Reader.Names(me));
        Look();
    }

    // What was picked may have been archived, or closed to this person, since.
    private string? Picked => _me is not null && Choice.Of(_me) is { } id && _rollouts.Any(r => r.Id == id) ? id : null;

    private void Look() => _current = RolloutAddress.Shown(Path, Entries, out var says) is { } shown && _rollouts.Any(r => r.Id == shown) ? shown : says ? null : Picked;

    private void Pick(string? id)
    {
        if (_me is not null) Choice.Use(RolloutChoice.Memo(_me, id));
        Look();
    }

    private string Href(string? id) => RolloutAddress.For(Path, Entries, id);

    private string Name(string? id) => id is null ? "All rollouts" : VisibleText.Flatten(_rollouts.FirstOrDefault(r => r.Id == id).Name);

    // Only links: what a page addresses itself, and the browser's back, say what they mean.
    private ValueTask LeaveAsync(LocationChangingContext leaving)
    {
        if (leaving.IsNavigationIntercepted && RolloutAddress.Missing("/" + Navigation.ToBaseRelativePath(Navigation.ToAbsoluteUri(leaving.TargetLocation).ToString()), Entries, Picked) is { } better)
        {
            leaving.PreventNavigation();
            Navigation.NavigateTo(better);
        }
        return ValueTask.CompletedTask;
    }

    private void Moved(object? sender, LocationChangedEventArgs e) => _ = InvokeAsync(() =>
    {
        Look();
        StateHasChanged();
    });

    public void Dispose()
    {
        Navigation.LocationChanged -= Moved;
        _leaving?.Dispose();
    }
}
