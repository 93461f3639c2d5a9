using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Startup;

/// <summary><c>account unlock EMAIL</c>, also while the console runs: it takes turns with it as instances do.</summary>
internal static class AccountCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<(int Code, string Text)> RunAsync(string[] args, IConfiguration configuration)
    {
        if (args is not ["account", "unlock", var email, ..]) return (1, "There is one such command: account unlock EMAIL.");
        try
        {
            await using var database = OpsOptions.DatabaseBeside(configuration);
            using var writer = new DurableWriter(database.CreateStore(), TimeProvider.System, NullLogger<DurableWriter>.Instance);
            await writer.StartAsync(CancellationToken.None);
            var unlocked = await Unlocking.UnlockAsync(writer, email).WaitAsync(Patience);
            await writer.StopAsync(CancellationToken.None);
            return unlocked.Fault is { } fault ? (1, fault.Message) : (0, $"{email} can sign in again at once.");
        }
        // Whatever happened, nothing was unlocked, and whoever called has to hear why.
        catch (Exception e)
        {
            return (1, "Nothing was changed: " + e.GetBaseException().Message);
        }
    }
}
