using Microsoft.AspNetCore.Components;

namespace OpsConsole.Ui.Shared;

/// <summary>A component that shows a time and renders again when the reader's zone becomes known.</summary>
public abstract class ClockComponent : ComponentBase, IDisposable
{
    [Inject] protected ReaderClock Clock { get; set; } = default!;

    protected override void OnInitialized() => Clock.Changed += Again;

    private void Again() => _ = InvokeAsync(StateHasChanged);

    public void Dispose()
    {
        Clock.Changed -= Again;
        GC.SuppressFinalize(this);
    }
}
