using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Features.Undo;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Decisions.Ui;

/// <summary>One decision from the question to its end; the chosen step is in the address.</summary>
public sealed partial class DecisionPage
{
    private static readonly PageKey[] Keys = [new("j", "Next step"), new("k", "Step before"), new("Escape", "Back to the decisions")];
    private string[] _topics = [];
    private StoryView? _story;
    private WindowView? _window;
    private string? _fault, _refusal;
    private bool _open, _mayReadLog;

    [Inject] private WindowDesk Windows { get; set; } = default!;
    [Parameter] public string Id { get; set; } = "";
    [SupplyParameterFromQuery] public string? Step { get; set; }

    private string Selected => Step ?? (_story is { Steps.Count: > 0 } story ? story.Steps[0].Key : "");

    protected override async Task OnParametersSetAsync()
    {
        // the step is in the address too; choosing another one shows what is here already
        if (_topics is [var topic] && topic == "decision:" + Id) return;
        (_topics, _story) = (["decision:" + Id], null);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var me = await Me.RequireAsync();
        _mayReadLog = me.Ok && Permissions.MayReadAudit(me.Value.Person);
        var result = me.Fault is { } gone ? gone : await Story.TellAsync(me.Value, Id, CancellationToken.None);
        _window = me.Ok && await Windows.FindAsync(me.Value, Id, CancellationToken.None) is { Ok: true, Value: var window } ? window : null;
        (_story, _fault) = result.Fault is { } fault ? (null, fault.Message) : (result.Value, (string?)null);
    }

    private string Href(string key) => $"/decisions/{Id}?step={key}";

    private async Task ReconcileAsync(Reconciled said)
    {
        var me = await Me.RequireAsync();
        var result = me.Fault is { } gone ? gone : await Reconciliation.RecordAsync(me.Value, Id, said.Status, said.Words, CancellationToken.None);
        _refusal = result.Fault?.Message;
        if (result.Fault is not null) return;
        _open = false;
        await LoadAsync();
    }

    private void OnKey(string key)
    {
        if (key == "Escape") Navigation.NavigateTo("/decisions");
        if (_story is not { Steps.Count: > 0 } story || key is not ("j" or "k")) return;
        var at = story.Steps.ToList().FindIndex(s => s.Key == Selected);
        Navigation.NavigateTo(Href(story.Steps[Math.Clamp(at + (key == "j" ? 1 : -1), 0, story.Steps.Count - 1)].Key), replace: true);
    }
}
