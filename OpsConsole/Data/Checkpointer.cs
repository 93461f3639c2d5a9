using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OpsConsole.Data;

/// <summary>Moves SQLite's write-ahead log into the database from a connection of its own, so that no decision waits for a checkpoint.</summary>
internal sealed partial class Checkpointer(OpsDatabase database, TimeProvider time, ILogger<Checkpointer> log) : BackgroundService
{
    private const long RestartBytes = 256L << 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (database.File is not { } file) return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var wal = new FileInfo(file + "-wal");
                if (!wal.Exists || wal.Length < 4 << 20) continue;
                await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
                await connection.OpenAsync(stoppingToken);
                await using var command = connection.CreateCommand();
                // A log that readers kept from shrinking is restarted, which briefly holds new writes.
                command.CommandText = "PRAGMA busy_timeout=200; PRAGMA wal_checkpoint(" + (wal.Length > RestartBytes ? "RESTART" : "PASSIVE") + ")";
                await command.ExecuteNonQueryAsync(stoppingToken);
            }
            catch (SqliteException e)
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(1011, LogLevel.Warning, "The checkpoint of the write-ahead log failed; it is tried again in a second")]
    private partial void LogFailed(Exception e);
}
