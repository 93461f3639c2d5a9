using Microsoft.AspNetCore.Components;

namespace OpsConsole.Features.Home.Ui;

/// <summary>What fits a word, wherever it is.</summary>
public sealed partial class SearchPage : IDisposable
{
    private static readonly string[] Topics = ["health"];
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<Hit>? _hits;
    private string? _failure;

    private string? Shown => Q is { Length: > 80 } ? Q[..80] + "…" : Q;

    [SupplyParameterFromQuery] public string? Q { get; set; }
    [Inject] private ILogger<SearchPage> Log { get; set; } = default!;

    protected override Task OnParametersSetAsync() => LoadAsync();

    // What was found stays; only what failed is tried again when the console recovers.
    private Task AgainAsync() => _failure is null ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        var q = Q;
        (_hits, _failure) = (null, null);
        try
        {
            var me = await Me.RequireAsync();
            var hits = me.Fault is null ? await Search.FindAsync(me.Value, q is { Length: > 200 } ? q[..200] : q ?? "", _gone.Token) : null;
            if (q == Q) (_hits, _failure) = (hits, me.Fault?.Message);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            LogFailed(Log, e);
            if (q == Q) _failure = "The search does not work at the moment.";
        }
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    [LoggerMessage(2302, LogLevel.Error, "A search failed")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
