using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>One plan: its steps in order, live, and what the reader may do about each; the chosen step is in the address.</summary>
public sealed partial class UndoPlanPage : IDisposable
{
    private static readonly string[] Topics = [UndoNotes.Due, "state"];
    private static readonly PageKey[] Reading = [new("j", "Next step"), new("k", "Step before"), new("Enter", "Open the step"), new("Escape", "Back")];
    private static readonly PageKey[] Acting = [.. Reading, new("u", "I undid it"), new("r", "Try again"), new("h", "Hand it over")];

    private UndoPlanView? _plan;
    private IReadOnlyList<UndoStepView> _steps = [];
    private IReadOnlyList<(string Id, string Email, string Name)> _hands = [];
    private ReportedWrite? _write;
    private Fault? _fault;
    private UndoState _first;
    private string? _of, _writeOf, _start, _asking, _said, _refusal, _meId;
    private bool _may, _busy;

    [Parameter] public string Id { get; set; } = "";
    [SupplyParameterFromQuery] public string? Step { get; set; }

    private PageKey[] Keys => _may ? Acting : Reading;
    /// <summary>The step of the address; else the one that needed somebody when the page was opened, else the first.</summary>
    private UndoStepView? Selected => _steps.FirstOrDefault(s => s.Id == (Step ?? _start)) ?? (_steps.Count > 0 ? _steps[0] : null);

    protected override void OnInitialized() => Clock.Changed += Again;

    // The title says a time.
    private void Again() => _ = InvokeAsync(StateHasChanged);

    public void Dispose() => Clock.Changed -= Again;

    protected override async Task OnParametersSetAsync()
    {
        if (_of == Id)
        {
            (_refusal, _asking) = (null, null);
            await ReadAsync();
            return;
        }
        (_of, _plan, _steps, _start, _refusal, _asking) = (Id, null, [], null, null, null);
        await Task.Yield();   // rendered, so listening, before anything is read
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        var me = await Me.RequireAsync();
        var plan = me.Fault is { } gone ? gone : await Plans.FindAsync(me.Value, id, CancellationToken.None);
        if (id != Id) return;   // another one was opened meanwhile
        (_fault, _plan, _steps) = (plan.Fault, plan.Ok ? plan.Value : null, plan.Ok ? plan.Value.Steps! : []);
        (_may, _meId) = (plan.Ok && Plans.May(me.Value, plan.Value.RolloutId), me.Ok ? me.Value.Id : null);
        _start ??= (_steps.FirstOrDefault(s => s.NeedsSomebody) ?? (_steps.Count > 0 ? _steps[0] : null))?.Id;
        await ReadAsync();
    }

    /// <summary>What the chosen step undoes.</summary>
    private async Task ReadAsync()
    {
        if (Selected?.Id is not { } step || step == _writeOf || await Me.GetAsync() is not { } me) return;
        var write = await Steps.WriteAsync(me, step, CancellationToken.None);
        if (step == Selected?.Id) (_write, _writeOf) = (write, step);
    }

    private string Href(UndoStepView step) => $"/undo/{Id}?step={step.Id}";

    private void Tick(UndoState first)
    {
        if (_may && Selected?.Reports(_meId) == true) (_asking, _first, _said) = ("tick", first, null);
    }

    private async Task HandOver()
    {
        if (!_may || Selected?.Ended() != false || await Me.GetAsync() is not { } me) return;
        (_hands, _asking, _said) = (Plans.Hands(me, _plan!.RolloutId), "hand", null);
    }

    private void Close(bool open)
    {
        if (!open) _asking = null;
    }

    private async Task ReportAsync((UndoState State, string? Words) said)
    {
        if (await ChangeAsync((me, id) => Steps.ReportAsync(me, id, said.State, said.Words), refusal => _said = refusal, said.State == UndoState.Undone ? "It is undone, by your name." : "It is on record.")) _asking = null;
    }

    private async Task HandAsync((string? To, string? Words) said)
    {
        if (await ChangeAsync((me, id) => Steps.HandOverAsync(me, id, said.To, said.Words), refusal => _said = refusal, "It is handed over.")) _asking = null;
    }

    private Task<bool> RetryAsync() => ChangeAsync(Steps.RetryAsync, refusal => _refusal = refusal, "It is tried again.");

    private async Task<bool> ChangeAsync(Func<PersonCaller, string, Task<Result<UndoStepView>>> change, Action<string?> refused, string said)
    {
        if (_busy || Selected?.Id is not { } step) return false;
        _busy = true;
        try
        {
            _start = step;   // whatever else comes to need somebody, this one stays in view
            var me = await Me.RequireAsync();
            var done = me.Fault is { } gone ? gone : await change(me.Value, step);
            refused(done.Fault?.Message);
            if (done.Ok) Toasts.Done(said);
            await LoadAsync();
            return done.Ok;
        }
        finally { _busy = false; }
    }

    private async Task OnKeyAsync(string key)
    {
        if (key == "Escape") Navigation.NavigateTo(Step is null ? "/undo" : "/undo/" + Id, replace: Step is not null);
        if (Selected is not { } step) return;
        var at = _steps.ToList().FindIndex(s => s.Id == step.Id);
        if (key is "j" or "k") Navigation.NavigateTo(Href(_steps[Math.Clamp(at + (key == "j" ? 1 : -1), 0, _steps.Count - 1)]), replace: true);
        else if (key == "Enter") Navigation.NavigateTo(Href(step));
        else if (key == "u") Tick(UndoState.Undone);
        else if (key == "r" && _may && step.Retries()) await RetryAsync();
        else if (key == "h") await HandOver();
    }
}
