using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Agents;

namespace OpsConsole.Features.Agents.Ui;

/// <summary>The registry: a row per agent.</summary>
public sealed partial class AgentsPage
{
    private static readonly string[] Topics = ["state"];
    private IReadOnlyList<AgentView>? _rows;
    private IReadOnlyList<(string Id, string Name)> _homes = [];
    private bool _open, _busy;
    private string? _name, _home, _owner, _model, _refusal, _mine;
    private AgentKind _kind;

    /// <summary>Only agents of this rollout.</summary>
    [SupplyParameterFromQuery] public string? Rollout { get; set; }
    /// <summary>Opens the form at once.</summary>
    [SupplyParameterFromQuery] public string? Register { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        await LoadAsync();
        if (Register is not null && _homes.Count > 0 && RendererInfo.IsInteractive && _name is null) Open();
    }

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        _mine = me.Person.Email;
        _homes = Reader.Homes(me);
        _rows = await Reader.AllAsync(me, string.IsNullOrEmpty(Rollout) ? null : Rollout, CancellationToken.None);
    }

    private void Open()
    {
        _home = _homes.Any(h => h.Id == Rollout) ? Rollout : _homes[0].Id;
        (_owner, _name, _model, _refusal, _open) = (_mine, "", null, null, true);
    }

    private async Task RegisterAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var agent = me.Fault is { } gone ? gone : await Registry.RegisterAsync(me.Value, new RegisterAgentRequest(_name ?? "", _home ?? "", _kind, _owner, string.IsNullOrWhiteSpace(_model) ? null : _model, null, null));
            _refusal = agent.Fault?.Message;
            if (agent.Ok) Navigation.NavigateTo("/agents/" + agent.Value.Id);
        }
        finally { _busy = false; }
    }
}
