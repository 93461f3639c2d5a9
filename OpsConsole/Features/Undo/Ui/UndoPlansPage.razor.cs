using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>Undo plans, newest first; of one rollout or one incident where the address names it, or only those that need somebody.</summary>
public sealed partial class UndoPlansPage
{
    private const int Rows = 50;
    private static readonly string[] Topics = [UndoNotes.Due, "state"];
    private static readonly PageKey[] Keys = [new("j", "Next plan"), new("k", "Plan before"), new("Enter", "Open it")];

    private Wire.Page<UndoPlanView>? _page;
    private Fault? _fault;
    private string? _at;
    private int _need;

    [Inject] private UndoNeeds Needs { get; set; } = default!;

    [SupplyParameterFromQuery] public string? Rollout { get; set; }
    [SupplyParameterFromQuery] public string? Incident { get; set; }
    [SupplyParameterFromQuery(Name = "needs")] public string? Need { get; set; }
    [SupplyParameterFromQuery] public string? After { get; set; }

    private bool Needing => Need == "somebody";
    private string? Chosen => string.IsNullOrEmpty(Rollout) ? null : Rollout;
    private string? OfIncident => string.IsNullOrEmpty(Incident) ? null : Incident;

    protected override async Task OnParametersSetAsync()
    {
        await Task.Yield();   // rendered, so listening, before anything is read
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var asked = (Rollout, Incident, Need, After);
        var me = await Me.RequireAsync();
        var page = me.Fault is { } gone ? gone : await Desk.ListAsync(me.Value, Chosen, OfIncident, new PageQuery(string.IsNullOrEmpty(After) ? null : After, Rows), CancellationToken.None, Needing);
        var need = page.Ok ? (await Needs.SeenAsync(me.Value, Chosen, CancellationToken.None)).Count : 0;
        if (asked != (Rollout, Incident, Need, After)) return;   // the address moved on
        (_fault, _page, _need) = (page.Fault, page.Ok ? page.Value : null, need);
    }

    private void OnKey(string key)
    {
        if (_page is not { Items.Count: > 0 } page) return;
        var at = page.Items.ToList().FindIndex(p => p.Id == _at);
        if (key == "j") _at = page.Items[Math.Min(at + 1, page.Items.Count - 1)].Id;
        else if (key == "k") _at = page.Items[Math.Max(at - 1, 0)].Id;
        else if (key == "Enter" && at >= 0) Navigation.NavigateTo("/undo/" + page.Items[at].Id);
    }

    private string Address(bool needing, bool everywhere = false)
    {
        List<string> query = [];
        if (needing) query.Add("needs=somebody");
        if (everywhere) query.Add("rollout=");
        else if (Chosen is { } rollout) query.Add("rollout=" + Uri.EscapeDataString(rollout));
        if (OfIncident is { } incident) query.Add("incident=" + Uri.EscapeDataString(incident));
        return "/undo" + (query.Count == 0 ? "" : "?" + string.Join('&', query));
    }
}
