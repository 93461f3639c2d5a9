using Microsoft.AspNetCore.Components;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>A row per rollout, aligned so that eyes run down a column.</summary>
public sealed partial class RolloutsPage
{
    private static readonly string[] Topics = ["state"];
    private IReadOnlyList<RolloutRow>? _rows;
    private bool _mayCreate, _creating, _busy;
    private string? _name, _purpose, _refusal, _zone;

    [Inject] private ReaderClock Clock { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        _zone = Clock.Zone?.Id ?? "UTC";
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        _mayCreate = Reader.MayCreate(me);
        _rows = await Reader.AllAsync(me, CancellationToken.None);
    }

    private async Task CreateAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var id = me.Fault is { } gone ? gone : await Editor.CreateAsync(me.Value, new CreateRolloutRequest(_name?.Trim() ?? "", _purpose, string.IsNullOrWhiteSpace(_zone) ? null : _zone.Trim()));
            _refusal = id.Fault?.Message;
            if (id.Ok) Navigation.NavigateTo("/rollouts/" + id.Value);
        }
        finally { _busy = false; }
    }
}
