using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Data;
using OpsConsole.Platform.Hosting;

namespace OpsConsole.Features.Authority;

/// <summary>How far a run has come.</summary>
internal sealed record ReplayProgress(ReplayStatus Status, long Read, double Position, DateTimeOffset? ReadUpTo, TimeSpan Took, DateTimeOffset? FinishedAt, string? Error, ReplayResult? Result);

/// <summary>
/// One replay in the background, on a thread and a read-only connection of its own: small pages by key, and a rest after each, longer while agents are asking, so that no decision waits for it.
/// </summary>
internal sealed class ReplayRun(string id, string rolloutId, string startedBy, long? draftVersion, DateTimeOffset from, DateTimeOffset to, long firstSeq, long lastSeq, DateTimeOffset startedAt, CancellationToken stopping) : IDisposable
{
    // Rows of a page, and the rest after it in times of what it took: while agents ask, a page is shorter than what a decision takes, and six sevenths of a core are left to them.
    private static readonly (int Rows, double Pause) Quiet = (256, 0.25), Busy = (32, 6);
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    private volatile ReplayProgress _progress = new(ReplayStatus.Running, 0, 0, null, TimeSpan.Zero, null, null, null);

    public string Id => id;
    public string RolloutId => rolloutId;
    public string StartedBy => startedBy;
    public long? DraftVersion => draftVersion;
    public DateTimeOffset From => from;
    public DateTimeOffset To => to;
    public DateTimeOffset StartedAt => startedAt;
    public ReplayProgress Progress => _progress;
    public bool Running => _progress.Status == ReplayStatus.Running;
    /// <summary>Completes when the last page was left, however it ended.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <param name="busy">Whether agents are asking at the moment.</param>
    /// <param name="tell">Called after every page and at the end.</param>
    public void Start(IDbContextFactory<OpsDbContext> factory, ReplayJudge judge, TimeProvider time, Func<bool> busy, Action tell, Action<Exception> failed)
        => Ended = Task.Factory.StartNew(() => Run(factory, judge, time, busy, tell, failed), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Cancel() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    private void Run(IDbContextFactory<OpsDbContext> factory, ReplayJudge judge, TimeProvider time, Func<bool> busy, Action tell, Action<Exception> failed)
    {
        BackgroundThread.GiveWay();   // a thread of its own: the pool's belong to the calls
        var began = time.GetTimestamp();
        var replay = new Replay(judge);
        var (status, error) = (ReplayStatus.Failed, (string?)null);
        try
        {
            Read(factory, replay, time, began, busy, tell);
            status = ReplayStatus.Done;
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            status = ReplayStatus.Cancelled;
        }
        catch (Exception e)
        {
            error = DatabaseFailures.IsBroken(e) ? "The record could not be read to the end of the period. Run it again when the console is well." : "The replay broke off; the console's log says why. Nothing was changed by it.";
            failed(e);
        }
        _progress = _progress with { Status = status, Read = replay.Read, Position = status == ReplayStatus.Done ? 1 : _progress.Position, Took = time.GetElapsedTime(began), FinishedAt = time.GetUtcNow(), Error = error, Result = status == ReplayStatus.Done ? replay.Result() : null };
        tell();
    }

    private void Read(IDbContextFactory<OpsDbContext> factory, Replay replay, TimeProvider time, long began, Func<bool> busy, Action tell)
    {
        using var db = factory.CreateDbContext();
        db.Database.OpenConnection();
        for (var after = firstSeq - 1; after < lastSeq;)
        {
            _stop.Token.ThrowIfCancellationRequested();
            var (page, pace) = (Stopwatch.GetTimestamp(), busy() ? Busy : Quiet);
            var rows = ReplayReader.Rows(db, rolloutId, after, lastSeq).Take(pace.Rows).ToList();
            foreach (var row in rows) ReplayReader.Add(replay, row);
            after = rows.Count < pace.Rows ? lastSeq : rows[^1].Seq;
            _progress = _progress with { Read = replay.Read, Position = (double)(after - firstSeq + 1) / (lastSeq - firstSeq + 1), ReadUpTo = rows.Count > 0 ? rows[^1].At : _progress.ReadUpTo, Took = time.GetElapsedTime(began) };
            tell();
            _stop.Token.WaitHandle.WaitOne(Stopwatch.GetElapsedTime(page) * pace.Pause);
        }
    }
}
