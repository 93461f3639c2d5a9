using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Evals;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Evals.Ui;

/// <summary>The cases that a rollout's people kept, newest first.</summary>
public sealed partial class EvalCasesPage
{
    private const int Rows = 20;

    private Wire.Page<EvalCaseView>? _page;
    private EvalCaseView? _removing;
    private Fault? _fault;
    private string? _refusal;
    private bool _mayRemove;

    [Parameter] public string Id { get; set; } = "";
    [SupplyParameterFromQuery] public string? After { get; set; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var asked = (Id, After);
        var me = await Me.RequireAsync();
        var page = me.Fault is { } gone ? gone : await Desk.ListAsync(me.Value, Id, new PageQuery(string.IsNullOrEmpty(After) ? null : After, Rows), CancellationToken.None);
        if (asked != (Id, After)) return;   // the address moved on
        (_fault, _page, _mayRemove) = (page.Fault, page.Ok ? page.Value : null, me.Ok && Desk.MayRemove(me.Value, Id) is null);
    }

    private void Ask(EvalCaseView removing) => (_removing, _refusal) = (removing, null);

    private async Task RemoveAsync(string? why)
    {
        if (_removing is not { } removing) return;
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.RemoveAsync(me.Value, Id, removing.Id, why ?? "");
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _removing = null;
        Toasts.Done("The case was removed.");
        await LoadAsync();
    }
}
