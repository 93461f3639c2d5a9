namespace OpsConsole.Features.Workshop.Session;

/// <summary>One reading at a time for all who ask: fifty pages that hear of one change ask the database once. Whoever asks after a reading began waits for the next.</summary>
/// <param name="gate">Lets one in. It is never waited for by handle, so there is nothing in it to dispose of.</param>
internal sealed class SharedReading<T>(SemaphoreSlim gate)
{
    private long _asked, _answered;
    private T _value = default!;

    public async Task<T> GetAsync(Func<CancellationToken, Task<T>> read, CancellationToken ct)
    {
        var asked = Interlocked.Increment(ref _asked);
        await gate.WaitAsync(ct);
        try
        {
            if (_answered >= asked) return _value;   // somebody read after this was asked for
            var upTo = Volatile.Read(ref _asked);
            (_value, _answered) = (await read(ct), upTo);
            return _value;
        }
        finally
        {
            gate.Release();
        }
    }
}
