using Microsoft.AspNetCore.Components;

namespace OpsConsole.Features.Safeguards.Ui;

/// <summary>The Pause button of the top bar, for whoever may move at least one switch.</summary>
public sealed partial class PauseMenu
{
    private const int Most = 60;
    private static readonly string[] Topics = ["state"];
    private IReadOnlyList<PauseLine> _lines = [];
    private PauseLine? _asked;
    private bool _open;
    private string? _filter;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    // What the reader is looking at comes first; what is paused is always there.
    private IEnumerable<PauseLine> Shown => _lines.Where(l => l.MayFlip || l.State.Paused)
        .Where(l => string.IsNullOrWhiteSpace(_filter) || l.Target == PauseTarget.Everything || l.Name.Contains(_filter.Trim(), StringComparison.OrdinalIgnoreCase))
        .OrderBy(l => l.Target).ThenByDescending(Here).ThenByDescending(l => l.State.Paused).Take(Most);

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync() => _lines = Board.Lines(await Me.GetAsync());

    private bool Here(PauseLine line) => line.Id.Length > 0 && Navigation.Uri.Contains(line.Id, StringComparison.Ordinal);

    private void Ask(PauseLine line) => (_open, _asked) = (false, line);

    private static string Heading(PauseTarget target) => target switch { PauseTarget.Everything => "Everything", PauseTarget.Rollout => "Rollouts", _ => "Agents" };
}
