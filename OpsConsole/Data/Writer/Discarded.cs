namespace OpsConsole.Data.Writer;

/// <summary>Lets go of a connection and what hangs on it, after a failure.</summary>
internal static class Discarded
{
    /// <summary>Disposes of all parts, in order; one that fails keeps none of the others.</summary>
    public static async Task AllAsync(params IAsyncDisposable?[] parts)
    {
        foreach (var part in parts)
        {
            try
            {
                if (part is not null) await part.DisposeAsync();
            }
            catch (Exception)
            {
                // It is being thrown away because it failed; failing to say goodbye is not news.
            }
        }
    }
}
