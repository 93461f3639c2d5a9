using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OpsConsole.Data.Writer;

/// <summary>
/// On PostgreSQL: hears what other instances committed, brings this one's memory up to date and passes their topics on.
/// When the line is lost it is opened again, and everything is looked at once, because signals may have been missed.
/// </summary>
internal sealed partial class Backplane(OpsDatabase database, DurableWriter writer, TimeProvider time, ILogger<Backplane> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (database.Postgres is not { } source) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, e) => _ = HeardAsync(e.Payload);
                await using (var listen = new NpgsqlCommand("LISTEN " + PostgresWriterStore.Channel, connection)) await listen.ExecuteNonQueryAsync(stoppingToken);
                await HeardAsync("state");
                await HeardAsync("approvals");
                while (true) await connection.WaitAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseFailures.IsBroken(e))
            {
                LogLost(e);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task HeardAsync(string topic)
    {
        // Authority first: whoever reacts to the topic must not see the old one.
        if (topic == "state") await writer.CatchUpAsync();
        writer.Relay(topic);
    }

    [LoggerMessage(1021, LogLevel.Warning, "The line to the other instances is lost; it is opened again in a second")]
    private partial void LogLost(Exception e);
}
