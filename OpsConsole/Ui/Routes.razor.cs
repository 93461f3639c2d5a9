using Microsoft.AspNetCore.Components;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Ui;

public sealed partial class Routes
{
    /// <summary>The reader's IANA time zone as the browser stated it last, or null on a first visit.</summary>
    [Parameter] public string? Zone { get; set; }
    /// <summary>What the browser remembers of the rollout switcher, or null.</summary>
    [Parameter] public string? Rollout { get; set; }
    [Inject] private ReaderClock Clock { get; set; } = default!;
    [Inject] private RolloutChoice Choice { get; set; } = default!;

    protected override void OnInitialized()
    {
        Clock.Use(Zone);
        Choice.Use(Rollout);
    }
}
