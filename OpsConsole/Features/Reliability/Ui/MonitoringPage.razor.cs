using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Reliability.Ui;

/// <summary>Everything that is watched in a rollout, each state with its counts and the way to its chart.</summary>
public sealed partial class MonitoringPage
{
    private MonitoringView? _view;
    private string? _fault;

    [Parameter] public string Id { get; set; } = "";
    [Inject] private MonitoringReader Reader { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var asked = Id;
        if (_view is { } shown && shown.RolloutId != asked) _view = null;
        var me = await Person.RequireAsync();
        var found = me.Fault is { } gone ? gone : await Reader.FindAsync(me.Value, asked, CancellationToken.None);
        if (asked != Id) return;
        (_fault, _view) = (found.Fault?.Message, found.Ok ? found.Value : null);
    }

    private static string Words(string measure) => WatchedSpec.All.First(s => s.Wire == measure).Words;

    private static string Summary(MonitoringView view)
    {
        var (outside, burning) = (view.Capabilities.Sum(c => c.Measures.Count(m => m.State == "out_of_control")), view.Capabilities.Sum(c => c.Burns.Count(b => b.State.StartsWith("burning", StringComparison.Ordinal))));
        var (judged, open) = (view.Capabilities.Sum(c => c.Measures.Count(m => m.State is "in_control" or "out_of_control")), view.Capabilities.Sum(c => c.Measures.Count(m => m.State == "no_baseline")));
        return $"{Counted.Of(outside, "figure")} out of control, {Counted.Of(burning, "error budget")} burning too fast; {Counted.Of(judged, "figure")} judged by a baseline, {open} could have one.";
    }

    private string Short(MeasureView m)
    {
        if (m.State == "out_of_control") return $"since {MonitoringWords.Name(m.Grain == "week" ? Grain.Week : Grain.Day, m.Since!.Value, TimeZoneInfo.FindSystemTimeZoneById(_view!.Zone))}";
        var spec = WatchedSpec.All.First(s => s.Wire == m.Measure);
        return spec.Value(m.Count, m.Of) is { } value ? $"{MonitoringWords.Value(spec, value)}, {MonitoringWords.Counts(spec, m.Count, m.Of)}" : "nothing yet";
    }

    private static string Short(BurnView b) => b.Rules.Count == 0 ? "" : b.Rules.FirstOrDefault(r => r.Verdict == "fires") is { } fires
        ? string.Create(CultureInfo.InvariantCulture, $"{fires.LongBurn:0.#}× in {fires.Long}") : string.Create(CultureInfo.InvariantCulture, $"{b.Rules[^1].LongBad} of {b.Rules[^1].LongOf} in {b.Rules[^1].Long}");
}
