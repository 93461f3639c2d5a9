using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>What people say about one field, in a dialog. Names of members are completed by <c>mention.js</c>.</summary>
public sealed partial class FieldThread
{
    private FieldKey? _of;
    private List<CommentView>? _comments;
    private string? _next, _fault, _refusal, _text;
    private bool _busy, _attached;
    private ElementReference _area, _names;

    /// <summary>Null closes.</summary>
    [Parameter] public FieldKey? Field { get; set; }
    [Parameter, EditorRequired] public string RolloutId { get; set; } = "";
    [Parameter] public bool MayWrite { get; set; }
    [Parameter] public EventCallback OnClose { get; set; }

    private string Title => Field is { } f ? WorksheetSpecs.Find(f.Sheet)?.Field(f.Name)?.Title ?? "" : "";

    protected override Task OnParametersSetAsync()
    {
        if (_of == Field) return Task.CompletedTask;
        (_of, _comments, _next, _text, _refusal, _attached) = (Field, null, null, null, null, false);
        return Field is null ? Task.CompletedTask : LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_attached || Field is null || !MayWrite || await Me.GetAsync() is not { } me) return;
        _attached = true;
        try
        {
            await using var module = await Js.InvokeAsync<IJSObjectReference>("import", "/js/mention.js");
            await module.InvokeVoidAsync("attach", _area, _names, Desk.Members(me, RolloutId));
        }
        catch (Exception e) when (e.IsGone()) { /* nobody is looking any more */ }
    }

    private Task AgainAsync() => Field is null ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        if (await PageAsync(null) is not { } page) return;
        (_comments, _next) = ([.. page.Items], page.Next);
    }

    private async Task MoreAsync()
    {
        if (await PageAsync(_next) is not { } page) return;
        (_comments, _next) = ([.. _comments!, .. page.Items], page.Next);
    }

    private async Task<Wire.Page<CommentView>?> PageAsync(string? after)
    {
        if (await Me.GetAsync() is not { } me || Field is not { } field) return null;
        var page = await Desk.ListAsync(me, RolloutId, field.ToString(), new PageQuery(after, 50), CancellationToken.None);
        _fault = page.Fault?.Message;
        return page.Ok && Field == field ? page.Value : null;
    }

    private async Task AddAsync()
    {
        if (_busy || Field is not { } field) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var added = me.Fault is { } gone ? gone : await Desk.AddAsync(me.Value, RolloutId, new CommentRequest(field.ToString(), _text ?? ""));
            _refusal = added.Fault?.Message;
            if (!added.Ok) return;
            _text = null;
            await LoadAsync();
        }
        finally { _busy = false; }
    }

    private Task SettleAsync(CommentView comment) => ChangeAsync(me => Desk.SettleAsync(me, RolloutId, comment.Id));

    private Task ReopenAsync(CommentView comment) => ChangeAsync(me => Desk.ReopenAsync(me, RolloutId, comment.Id));

    private async Task ChangeAsync(Func<PersonCaller, Task<Result<CommentView>>> change)
    {
        var me = await Me.RequireAsync();
        var changed = me.Fault is { } gone ? gone : await change(me.Value);
        _refusal = changed.Fault?.Message;
        await LoadAsync();
    }
}
