using Microsoft.AspNetCore.Components;
using OpsConsole.Features.Access;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>Confirms or vetoes what one decision led to, with what was written before one's eyes; nothing is confirmed unseen.</summary>
public sealed partial class WindowDialog
{
    private const int Most = 5;
    private string? _words, _refusal, _fault, _read;
    private WindowContents? _contents;
    private bool _busy;

    /// <summary>Null: closed.</summary>
    [Parameter] public WindowView? Asked { get; set; }
    [Parameter] public EventCallback<WindowView?> AskedChanged { get; set; }
    [Parameter] public bool Veto { get; set; }
    [Parameter] public EventCallback OnDone { get; set; }
    [Inject] private WindowDesk Desk { get; set; } = default!;
    [Inject] private CurrentPerson Me { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    private string Title => Asked is { } w ? $"{(Veto ? "Veto" : "Confirm")} {WindowWords.What(w)}" : "";
    private bool Held => Veto || Asked is { BreakGlass: true } ? string.IsNullOrWhiteSpace(_words) || (!Veto && _contents is null) : _contents is null;

    protected override async Task OnParametersSetAsync()
    {
        if (_read == Asked?.DecisionId) return;
        (_read, _words, _refusal) = (Asked?.DecisionId, null, null);
        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        (_contents, _fault) = (null, null);
        if (Asked is not { } window || await Me.GetAsync() is not { } me) return;
        var contents = await Desk.ContentsAsync(me, window.DecisionId, CancellationToken.None);
        if (_read == window.DecisionId) (_contents, _fault) = (contents.Ok ? contents.Value : null, contents.Fault?.Message);
    }

    private async Task SayAsync()
    {
        if (_busy || Held || Asked is not { } window) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var done = me.Fault is { } gone ? gone : Veto ? await Desk.VetoAsync(me.Value, window.DecisionId, _words) : await Desk.ConfirmAsync(me.Value, window.DecisionId, _words);
            _refusal = done.Fault?.Message;
            if (done.Fault is not null) return;
            Toasts.Done(!Veto ? "Confirmed; it stays." : done.Value switch { { PlanId: not null } => "Vetoed; its undoing has begun.", { Writes: 0 } => "Vetoed. No write was reported, so nothing is undone: look into the system itself.", _ => "Vetoed. Earlier plans have all of it in hand." });
            await CloseAsync();
            await OnDone.InvokeAsync();
        }
        finally
        {
            _busy = false;
        }
    }

    private Task CloseAsync()
    {
        _read = null;
        return AskedChanged.InvokeAsync(null);
    }
}
