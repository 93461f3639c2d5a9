using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>One rollout: its gates with evidence, its people, its settings, its agents.</summary>
public sealed partial class RolloutPage
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);   // who writes on a worksheet tells with every word

    private string _me = "";
    private string? _of;
    private Fault? _fault;
    private RolloutView? _view;
    private RolloutRights _rights = RolloutRights.None;
    private IReadOnlyList<GateView> _gates = [];
    private IReadOnlyList<RolloutAgent> _agents = [];

    [Parameter] public string Id { get; set; } = "";

    private string[] Topics => ["state", ConfirmationDesk.Topic, "catalogues", "sheets:" + Id];
    private Gate _gate => _view?.Gate is { } gate ? GateKeeper.GateOf(gate) ?? Gate.None : Gate.None;

    protected override Task OnParametersSetAsync()
    {
        if (_of != Id) (_of, _view) = (Id, null);
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        if (await Me.GetAsync() is not { } me) return;
        var view = await Reader.GetAsync(me, id, CancellationToken.None);
        var gates = await Keeper.ListAsync(me, id, CancellationToken.None);
        if (id != Id) return;   // another rollout was chosen meanwhile
        _fault = view.Fault ?? gates.Fault;
        if (_fault is not null) return;
        _me = me.Id;
        (_view, _gates, _rights, _agents) = (view.Value, gates.Value, Reader.Rights(me, Id), Reader.Agents(me, Id));
    }
}
