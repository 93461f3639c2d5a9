using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Promotions;

namespace OpsConsole.Features.Agents.Ui;

/// <summary>One agent: who it is, what it may do, what it presents, how much it may use.</summary>
public sealed partial class AgentPage
{
    private static readonly string[] Topics = ["state", "log"];
    private Fault? _fault;
    private AgentView? _view;
    private AgentRights _rights = new(false, false, false, false, false);
    private IReadOnlyList<GrantView> _grants = [];
    private IReadOnlyList<PromotionView> _proofs = [];
    private IReadOnlyList<KeyView> _keys = [];
    private CapsView _caps = new(JsonElement.Parse("{}"), null, [], 20, "PT1M");
    private Gate _gate;
    private bool _retiring;
    private string? _refusal;

    [Parameter] public string Id { get; set; } = "";

    protected override async Task OnParametersSetAsync()
    {
        await LoadAsync();
        await LoadProofsAsync();
    }

    // Runs are counted out of the rows, so not with every decision.
    private async Task LoadProofsAsync()
    {
        if (await Me.GetAsync() is { } me) _proofs = await Proofs.OpenAsync(me, Id, CancellationToken.None);
    }

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = await Reader.GetAsync(me, Id, CancellationToken.None);
        var grants = await Reader.GrantsAsync(me, Id, CancellationToken.None);
        var keys = await Reader.KeysAsync(me, Id, CancellationToken.None);
        var caps = await Reader.CapsAsync(me, Id, CancellationToken.None);
        _fault = view.Fault ?? grants.Fault ?? keys.Fault ?? caps.Fault;
        if (_fault is not null) return;
        (_view, _grants, _keys, _caps, _rights, _gate) = (view.Value, grants.Value, keys.Value, caps.Value, Reader.Rights(me, Id), Reader.GateOf(Id));
    }

    private async Task RetireAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Registry.RetireAsync(me.Value, Id, new EndRequest(reason));
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _retiring = false;
        Toasts.Done("The agent is retired.");
        await LoadAsync();
    }
}
