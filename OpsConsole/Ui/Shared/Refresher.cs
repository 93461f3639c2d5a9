using Microsoft.AspNetCore.Components;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Ui.Shared;

/// <summary>Without markup: calls <see cref="OnChange"/> on the page's own thread of work whenever one of <see cref="Topics"/> is signalled.
/// Subscribes before the first await of the page that contains it can lose anything, and lets go when it leaves.</summary>
public sealed class Refresher : ComponentBase, IDisposable
{
    private IDisposable? _subscription;
    private string[] _subscribed = [];
    private volatile bool _disposed;

    [Parameter, EditorRequired] public IReadOnlyList<string> Topics { get; set; } = [];
    /// <summary>Pulls anew; its failure reaches the page's error boundary.</summary>
    [Parameter] public EventCallback OnChange { get; set; }
    [Inject] private Signals Signals { get; set; } = default!;

    protected override void OnParametersSet()
    {
        if (_subscribed.SequenceEqual(Topics, StringComparer.Ordinal)) return;
        Release();
        _subscribed = [.. Topics];
        // one subscriber for all: a commit that touches several topics must not load the page twice at a time, where the older answer may come last
        _subscription = Signals.Subscribe(_subscribed, Changed);
    }

    protected override bool ShouldRender() => false;

    private async Task Changed()
    {
        if (_disposed) return;
        try
        {
            await InvokeAsync(async () =>
            {
                if (!_disposed) await OnChange.InvokeAsync();
            });
        }
        catch (Exception) when (_disposed) { /* the page left meanwhile; nobody waits for this */ }
        catch (Exception ex) { await DispatchExceptionAsync(ex); }
    }

    private void Release()
    {
        _subscription?.Dispose();
        _subscription = null;
    }

    public void Dispose()
    {
        _disposed = true;
        Release();
    }
}
