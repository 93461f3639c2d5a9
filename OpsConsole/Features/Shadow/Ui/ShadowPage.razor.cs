using Microsoft.AspNetCore.Components;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Shadow.Ui;

/// <summary>Shadow mode of one rollout: its figures, what waits to be recorded, and what to learn from. What is shown stands in the address.</summary>
public sealed partial class ShadowPage
{
    private static readonly (string Word, string Title)[] Views = [("", "Agreement"), ("record", "To record"), ("apart", "Disagreements")];

    private ShadowReport? _report;
    private (string, ShadowQuery)? _read;
    private string? _fault;
    private int _loaded;

    [Parameter] public string Id { get; set; } = "";
    [SupplyParameterFromQuery(Name = "show")] public string? Show { get; set; }
    [SupplyParameterFromQuery(Name = "agent")] public string? Agent { get; set; }
    [SupplyParameterFromQuery(Name = "action")] public string? Action { get; set; }
    [SupplyParameterFromQuery(Name = "sample")] public string? Sample { get; set; }
    [SupplyParameterFromQuery(Name = "after")] public string? After { get; set; }
    [Inject] private ShadowReader Reader { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private string View => Show is "record" or "apart" ? Show : "";
    private ShadowQuery Query => new(string.IsNullOrEmpty(Agent) ? null : Agent, string.IsNullOrEmpty(Action) ? null : Action);

    protected override Task OnParametersSetAsync() => _read == (Id, Query) ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        var asked = (Id, Query);
        if (_read is { } read && read.Item1 != Id) _report = null;
        var me = await Person.RequireAsync();
        var found = me.Fault is { } gone ? gone : await Reader.ReportAsync(me.Value, Id, Query, CancellationToken.None);
        if (asked != (Id, Query)) return;   // the address moved on
        (_read, _fault, _report) = (asked, found.Fault?.Message, found.Ok ? found.Value : null);
        _loaded++;
    }

    private string At(string view, string? sample = null, string? after = null)
    {
        (string Name, string? Value)[] all = [("show", view), ("agent", Query.Agent), ("action", Query.Action), ("after", after), ("sample", sample)];
        List<string> parts = [.. all.Where(p => !string.IsNullOrEmpty(p.Value)).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}")];
        return $"/rollouts/{Id}/shadow" + (parts.Count == 0 ? "" : "?" + string.Join('&', parts));
    }

    private void Choose(string name, string? value)
    {
        if (name == "agent") Agent = string.IsNullOrEmpty(value) ? null : value;
        else Action = string.IsNullOrEmpty(value) ? null : value;
        Navigation.NavigateTo(At(View));
    }
}
