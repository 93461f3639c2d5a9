using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Reliability.Ui;

/// <summary>One watched figure: its chart, its baseline, its error budget, and each point with the way to its decisions.</summary>
public sealed partial class WatchPage
{
    private ControlView? _view;
    private BurnView? _burn;
    private (string, string, string, string?, string)? _read;
    private string? _fault, _refusal;
    private bool _fixing, _ending;

    [Parameter] public string Id { get; set; } = "";
    [Parameter] public string AgentId { get; set; } = "";
    [Parameter] public string Measure { get; set; } = "";
    [SupplyParameterFromQuery(Name = "action")] public string? Action { get; set; }
    [SupplyParameterFromQuery(Name = "by")] public string? By { get; set; }
    [Inject] private MonitoringReader Reader { get; set; } = default!;
    [Inject] private BaselineDesk Desk { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    private string Word => By == "week" ? "week" : "day";
    private Grain Grain => By == "week" ? Grain.Week : Grain.Day;
    private WatchedSpec Spec => WatchedSpec.All.FirstOrDefault(s => s.Wire == Measure) ?? WatchedSpec.All[0];
    private string Title => Spec.Words;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var asked = (Id, AgentId, Measure, Action, Word);
        if (_read is not null && _read != asked) (_view, _burn) = (null, null);
        if (WatchedSpec.All.All(s => s.Wire != Measure))
        {
            (_read, _fault) = (asked, "There is no such figure. Choose one above.");
            return;
        }
        var me = await Person.RequireAsync();
        var found = me.Fault is { } gone ? gone : await Reader.ChartAsync(me.Value, Id, new ControlQuery(AgentId, string.IsNullOrEmpty(Action) ? null : Action, Spec.Watched, Grain), CancellationToken.None);
        var burn = found.Ok && !Spec.Level && Spec.Watched != Watched.Autonomy ? await Reader.BurnAsync(me.Value, Id, AgentId, Action, Spec.Wire, CancellationToken.None) : null;
        if (asked != (Id, AgentId, Measure, Action, Word)) return;   // the address moved on
        (_read, _fault, _view, _burn) = (asked, found.Fault?.Message, found.Ok ? found.Value : null, burn);
    }

    private string At(string measure, string by) => $"/rollouts/{Id}/monitoring/{Uri.EscapeDataString(AgentId)}/{measure}?by={by}{(string.IsNullOrEmpty(Action) ? "" : "&action=" + Uri.EscapeDataString(Action))}";

    private string Name(DateTimeOffset at) => MonitoringWords.Name(Grain, at, TimeZoneInfo.FindSystemTimeZoneById(_view!.Zone));

    private string Records(ControlPointView p) => $"/decisions?rollout={Id}&mode=live&agent={Uri.EscapeDataString(AgentId)}{(string.IsNullOrEmpty(Action) ? "" : "&action=" + Uri.EscapeDataString(Action))}&from={Exact(p.Start)}&to={Exact(p.End)}";

    private string Marked(ControlPointView p) => string.Join("; ", _view!.Marks.Where(m => m.At >= p.Start && m.At < p.End).Select(m => m.Text).Take(4));

    private static string Burnt(long bad, long of, double? burn, string window) => string.Create(CultureInfo.InvariantCulture, $"{bad:N0} of {of:N0}{(burn is { } b ? string.Create(CultureInfo.InvariantCulture, $", {b:0.#}×") : "")} in {window}");

    private static string Exact(DateTimeOffset at) => Uri.EscapeDataString(at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    private async Task<string?> FixAsync(FixBaselineRequest request)
    {
        var me = await Person.RequireAsync();
        var made = me.Fault is { } gone ? gone : await Desk.FixAsync(me.Value, Id, request, CancellationToken.None);
        if (made.Fault is { } fault) return fault.Message;
        _fixing = false;
        Toasts.Done("The baseline is fixed. Days from now on are judged by it.");
        await LoadAsync();
        return null;
    }

    private async Task EndAsync(string? reason)
    {
        var me = await Person.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.EndAsync(me.Value, Id, _view?.Baseline?.Id ?? "", reason ?? "");
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _ending = false;
        Toasts.Done("The baseline ended.");
        await LoadAsync();
    }
}
