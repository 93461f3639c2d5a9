using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Audit;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Home.Ui;

/// <summary>What needs me.</summary>
public sealed partial class HomePage
{
    private static readonly string[] Topics = ["approvals", "alerts", "log", "state", AuditCheck.Topic];
    private HomeView? _view;
    private string? _refusal;

    [Inject] private ReaderClock Clock { get; set; } = default!;

    private string Greeting
    {
        get
        {
            if (_view is null) return "Home";
            var hour = Clock.Local(Clock.Now).Hour;
            return $"Good {(hour < 5 ? "evening" : hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening")}, {VisibleText.Flatten(_view.Name.Split(' ')[0])}";
        }
    }

    private string? Standing => _view is not { } view ? null
        : $"{Count(view.Rollouts.Count, "rollout")} · {Count(view.Rollouts.Sum(r => r.Agents), "agent")} · {(view.EverythingPaused ? "everything is paused" : view.Rollouts.Any(r => r.Paused || r.PausedAgents > 0) ? "some are paused" : "all running")}";

    private string ChainWords => Check.State switch
    {
        { Running: not null } => "The log is being verified",
        { Last: { Intact: true } good } => $"✓ Log verified {Clock.Short(good.At)}, {good.Entries.ToString("N0", CultureInfo.InvariantCulture)} entries",
        { Last: not null } => "✕ The log is not intact: see where",
        _ => "Log not verified since this console started",
    };

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is { } me) _view = await Board.LoadAsync(me, CancellationToken.None);
    }

    private async Task SeenAsync(long seq)
    {
        var me = await Me.RequireAsync();
        var result = me.Fault is { } gone ? gone : await Board.SeenAsync(me.Value, seq);
        _refusal = result.Fault?.Message;
        await LoadAsync();
    }

    private static string Count(int n, string one) => n == 1 ? $"1 {one}" : $"{n} {one}s";
    private static string Number(int n) => n.ToString("N0", CultureInfo.InvariantCulture);
    private static string Share(double? share) => share is { } s ? (s * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "–";
}
