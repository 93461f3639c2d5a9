using Microsoft.EntityFrameworkCore;
using OpsConsole.Data;

namespace OpsConsole.Features.Audit;

/// <summary>
/// Tells the console's own log the head of the chain at the start, every hour and at the end. Kept outside of the database, such a line is what shows that the end
/// was cut off, or everything written anew: <c>audit verify --head SEQ:HASH</c>.
/// </summary>
internal sealed partial class HeadLog(IDbContextFactory<OpsDbContext> factory, TimeProvider time, ILogger<HeadLog> log) : BackgroundService, IHostedLifecycleService
{
    private readonly Lock _gate = new();
    private Task? _end;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hour = new PeriodicTimer(TimeSpan.FromHours(1), time);
        try
        {
            while (await hour.WaitForNextTickAsync(stoppingToken)) await TellAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => TellAsync(cancellationToken);

    /// <summary>After the writer has stopped: nothing comes after this head. A host that is stopped by two at once is told once, and both wait for it.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return _end ??= TellAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task TellAsync(CancellationToken ct)
    {
        try
        {
            await using var db = await factory.CreateDbContextAsync(ct);
            var head = await db.Head.AsNoTracking().SingleAsync(ct);
            LogHead(head.Seq, Convert.ToHexStringLower(head.Chain));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // the time for stopping was over
        }
        // The next hour tries again; starting and stopping must not fail for it.
        catch (Exception e) when (DatabaseFailures.IsBroken(e) || e is OperationCanceledException)
        {
            LogUnknown(e);
        }
    }

    [LoggerMessage(3011, LogLevel.Information, "The head of the audit log is {Seq}:{Chain}")]
    private partial void LogHead(long seq, string chain);
    [LoggerMessage(3012, LogLevel.Warning, "The head of the audit log could not be read")]
    private partial void LogUnknown(Exception e);
}
