using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Incidents;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>The preview of a plan, and its start. What it undoes is in the address: a decision, a run, an agent since a moment, a record, or what an incident names.</summary>
public sealed partial class UndoNewPage : IDisposable
{
    private const int Most = 100;
    private static readonly string[] Topics = [UndoNotes.Due, "state"];
    private static readonly PageKey[] Keys = [new("s", "Start undoing"), new("Escape", "Not now: back to where you came from")];
    private static readonly Fault Nothing = Fault.Invalid("field.invalid", "The address does not say what is to be undone.", "scope");

    private UndoPlanView? _preview;
    private IncidentStory? _incident;
    private IncidentReference? _link;
    private IReadOnlyList<IncidentReference> _links = [];
    private Fault? _fault;
    private bool _rehearsal;
    private string? _reason, _refusal, _agent, _of;
    private DateTime? _since;
    private bool _asking;

    [SupplyParameterFromQuery] public string? Decision { get; set; }
    [SupplyParameterFromQuery] public string? Write { get; set; }
    [SupplyParameterFromQuery] public string? Run { get; set; }
    [SupplyParameterFromQuery] public string? Agent { get; set; }
    [SupplyParameterFromQuery] public string? Since { get; set; }
    [SupplyParameterFromQuery] public string? System { get; set; }
    [SupplyParameterFromQuery] public string? Record { get; set; }
    [SupplyParameterFromQuery] public string? Rollout { get; set; }
    [SupplyParameterFromQuery] public string? Incident { get; set; }

    private string All => $"{Decision}\n{Write}\n{Run}\n{Agent}\n{Since}\n{System}\n{Record}\n{Rollout}\n{Incident}";
    private string Back => _incident is { } of ? "/incidents/" + of.Incident.Id : Blank(Decision) is { } d ? "/decisions/" + d : Blank(Run) is { } r ? "/runs/" + Uri.EscapeDataString(r) : Blank(Agent) is { } a ? "/agents/" + a : "/undo";

    protected override void OnInitialized() => Clock.Changed += Again;

    // The title says a time.
    private void Again() => _ = InvokeAsync(StateHasChanged);

    public void Dispose() => Clock.Changed -= Again;

    protected override async Task OnParametersSetAsync()
    {
        if (_of == All) return;
        (_of, _preview, _fault, _incident, _link, _links, _agent, _asking, _refusal, _rehearsal, _reason) = (All, null, null, null, null, [], null, false, null, false, null);
        await Task.Yield();   // rendered, so listening, before anything is read
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var of = All;
        var me = await Me.RequireAsync();
        if (me.Fault is { } gone)
        {
            _fault = gone;
            return;
        }
        Fault? fault = null;
        UndoPlanView? preview = null;
        var story = Blank(Incident) is { } incident ? await Incidents.FindAsync(me.Value, incident, CancellationToken.None) : (Result<IncidentStory>?)null;
        if (of != All) return;   // the address moved on
        if (story is { Ok: true, Value: var found }) Name(found);
        _agent = Blank(Agent) ?? (_link is { Kind: "agent", Id: var linked } ? linked : null);
        var readable = QueryTime.TryRead(Since, out var since);
        if (story?.Fault is { } unknown) fault = unknown;
        else if (!readable) fault = Fault.Invalid("field.invalid", "The moment in the address cannot be read.", "since");
        else if (_agent is null || since is not null)
        {
            if (Request(since) is { } request)
            {
                var result = await Desk.PreviewAsync(me.Value, request, CancellationToken.None);
                (preview, fault) = result.Ok ? (result.Value, (Fault?)null) : (null, result.Fault);
            }
            else fault = _incident is null ? Nothing : Fault.Invalid("field.invalid", "This incident names no decision, run or agent yet. Undo what went wrong from its decision, its run or its agent.", "incident");
        }
        if (of != All) return;
        if (_agent is not null && since is { } at) _since ??= Clock.Local(at).DateTime;
        (_preview, _fault) = (preview, fault);
    }

    private UndoRequest? Request(DateTimeOffset? since)
    {
        var write = int.TryParse(Write, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : (int?)null;
        var rollout = Blank(Rollout) ?? _incident?.Incident.RolloutId;
        var (decision, run) = (Blank(Decision) ?? Linked("decision"), Blank(Run) ?? Linked("run"));
        var scope = decision is not null ? new UndoScope(write is null ? UndoScopeKind.Decision : UndoScopeKind.Write, decision, write)
            : run is not null ? new UndoScope(UndoScopeKind.Run, RunId: run)
            : _agent is not null ? new UndoScope(UndoScopeKind.Agent, AgentId: _agent, Since: since)
            : Blank(System) is { } system && Blank(Record) is { } record ? new UndoScope(UndoScopeKind.Record, Since: since, System: system, Record: record) : null;
        return scope is null ? null : new UndoRequest(scope, scope.Kind is UndoScopeKind.Run or UndoScopeKind.Record ? rollout : null, _incident?.Incident.Id, Blank(_reason), DryRun: true, Rehearsal: _rehearsal);
    }

    /// <summary>What the incident names, and which of it is looked at: that of the address, else the first.</summary>
    private void Name(IncidentStory story)
    {
        _incident = story;
        _links = [.. story.Links.Where(l => l.Kind is "decision" or "run" or "agent")];
        var named = (Blank(Decision), Blank(Run), Blank(Agent), Blank(System));
        _link = named == (null, null, null, null) ? (_links.Count > 0 ? _links[0] : null) : _links.FirstOrDefault(l => l.Id == (l.Kind switch { "decision" => Decision, "run" => Run, _ => Agent }));
    }

    private string? Linked(string kind) => _link is { } link && link.Kind == kind ? link.Id : null;

    private void Choose() => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["agent"] = _agent, ["since"] = Clock.At(_since!.Value).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) }), replace: true);

    private void Ask()
    {
        if (_preview is { Steps.Count: > 0 }) (_asking, _refusal) = (true, null);
    }

    private async Task StartAsync()
    {
        if (!QueryTime.TryRead(Since, out var since) || Request(since) is not { } request) return;
        var me = await Me.RequireAsync();
        var plan = me.Fault is { } gone ? gone : await Desk.StartAsync(me.Value, request with { DryRun = false }, CancellationToken.None);
        _refusal = plan.Fault?.Message;
        if (plan.Fault is not null) return;
        Toasts.Done("It has begun.");
        Navigation.NavigateTo("/undo/" + plan.Value.Id);
    }

    private void OnKey(string key)
    {
        if (key == "s") Ask();
        else if (key == "Escape") Navigation.NavigateTo(Back);
    }

    private string Address(IncidentReference link) => $"/undo/new?incident={_incident!.Incident.Id}&{link.Kind}={Uri.EscapeDataString(link.Id)}" + (link.Kind == "run" ? "&rollout=" + _incident.Incident.RolloutId : "");

    private static string Sum(IReadOnlyList<UndoStepView> steps)
    {
        var (agents, endpoint) = (steps.Count(s => s is { Runner: UndoRunner.Agent, State: UndoState.Waiting }), steps.Count(s => s is { Runner: UndoRunner.Endpoint, State: UndoState.Waiting }));
        var (people, conflicts) = (steps.Count(s => s is { Runner: UndoRunner.Person, State: UndoState.Waiting }), steps.Count(s => s.State == UndoState.Conflict));
        List<string> parts = [];
        if (agents > 0) parts.Add($"{Counted.Of(agents, "write")} by the agent that wrote {(agents == 1 ? "it" : "them")}");
        if (endpoint > 0) parts.Add($"{Counted.Of(endpoint, "write")} by the team's endpoint");
        if (people > 0) parts.Add($"{Counted.Of(people, "write")} by people, because no machine can");
        if (conflicts > 0) parts.Add($"{Counted.Of(conflicts, "write")} in conflict with something newer, until people have looked");
        return parts.Count == 0 ? "Nothing is left to undo: somebody was faster." : $"Will be undone, newest first: {string.Join("; ", parts)}.";
    }

    private static string Short(string id) => VisibleText.Flatten(id.Length > 16 ? "…" + id[^12..] : id);
    private static string? Blank(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
