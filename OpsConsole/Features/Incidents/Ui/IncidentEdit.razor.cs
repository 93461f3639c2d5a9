using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Incidents.Ui;

/// <summary>Title, severity, times, people and what it touched, corrected; what was said before stays on the timeline.</summary>
public sealed partial class IncidentEdit
{
    private readonly Dictionary<IncidentRole, string> _roles = [];
    private Dictionary<string, DateTime?> _times = [], _had = [];
    private string? _title, _text, _customers, _records, _refusal;
    private string _severity = "";
    private long _version;
    private bool _busy, _wasOpen;

    [Parameter] public bool Open { get; set; }
    [Parameter] public EventCallback<bool> OpenChanged { get; set; }
    [Parameter, EditorRequired] public IncidentView Incident { get; set; } = default!;
    [Parameter] public IReadOnlyList<NamedPerson> People { get; set; } = [];
    [Parameter] public EventCallback OnSaved { get; set; }

    protected override void OnParametersSet()
    {
        if (Open && !_wasOpen)
        {
            (_title, _text, _severity, _version, _refusal) = (Incident.Title, Incident.Text, Incident.Severity, Incident.Version, null);
            (_customers, _records) = (Of("customer"), Of("record"));
            _had = Incident.Times.ToDictionary(t => t.Key, t => t.Value is { } at ? (DateTime?)Second(Clock.Local(at).DateTime) : null);
            _times = new(_had);
            _roles.Clear();
        }
        _wasOpen = Open;
    }

    private async Task SaveAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var affected = ReportPage.Lines(_records).Select(r => new Affected("record", r)).Concat(ReportPage.Lines(_customers).Select(c => new Affected("customer", c))).Concat(Incident.Affected.Where(a => a.Kind is not ("record" or "customer"))).ToList();
            var change = new ChangeIncidentRequest(_title, _text ?? "", SeveritySpec.Parse(_severity)?.Severity, _times.Where(t => t.Value != _had[t.Key]).ToDictionary(t => t.Key, t => t.Value is { } at ? Clock.At(at) : (DateTimeOffset?)null),
                new Dictionary<IncidentRole, string>(_roles), affected.ToHashSet().SetEquals(Incident.Affected) ? null : affected);
            var done = me.Fault is { } gone ? gone : await Desk.CorrectAsync(me.Value, Incident.Id, change, _version);
            _refusal = done.Fault?.Message;
            if (done.Fault is not null) return;
            await OpenChanged.InvokeAsync(false);
            await OnSaved.InvokeAsync();
        }
        finally { _busy = false; }
    }

    private NamedPerson? OfRole(IncidentRole role) => Incident.Roles.GetValueOrDefault(role.ToString().ToLowerInvariant());

    private string Of(string kind) => string.Join('\n', Incident.Affected.Where(a => a.Kind == kind).Select(a => a.Name));

    private static DateTime Second(DateTime at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond));

    private static DateTime? Read(object? value) => DateTime.TryParse(value as string, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : null;
}
