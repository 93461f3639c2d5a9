using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpsConsole.Data.Writer;

namespace OpsConsole.Data;

/// <summary>
/// Moves SQLite's write-ahead log into the database from a connection of its own, so that no decision waits for a checkpoint. Often and little at a time:
/// what is written back in one go is what the log's own flushes have to queue behind.
/// </summary>
internal sealed partial class Checkpointer(OpsDatabase database, ILogger<Checkpointer> log) : BackgroundService
{
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(20);

    // 16 MB of 4-KB pages. Begun again from the front, the log is overwritten where it is, which flushes faster than a file that grows.
    private const long RestartFrames = 4_096;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (database.File is not { } file) return;
        var (log, seen, pages) = (new FileInfo(file + "-wal"), default(DateTime), 0L);
        using var meter = new Meter(WriterMetrics.Name);
        meter.CreateObservableGauge("wal.pages", () => Volatile.Read(ref pages));
        SqliteConnection? connection = null;
        using var timer = new PeriodicTimer(Rhythm);   // the disk's rhythm, not the console's clock
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                log.Refresh();
                if (!log.Exists || log.LastWriteTimeUtc == seen) continue;
                seen = log.LastWriteTimeUtc;
                try
                {
                    if (connection is null)
                    {
                        connection = new SqliteConnection($"Data Source={file};Pooling=False");
                        await connection.OpenAsync(stoppingToken);
                    }
                    Volatile.Write(ref pages, Checkpoint(connection));
                    if (pages > RestartFrames) database.LogRestartDue = true;
                }
                catch (SqliteException e)
                {
                    LogFailed(e);
                    connection?.Dispose();
                    connection = null;
                }
            }
        }
        finally
        {
            connection?.Dispose();
        }
    }

    /// <summary>Writes back what no reader still needs, and returns how many pages the log holds.</summary>
    internal static long Checkpoint(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        using var result = command.ExecuteReader();
        return result.Read() ? result.GetInt64(1) : 0;
    }

    [LoggerMessage(1011, LogLevel.Warning, "The checkpoint of the write-ahead log failed; it is tried again when more was written")]
    private partial void LogFailed(Exception e);
}
