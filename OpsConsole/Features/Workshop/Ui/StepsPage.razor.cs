using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>The six steps of a rollout: what each is for, who answers for it, and what it still lacks.</summary>
public sealed partial class StepsPage
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(3);   // who writes on a worksheet tells with every word

    private StepsView? _view;
    private Fault? _fault;
    private string? _of;

    [Parameter] public string Id { get; set; } = "";

    private string[] Topics => ["state", "gates", WorksheetDesk.Topic(Id), "matrix:" + Id];

    private string Purpose => $"{_view!.Steps.Count(s => s.Done)} of {_view.Steps.Count} steps are done. A step is done when its check holds; nobody ticks it off.";

    protected override Task OnParametersSetAsync()
    {
        if (_of != Id) (_of, _view) = (Id, null);
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        if (await Me.GetAsync() is not { } me) return;
        var view = await Desk.PageAsync(me, id, CancellationToken.None);
        if (id != Id) return;   // another rollout was chosen meanwhile
        _fault = view.Fault;
        if (view.Ok) _view = view.Value;
    }

    private static string Word(StepView step) => step.Done ? "Done" : $"Open: {Counted.Of(step.Criteria.Count(c => !c.Met), "thing")} to go";
}
