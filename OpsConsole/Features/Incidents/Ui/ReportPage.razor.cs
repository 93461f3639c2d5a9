using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Incidents.Ui;

/// <summary>Three questions, and who is told. From a decision or a run it comes with what it is about.</summary>
public sealed partial class ReportPage
{
    private IReadOnlyList<(string Id, string Name)>? _rollouts;
    private ReportView? _view;
    private Fault? _fault;
    private string? _rollout, _refusal, _about, _of;
    private string _title = "", _row = "";
    private string? _text, _customers, _records;
    private Severity? _severity;
    private DateTime? _since;
    private bool _busy;

    [SupplyParameterFromQuery] public string? Rollout { get; set; }
    [SupplyParameterFromQuery] public string? Decision { get; set; }
    [SupplyParameterFromQuery] public string? Run { get; set; }

    /// <summary>Who would be told.</summary>
    private ScenarioView? Told => _view?.Scenarios.FirstOrDefault(s => s.Row == _row) ?? _view?.None;

    protected override async Task OnParametersSetAsync()
    {
        var of = $"{Rollout} {Decision} {Run}";
        if (_of == of) return;
        _of = of;
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var me = await Me.RequireAsync();
        _fault = me.Fault;
        if (!me.Ok) return;
        var rollouts = Reader.Rollouts(me.Value);
        var wanted = Rollout;
        if (!string.IsNullOrEmpty(Decision)) (wanted, _about) = (await Reader.RolloutOfAsync(me.Value, Decision, CancellationToken.None), $"decision {Decision}");
        if (!string.IsNullOrEmpty(Run)) _about = (_about is null ? "" : _about + ", ") + $"run {VisibleText.Flatten(Run)}";
        if (wanted is null && !string.IsNullOrEmpty(Decision)) _fault = Fault.NotFound("decision");
        wanted ??= Remembered.Of(me.Value.Id);
        _rollouts = rollouts;
        await ChooseAsync(rollouts.Any(r => r.Id == wanted) ? wanted : rollouts.Count > 0 ? rollouts[0].Id : null);
    }

    private async Task ChooseAsync(string? rollout)
    {
        (_rollout, _view) = (rollout, null);
        if (rollout is null || await Me.GetAsync() is not { } me) return;
        var view = await Reader.ReportableAsync(me, rollout, CancellationToken.None);
        if (rollout != _rollout) return;   // another was chosen meanwhile
        (_refusal, _view) = (view.Fault?.Message, view.Ok ? view.Value : null);
        Pick("");
    }

    // A scenario brings its severity with it, until somebody chooses another.
    private void Pick(string row)
    {
        _row = row;
        _severity = SeveritySpec.Parse(Told?.Severity)?.Severity ?? _severity ?? Severity.Sev3;
    }

    private async Task SendAsync()
    {
        if (_busy || _rollout is not { } rollout) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var since = _since is { } local ? Clock.At(local) : (DateTimeOffset?)null;
            var opened = me.Fault is { } gone ? gone : await Desk.OpenAsync(me.Value, new OpenIncidentRequest(rollout, _row.Length == 0 ? null : _row, _title.Trim(), string.IsNullOrWhiteSpace(_text) ? null : _text.Trim(), _severity, since, null,
                Lines(_records), Lines(_customers), string.IsNullOrEmpty(Decision) ? [] : [Decision], string.IsNullOrEmpty(Run) ? [] : [Run]));
            _refusal = opened.Fault?.Message;
            if (opened.Fault is not null) return;
            Toasts.Done("It is reported, and the clock runs.");
            Navigation.NavigateTo("/incidents/" + opened.Value.Id);
        }
        finally { _busy = false; }
    }

    internal static IReadOnlyList<string> Lines(string? text) => [.. (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
}
