namespace OpsConsole.Support;

/// <summary>Waits for something another thread does; the limit only bounds a failing test.</summary>
internal static class Until
{
    public static async Task True(Func<bool> condition, string what = "the condition")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition())
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"Never came: {what}");
            await Task.Yield();
        }
    }
}
