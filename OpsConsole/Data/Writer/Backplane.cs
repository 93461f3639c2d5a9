using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OpsConsole.Data.Writer;

/// <summary>
/// On PostgreSQL: hears what other instances committed, brings this one's memory up to date and passes their topics on.
/// When the line is lost it is opened again, and everything is looked at once, because signals may have been missed. Beside it the epoch of authority
/// is looked at every two seconds, so that what was revoked elsewhere is so here, too, while the line is silently dead.
/// </summary>
internal sealed partial class Backplane(OpsDatabase database, DurableWriter writer, TimeProvider time, ILogger<Backplane> log) : BackgroundService
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => database.Postgres is { } source ? Task.WhenAll(ListenAsync(source, stoppingToken), WatchAsync(stoppingToken)) : Task.CompletedTask;

    private async Task ListenAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(ct);
                HashSet<string> heard = ["state", "approvals", "alerts", "log", "health"];   // whatever was missed before; every open page looks again at 'health'
                connection.Notification += (_, e) => heard.Add(e.Payload);         // raised only while this loop reads from the connection
                await using (var listen = new NpgsqlCommand("LISTEN " + PostgresWriterStore.Channel, connection)) await listen.ExecuteNonQueryAsync(ct);
                await using var alive = new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = 5 };
                while (true)
                {
                    while (heard.Count > 0)
                    {
                        string[] topics = [.. heard];
                        heard.Clear();
                        await PassOnAsync(topics);
                    }
                    // A line that died without a word would be waited on for ever.
                    if (!await connection.WaitAsync(Quiet, ct)) await alive.ExecuteScalarAsync(ct);
                }
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                LogLost(e);
                await Task.Delay(TimeSpan.FromSeconds(1), time, ct);
            }
        }
    }

    private async Task PassOnAsync(string[] topics)
    {
        // Authority first: whoever reacts to a topic must not see the old one.
        if (topics.Contains("state")) await writer.CatchUpAsync();
        foreach (var topic in topics) writer.Relay(topic);
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(LookAgain, time);
        var failed = false;
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                await using var db = database.CreateDbContext();
                if (await db.Head.AsNoTracking().Select(h => h.Epoch).SingleAsync(ct) != writer.State.Epoch) await writer.CatchUpAsync();
                failed = false;
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                if (!failed) LogNotWatched(e);
                failed = true;
            }
        }
    }

    [LoggerMessage(1021, LogLevel.Warning, "The line to the other instances is lost; it is opened again in a second")]
    private partial void LogLost(Exception e);
    [LoggerMessage(1022, LogLevel.Warning, "Whether other instances changed authority cannot be looked up; it is tried every two seconds")]
    private partial void LogNotWatched(Exception e);
}
