using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>'Report a failure', practised: choose a scenario, and see how long it takes until its owner has it.</summary>
public sealed partial class DrillPage
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);   // who writes on a worksheet tells with every word

    private DrillsView? _view;
    private Fault? _fault;
    private string? _chosen, _refusal, _of;
    private bool _busy;

    [Parameter] public string Id { get; set; } = "";

    private string[] Topics => ["state", DrillDesk.Topic, WorksheetDesk.Topic(Id)];

    protected override Task OnParametersSetAsync()
    {
        if (_of != Id) (_of, _view, _chosen, _refusal) = (Id, null, null, null);
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        if (await Me.GetAsync() is not { } me) return;
        var view = await Desk.PageAsync(me, id, CancellationToken.None);
        if (id != Id) return;   // another rollout was chosen meanwhile
        _fault = view.Fault;
        if (!view.Ok) return;
        _view = view.Value;
        if (_view.Scenarios.All(s => s.Row != _chosen || s.Problem is not null)) _chosen = _view.Scenarios.FirstOrDefault(s => s.Problem is null)?.Row;
    }

    private async Task StartAsync()
    {
        if (_busy || _chosen is not { } row) return;
        _busy = true;
        var me = await Me.RequireAsync();
        var started = me.Fault is { } gone ? gone : await Desk.StartAsync(me.Value, Id, new StartDrillRequest(row));
        _busy = false;
        _refusal = started.Fault?.Message;
        await LoadAsync();
    }

    private async Task EndAsync(DrillView drill, bool acknowledge)
    {
        if (_busy) return;
        _busy = true;
        var me = await Me.RequireAsync();
        var ended = me.Fault is { } gone ? gone : acknowledge ? await Desk.AcknowledgeAsync(me.Value, Id, drill.Id) : await Desk.GiveUpAsync(me.Value, Id, drill.Id);
        _busy = false;
        _refusal = ended.Fault?.Message;
        if (ended.Ok) Toasts.Done(Words(ended.Value));
        await LoadAsync();
    }

    internal static string Words(DrillView ended) => ended.Seconds is not { } seconds ? "The drill is given up. It is kept as failed." : $"You have it after {DurationWords.Of(TimeSpan.FromSeconds(seconds))}: the drill {(ended.Status == "passed" ? "passed" : "took too long")}.";

    private bool Mine(DrillView drill) => drill.Expected.Any(p => p.PersonId == _view!.Me);

    private DrillScenario? Scenario(string row) => _view!.Scenarios.FirstOrDefault(s => s.Row == row);

    private static string Names(IReadOnlyList<DrillPerson> people) => string.Join(" or ", people.Select(p => VisibleText.Flatten(p.Name)));
}
