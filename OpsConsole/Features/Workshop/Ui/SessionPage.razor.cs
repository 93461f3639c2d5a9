using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Workshop.Session;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>The session of a rollout for everybody in it: what is to be done now, how long it may take, who is ready, votes and private writing; for who leads, the helm.</summary>
public sealed partial class SessionPage
{
    private static readonly PageKey[] TakePartKeys = [new("r", "Ready, or not yet"), new("1", "Vote 1: not at all sure"), new("2", "Vote 2"), new("3", "Vote 3"), new("4", "Vote 4"), new("5", "Vote 5: fully sure")];
    private static readonly PageKey[] LeadKeys = [new("n", "Next item"), new("p", "Previous item"), new("s", "Start or stop the clock"), .. TakePartKeys];

    private static readonly TimeSpan ReadOutEvery = TimeSpan.FromSeconds(2);

    private SessionPageView? _page;
    private ClosingView? _closing;
    private Fault? _fault;
    private string? _refusal, _me, _of;

    [Parameter] public string Id { get; set; } = "";

    private SessionView? View => _page?.Open;

    protected override Task OnParametersSetAsync()
    {
        if (_of != Id) (_of, _page, _closing, _refusal) = (Id, null, null, null);
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        if (await Me.GetAsync() is not { } me) return;
        var page = await Reader.PageAsync(me, id, CancellationToken.None);
        if (id != Id) return;   // another rollout was chosen meanwhile
        _fault = page.Fault;
        if (!page.Ok) return;
        var before = View;
        (_page, _me) = (page.Value, me.Id);
        if (before is not null && View is null)
        {
            Toasts.Done("The session has ended. This is what it ended with.");
            Navigation.NavigateTo($"/rollouts/{id}/sessions/{before.Id}", replace: true);
            return;
        }
        if (View is not { Now.Step: null }) return;
        StateHasChanged();   // listens to the worksheets before they are read
        await ReadOutAsync();
    }

    private async Task ReadOutAsync()
    {
        var id = Id;
        if (await Me.GetAsync() is not { } me) return;
        var closing = await Reader.ClosingAsync(me, id, CancellationToken.None);
        if (id == Id) _closing = closing.Ok ? closing.Value : null;
    }

    private bool IsReady(SessionView view) => view.Ready.Any(p => p.Id == _me);

    private Task OpenAsync() => DoAsync(me => Desk.OpenAsync(me, Id, null));

    private Task ReadyAsync() => DoAsync(me => Desk.ReadyAsync(me, Id, !IsReady(View!)));

    private Task ClockAsync() => DoAsync(me => Desk.ClockAsync(me, Id, View!.Now.RunningSince is null));

    private Task GoToAsync(int item) => DoAsync(me => Desk.GoToAsync(me, Id, item));

    private async Task GatherAsync(string path)
    {
        await DoAsync(me => Desk.GatherAsync(me, Id, $"/rollouts/{Id}{(path.Length == 0 ? "/session" : path)}"));
        if (_refusal is null && path.Length == 0) Toasts.Done("Everybody is on their way here.");
    }

    private async Task PressAsync(string key)
    {
        if (View is not { } view) return;
        await (key switch
        {
            "n" when view.At < view.Agenda.Count - 1 => GoToAsync(view.At + 1),
            "p" when view.At > 0 => GoToAsync(view.At - 1),
            "s" => ClockAsync(),
            "r" => ReadyAsync(),
            [var digit and >= '1' and <= '5'] when view.Now.Step is { } step => DoAsync(me => Desk.VoteAsync(me, Id, step, digit - '0')),
            _ => Task.CompletedTask,
        });
    }

    private async Task DoAsync(Func<PersonCaller, Task<Result<SessionView>>> change)
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await change(me.Value);
        _refusal = done.Fault?.Message;
        await LoadAsync();
        StateHasChanged();
    }
}
