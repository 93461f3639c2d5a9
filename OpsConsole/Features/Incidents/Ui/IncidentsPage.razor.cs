using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Incidents.Ui;

/// <summary>Incidents under way, or all of them: a rollout's review log.</summary>
public sealed partial class IncidentsPage
{
    private const int Rows = 50;
    private static readonly string[] Topics = [IncidentDesk.Topic, "state"];
    private static readonly PageKey[] Keys = [new("j", "Next incident"), new("k", "Incident before"), new("Enter", "Open it"), new("n", "Report a failure")];

    private Wire.Page<IncidentView>? _page;
    private Fault? _fault;
    private string? _at;

    [SupplyParameterFromQuery] public bool All { get; set; }
    [SupplyParameterFromQuery] public string? Rollout { get; set; }
    /// <summary>A day of the rollout's clocks, as is <see cref="To"/>.</summary>
    [SupplyParameterFromQuery] public string? From { get; set; }
    [SupplyParameterFromQuery] public string? To { get; set; }
    [SupplyParameterFromQuery] public string? Severity { get; set; }
    [SupplyParameterFromQuery] public string? After { get; set; }

    private Dictionary<string, object?> Asked => new() { ["from"] = Said(From), ["to"] = Said(To), ["severity"] = Said(Severity), ["rollout"] = Chosen };
    private bool Narrowed => Said(From) is not null || Said(To) is not null || Said(Severity) is not null;

    private string? Chosen => string.IsNullOrEmpty(Rollout) ? null : Rollout;
    private string Report => Chosen is { } rollout ? "/incidents/new?rollout=" + Uri.EscapeDataString(rollout) : "/incidents/new";

    protected override async Task OnParametersSetAsync()
    {
        await Task.Yield();   // rendered, so listening, before anything is read
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var asked = (All, Rollout, After, From, To, Severity);
        var me = await Me.RequireAsync();
        var log = All ? LogFilter.Read(From, To, Severity) : LogFilter.All;
        var page = me.Fault is { } gone ? gone : log.Fault is { } wrong ? wrong : await Reader.ListAsync(me.Value, Chosen, !All, log.Value, new PageQuery(string.IsNullOrEmpty(After) ? null : After, Rows), CancellationToken.None);
        if (asked != (All, Rollout, After, From, To, Severity)) return;   // the address moved on
        (_fault, _page) = (page.Fault, page.Ok ? page.Value : null);
    }

    private void OnKey(string key)
    {
        if (key == "n") Navigation.NavigateTo(Report);
        if (_page is not { Items.Count: > 0 } page) return;
        var at = page.Items.ToList().FindIndex(i => i.Id == _at);
        if (key == "j") _at = page.Items[Math.Min(at + 1, page.Items.Count - 1)].Id;
        else if (key == "k") _at = page.Items[Math.Max(at - 1, 0)].Id;
        else if (key == "Enter" && at >= 0) Navigation.NavigateTo("/incidents/" + page.Items[at].Id);
    }

    private void Narrow(string name, object? value)
    {
        var asked = Asked;
        asked[name] = Said(value as string);
        asked["all"] = true;
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters("/incidents", asked));
    }

    private static string? Said(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private string Address(bool all) => "/incidents" + (all ? "?all=true" : "") + (Chosen is { } rollout ? (all ? "&" : "?") + "rollout=" + Uri.EscapeDataString(rollout) : "");

    private static string Standing(IncidentView row) => row.Owner is { } owner ? VisibleText.Flatten(owner.Name) + " has it" : row.Next is null ? "nobody had it" : "nobody has it";
}
