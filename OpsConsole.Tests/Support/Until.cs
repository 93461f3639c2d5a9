namespace OpsConsole.Support;

/// <summary>Waits for something another thread does; the limit only bounds a failing test, and is longer than what the console's clocks rest between two looks.</summary>
internal static class Until
{
    public static Task True(Func<bool> condition, string what = "the condition") => True(() => Task.FromResult(condition()), what);

    /// <summary>Looks a few times at once, then every millisecond or two: a test that waits takes no processor from the others.</summary>
    public static async Task True(Func<Task<bool>> condition, string what = "the condition")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(75));
        for (var look = 0; !await condition(); look++)
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"Never came: {what}");
            if (look < 10) await Task.Yield();
            else await Task.Delay(1);
        }
    }
}
