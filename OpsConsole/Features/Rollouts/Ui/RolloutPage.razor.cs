using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>One rollout: its gates with evidence, its people, its settings, its agents.</summary>
public sealed partial class RolloutPage
{
    private static readonly string[] Topics = ["state"];
    private Fault? _fault;
    private RolloutView? _view;
    private RolloutRights _rights = new(false, false, false, false, false, []);
    private IReadOnlyList<GateView> _gates = [];
    private IReadOnlyList<RolloutAgent> _agents = [];

    [Parameter] public string Id { get; set; } = "";

    private Gate _gate => _view?.Gate is { } gate ? GateKeeper.GateOf(gate) ?? Gate.None : Gate.None;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = await Reader.GetAsync(me, Id, CancellationToken.None);
        var gates = await Keeper.ListAsync(me, Id, CancellationToken.None);
        _fault = view.Fault ?? gates.Fault;
        if (_fault is not null) return;
        (_view, _gates, _rights, _agents) = (view.Value, gates.Value, Reader.Rights(me, Id), Reader.Agents(me, Id));
    }
}
