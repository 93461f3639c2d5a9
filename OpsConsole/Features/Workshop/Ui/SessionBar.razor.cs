using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Features.Workshop.Session;
using OpsConsole.Platform.Realtime;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>Above every page of a rollout whose session is open: where the room is, how long it has, and what the facilitator wants. Whoever has it on screen is in the session.</summary>
public sealed partial class SessionBar
{
    private string? _rollout, _call, _refusal, _me;
    private SessionView? _view;
    private Presence.Seat? _seat;
    private int? _seen;   // the number of the last call that was followed, or was there before this page
    private string? _stayIn;   // the session in which the facilitator does not move this screen
    private bool _looked, _disposed;
    private IJSObjectReference? _shell;

    private IReadOnlyList<string> Topics => _rollout is { } id ? [SessionDesk.Topic(id), SessionDesk.PeopleTopic(id), "state"] : [];
    private string Here => "/" + Navigation.ToBaseRelativePath(Navigation.Uri);
    private bool OnSessionPage => Here.Split('?', '#')[0].EndsWith("/session", StringComparison.Ordinal);

    protected override Task OnInitializedAsync()
    {
        Navigation.LocationChanged += Moved;
        return LoadAsync();
    }

    /// <summary>The rollout whose page an address is; null on other pages.</summary>
    public static string? RolloutIn(string path) => path.Split('?', '#')[0].Split('/') is ["", "rollouts", { Length: > 0 } id, ..] ? id : null;

    /// <summary>A page of a rollout in words.</summary>
    public static string PlaceName(string path) => path.Split('?', '#')[0].Split('/') switch
    {
        [_, _, _, "matrix", ..] => "the authority matrix",
        [_, _, _, "actions"] => "the actions",
        [_, _, _, "session"] => "the session",
        [_, _, _, "steps"] => "the steps",
        [_, _, _, "drill"] => "the routing drill",
        [_, _, _, "worksheets", var sheet] when WorksheetSpecs.Find(sheet) is { } spec => "“" + spec.Title + "”",
        [_, _, _, "worksheets", ..] => "the worksheets",
        [_, _, _] => "the rollout's page",
        _ => "another page of the rollout",
    };

    private bool Stay => _view is { } view && _stayIn == view.Id;

    private bool Ready(SessionView view) => view.Ready.Any(p => p.Id == _me);

    private void Moved(object? sender, LocationChangedEventArgs e) => _ = InvokeAsync(async () =>
    {
        try
        {
            if (_call == Here) _call = null;
            await LoadAsync();
            StateHasChanged();
        }
        catch (Exception ex) when (!_disposed) { await DispatchExceptionAsync(ex); }
    });

    private async Task LoadAsync()
    {
        var rollout = RolloutIn(Here);
        if (rollout != _rollout)
        {
            Leave();
            (_rollout, _view, _seen, _call, _looked, _refusal) = (rollout, null, null, null, false, null);
        }
        if (rollout is null || await Me.GetAsync() is not { } me) return;
        SessionView? open;
        try
        {
            var found = await Reader.OpenAsync(me, rollout, CancellationToken.None);
            open = found.Ok ? found.Value : null;
        }
        catch (Exception ex) when (Refresher.IsDatabase(ex)) { return; }   // the page itself says so
        if (_disposed || rollout != _rollout) return;
        var another = open is null || _view?.Id != open.Id;
        if (another) (_seen, _call) = (null, null);
        // What was called before somebody came does not move them; what is called while they look on does.
        _seen ??= _looked ? 0 : open?.Gathering?.Number ?? 0;
        (_view, _me, _looked) = (open, me.Id, true);
        if (open is null) Leave();
        else if (RendererInfo.IsInteractive) _seat ??= Presence.Enter(SessionDesk.PeopleTopic(rollout), me.Id);
        if (open?.Gathering is { } call && call.Number > _seen)
        {
            _seen = call.Number;
            await ComeAsync(open, call.Path);
        }
    }

    private async Task ComeAsync(SessionView view, string path)
    {
        if (path == Here) return;
        if (Stay || await IsBusyAsync())
        {
            _call = path;
            return;
        }
        if (!view.May.Steer) Toasts.Done($"{VisibleText.Flatten(view.Facilitator.Name)} brought everybody here.");
        Navigation.NavigateTo(path);
    }

    /// <summary>Whether being moved would lose or interrupt something on the page.</summary>
    private async Task<bool> IsBusyAsync()
    {
        try
        {
            _shell ??= await Js.InvokeAsync<IJSObjectReference>("import", "/js/shell.js");
            return await _shell.InvokeAsync<bool>("busy");
        }
        catch (Exception e) when (e.IsGone()) { return true; }
    }

    private Task ReadyAsync() => DoAsync((me, id) => Desk.ReadyAsync(me, id, !Ready(_view!)));

    private Task GatherAsync() => DoAsync((me, id) => Desk.GatherAsync(me, id, Here));

    private async Task DoAsync(Func<PersonCaller, string, Task<Result<SessionView>>> change)
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await change(me.Value, _rollout!);
        _refusal = done.Fault?.Message;
        await LoadAsync();
    }

    private void Leave()
    {
        _seat?.Dispose();
        _seat = null;
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        Navigation.LocationChanged -= Moved;
        Leave();
        if (_shell is null) return;
        try { await _shell.DisposeAsync(); }
        catch (Exception e) when (e.IsGone()) { /* went with the page */ }
    }
}
