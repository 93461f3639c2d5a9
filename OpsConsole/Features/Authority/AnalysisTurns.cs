using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority;

/// <summary>Lets as many analyses run at once as there are processors, whoever asks: a large one takes a whole core for a moment. The others wait for their turn.</summary>
internal sealed class AnalysisTurns : IDisposable
{
    private static readonly Fault Busy = new(FaultKind.Unavailable, "analysis.busy", "Other matrices are being analysed at the moment, and this one did not get its turn. Try again shortly.");
    private readonly SemaphoreSlim _turns = new(AtOnce, AtOnce);

    public static int AtOnce { get; } = Math.Max(1, Environment.ProcessorCount);

    /// <summary>How long a caller of the API waits for a turn, so that it gets an answer before it gives up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Runs it on a thread of its own when it is its turn. Fault: <c>analysis.busy</c>.</summary>
    /// <param name="patience">How long to wait for the turn; null: until <paramref name="ct"/> says otherwise, as a page does.</param>
    public async Task<Result<T>> RunAsync<T>(Func<T> analyse, TimeSpan? patience, CancellationToken ct)
    {
        if (!await _turns.WaitAsync(patience ?? Timeout.InfiniteTimeSpan, ct)) return Busy;
        try
        {
            return await Task.Run(analyse, ct);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}
