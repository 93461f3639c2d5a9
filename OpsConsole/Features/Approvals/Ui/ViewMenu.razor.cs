using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>The reader's saved views: go to one, save what is shown, rename, remove and bring back, say which comes first. It renders only when there is something new to show, as the bar beside it.</summary>
public sealed partial class ViewMenu
{
    private string _new = "", _name = "";
    private string? _wrong, _renaming;
    private DeskView? _removed;
    private (IReadOnlyList<DeskView> Views, string Query)? _shown;
    private bool _render = true;

    [Parameter, EditorRequired] public IReadOnlyList<DeskView> Views { get; set; } = [];
    /// <summary>What the desk shows now.</summary>
    [Parameter, EditorRequired] public string Query { get; set; } = "";
    /// <summary>The views are others now.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }
    [Inject] private ViewDesk Desk { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    protected override void OnParametersSet()
    {
        _render = _shown is not { } shown || shown.Query != Query || !shown.Views.SequenceEqual(Views);
        _shown = (Views, Query);
    }

    protected override bool ShouldRender() => _render;

    /// <summary>An empty query would lead to the view that comes first.</summary>
    internal static string Address(DeskView view) => "/approvals" + (view.Query.Length > 0 ? view.Query : "?rollout=");

    private void Typed() => _render = true;
    private void Rename(DeskView view) => (_render, _renaming, _name) = (true, view.Id, view.Name);

    private Task SaveAsync() => ChangeAsync(me => Desk.SaveAsync(me, _new, Query), _ => _new = "");
    private Task RenameAsync() => _renaming is { } id ? ChangeAsync(me => Desk.RenameAsync(me, id, _name), _ => _renaming = null) : Task.CompletedTask;
    private Task RemoveAsync(DeskView view) => ChangeAsync(me => Desk.RemoveAsync(me, view.Id), gone => _removed = gone);
    private Task BringBackAsync() => _removed is { } gone ? ChangeAsync(me => Desk.BringBackAsync(me, gone), _ => _removed = null) : Task.CompletedTask;
    private Task PreferAsync(DeskView view) => ChangeAsync(me => Desk.PreferAsync(me, view.Default ? null : view.Id), _ => { });

    private async Task ChangeAsync<T>(Func<PersonCaller, Task<Result<T>>> change, Action<T> then)
    {
        _render = true;
        var me = await Person.RequireAsync();
        if (me.Fault is { } gone)
        {
            _wrong = gone.Message;
            return;
        }
        var result = await change(me.Value);
        _wrong = result.Fault?.Message;
        if (result.Ok) then(result.Value);
        await OnChanged.InvokeAsync();
        _render = true;
    }
}
