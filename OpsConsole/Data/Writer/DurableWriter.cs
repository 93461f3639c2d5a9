using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.State;

namespace OpsConsole.Data.Writer;

/// <summary>
/// The only writer. One loop drains a bounded channel into one transaction per batch: decision rows, idempotency keys, cap reservations and audit hashes
/// commit together or not at all, and callers are answered after the commit. Everything else that changes goes through <see cref="ChangeAsync{T}"/>,
/// one transaction each, in the same order. When the database fails, everybody waiting is told 'unavailable' and nothing is given.
/// </summary>
public sealed partial class DurableWriter : BackgroundService
{
    private const int Capacity = 8_192;
    private const int MaxBatch = 1_024;
    private static readonly Fault Full = new(FaultKind.Unavailable, "busy", "The console has more to record than it can at the moment; nothing was decided. Try again shortly.");
    private static readonly Fault Down = new(FaultKind.Unavailable, "database.unavailable", "The console cannot record anything at the moment, so nothing is decided or changed. It recovers by itself; try again shortly.");

    private readonly IWriterStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<DurableWriter> _log;
    private readonly Channel<WriteItem> _channel = Channel.CreateBounded<WriteItem>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Batch _batch = new();
    private readonly WriterMemory _memory;
    private readonly AskProcessor _asks;
    private readonly ReportProcessor _reports;
    private readonly Alarms _alarms = new();
    private readonly SeenActions _seen = new();
    private readonly WriterMetrics _metrics;
    private volatile WriterHealth _health = new(false, null, "starting");
    private long _requestsMoved;

    /// <param name="reminders">After how many percent of their time requests remind the people asked.</param>
    internal DurableWriter(IWriterStore store, TimeProvider time, ILogger<DurableWriter> log, IReadOnlyList<int>? reminders = null)
    {
        (_store, _time, _log) = (store, time, log);
        _metrics = new WriterMetrics(() => _channel.Reader.Count);
        _memory = new WriterMemory(store);
        (_asks, _reports) = (new AskProcessor(_memory.Caps, _memory.Loops, _alarms, reminders ?? Reminders.Usual), new ReportProcessor(_memory.Caps, _alarms));
    }

    /// <summary>Authority as of the last commit seen by this instance.</summary>
    public ConsoleState State => _memory.State;
    /// <summary>What the clock says now. A change has its own time.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();
    public WriterHealth Health => _health;
    /// <summary>Grows with each commit that moved a request for approval, before anybody has its answer, and with whatever another instance tells.</summary>
    public long RequestsMoved => Interlocked.Read(ref _requestsMoved);
    /// <summary>Completes when the first transaction has gone through.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Topics that moved, after the commit. Handlers must not block.</summary>
    public event Action<IReadOnlyCollection<string>>? Committed;
    public event Action? HealthChanged;

    /// <summary>Puts an ask through the rules and on record. Faults: <c>busy</c>, <c>database.unavailable</c>, <c>idempotency.mismatch</c>.</summary>
    /// <param name="render">With an idempotency key: the answer as it is to be replayed.</param>
    public Task<Result<Reply>> AskAsync(Ask ask, string agentId, string keyId, IdempotencyClaim? idempotency, Func<Answer, string>? render)
    {
        var item = new AskItem(ask, agentId, keyId, idempotency, render);
        return _channel.Writer.TryWrite(item) ? item.Task : Task.FromResult<Result<Reply>>(Full);
    }

    /// <summary>Records what became of a decision. Faults: <c>decision.not_allowed</c>, <c>decision.not_claimed</c>, <c>outcome.already_reported</c>, not found.</summary>
    /// <param name="agentId">The reporting agent, or null for a person who reconciles.</param>
    public Task<Result<Reported>> ReportAsync(long seq, string decisionId, string? agentId, Actor actor, Report report)
    {
        var item = new ReportItem(seq, decisionId, agentId, actor, report);
        return _channel.Writer.TryWrite(item) ? item.Task : Task.FromResult<Result<Reported>>(Full);
    }

    /// <summary>Runs a change in a transaction of its own. A fault or an exception leaves nothing behind.</summary>
    public Task<Result<T>> ChangeAsync<T>(Func<ChangeScope, CancellationToken, Task<Result<T>>> work)
    {
        var item = new ChangeItem<T>(work);
        return _channel.Writer.TryWrite(item) ? item.Task : Task.FromResult<Result<T>>(Full);
    }

    /// <summary>Makes this instance look at what others wrote, even when it has nothing to write itself.</summary>
    public Task<Result<Done>> CatchUpAsync() => ChangeAsync((_, _) => Task.FromResult<Result<Done>>(Fault.Refused("nothing", "nothing to keep")));

    /// <summary>Passes on what another instance committed.</summary>
    internal void Relay(string topic)
    {
        Interlocked.Increment(ref _requestsMoved);
        Tell(() => Committed?.Invoke([topic]));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        List<WriteItem> items = new(MaxBatch) { new LookItem() };
        WriteItem? carried = null;
        try
        {
            await WriteAsync(items, stoppingToken);
            while (true)
            {
                items.Clear();
                // While the database is down, whoever waits is told; when nobody waits, the console looks by itself whether it is back.
                if (_health is { Up: false, Since: not null } && carried is null && !_channel.Reader.TryPeek(out _)) items.Add(new LookItem());
                else
                {
                    if (carried is null && !await _channel.Reader.WaitToReadAsync(stoppingToken)) break;
                    // Asks and reports share a transaction; a change has its own.
                    while (items.Count < MaxBatch)
                    {
                        var next = carried;
                        carried = null;
                        if (next is null && !_channel.Reader.TryRead(out next)) break;
                        if (next is IChange && items.Count > 0)
                        {
                            carried = next;
                            break;
                        }
                        items.Add(next);
                        if (next is IChange) break;
                    }
                }
                if (items.Count > 0) await WriteAsync(items, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            _channel.Writer.TryComplete();
            foreach (var item in items) item.Fail(Down);   // does nothing to those that were answered
            carried?.Fail(Down);
            while (_channel.Reader.TryRead(out var left)) left.Fail(Down);
            await _store.DisposeAsync();
            _metrics.Dispose();
        }
    }

    private async Task WriteAsync(List<WriteItem> items, CancellationToken ct)
    {
        try
        {
            await TransactAsync(items, ct);
            Healthy();
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            _memory.Distrust();   // whether the commit arrived is not known: read everything again
            _alarms.Clear();
            _seen.Clear();
            await _store.ResetAsync();
            if (DatabaseFailures.IsBroken(e) || items[0] is LookItem)
            {
                Unhealthy(e);
                foreach (var item in items) item.Fail(Down);
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time, ct);   // a broken disk is not mended by hammering it
            }
            else if (items.Count > 1)
            {
                // One of them cannot be written; the others must not suffer for it.
                foreach (var item in items) await WriteAsync([item], ct);
            }
            else
            {
                LogItemFailed(e, items[0].GetType().Name);
                items[0].Throw(e);
            }
        }
    }

    private async Task TransactAsync(List<WriteItem> items, CancellationToken ct)
    {
        var head = await _store.BeginAsync(ct);
        _batch.Start(head);
        // The log's clock never runs backwards, so that its order is the order of time.
        var now = Micros.Truncate(_time.GetUtcNow());
        if (now < head.LastAt) now = head.LastAt;
        await _memory.FollowAsync(head, now, ct);

        var kept = true;
        ConsoleState? moved = null;
        if (items[0] is IChange change)
        {
            var began = _time.GetTimestamp();
            await using var db = _store.Context();
            var scope = new ChangeScope(_memory, _batch, db, now);
            kept = await change.RunAsync(scope, ct);
            if (kept)
            {
                await db.SaveChangesAsync(ct);
                if (scope.AuthorityMoved) moved = await MoveAsync(db, head, now, ct);
            }
            if (change is not LookItem) _metrics.Changed(_time.GetElapsedTime(began));
        }
        else
        {
            await DecideAsync(items, now, ct);
            await _seen.NoteAsync(_batch.Decisions, _store, ct);
            moved = await AlarmAsync(head, now, ct);
        }

        if (kept && (_batch.Audit.Count > 0 || _memory.Caps.HasDirty || items[0] is IChange))
        {
            foreach (var (window, used) in _memory.Caps.Dirty) _batch.Caps.Add(new CapUsage { AgentId = window.AgentId, Unit = CapUnitNames.Of(window.Unit), WindowKey = window.Key, Used = used, At = now });
            if (_batch.Audit.Count > 0) _batch.Topics.Add("log");
            if (_batch.Approvals.Count > 0) _batch.Topics.Add("approvals");
            await _store.InsertAsync(_batch, ct);
            var began = _time.GetTimestamp();
            await _store.CommitAsync(_batch, ct);
            _metrics.Committed(items.Count, _time.GetElapsedTime(began));
            _memory.Committed(head, moved);
            _alarms.Committed();
            _seen.Committed();
        }
        else
        {
            await _store.RollbackAsync();
            _memory.RolledBack();
            _alarms.Clear();
            _seen.Clear();
        }
        if (kept && _batch.Topics.Contains("approvals")) Interlocked.Increment(ref _requestsMoved);
        WriteItem.Deliver(items);
        HashSet<string> topics = kept ? [.. _batch.Topics] : [];
        if (_memory.TakeFollowed()) topics.Add("state");   // told here only: whoever changed it has told the others
        if (topics.Count > 0) Tell(() => Committed?.Invoke(topics));
    }

    /// <summary>What was noticed is written with the decisions that caused it, so that a stop in between cannot lose it. Returns the authority that follows, when somebody was paused.</summary>
    private async Task<ConsoleState?> AlarmAsync(LogHead head, DateTimeOffset now, CancellationToken ct)
    {
        if (_alarms.None) return null;
        await using var db = _store.Context();
        var paused = await _alarms.WriteAsync(new ChangeScope(_memory, _batch, db, now), ct);
        await db.SaveChangesAsync(ct);
        return paused ? await MoveAsync(db, head, now, ct) : null;
    }

    private async Task<ConsoleState> MoveAsync(OpsDbContext db, LogHead head, DateTimeOffset now, CancellationToken ct)
    {
        head.Epoch++;
        _batch.Topics.Add("state");
        db.ChangeTracker.Clear();
        return await StateLoader.LoadAsync(db, head, _memory.State, now, ct);
    }

    private async Task DecideAsync(List<WriteItem> items, DateTimeOffset now, CancellationToken ct)
    {
        List<(string, string)>? keys = null;
        List<long>? seqs = null;
        foreach (var item in items)
        {
            if (item is AskItem { Idempotency: { } claim } ask) (keys ??= []).Add((ask.AgentId, claim.Key));
            else if (item is ReportItem report) (seqs ??= []).Add(report.Seq);
        }
        Dictionary<(string, string), IdempotencyKey> known = keys is null ? [] : (await _store.FindKeysAsync([.. keys.Distinct()], ct)).ToDictionary(k => (k.AgentId, k.Key));
        Dictionary<long, ReportTarget> targets = seqs is null ? [] : (await _store.FindReportTargetsAsync([.. seqs.Distinct()], ct)).ToDictionary(t => t.Seq);
        await _memory.LoadCapsAsync(items, targets, now, ct);
        foreach (var item in items)
        {
            if (item is AskItem ask) ask.Settle(_asks.Decide(ask, _batch, _memory.State, known, now));
            else if (item is ReportItem report) report.Settle(_reports.Take(report, _batch, _memory.State, targets, now));
        }
    }

    private void Healthy()
    {
        _ready.TrySetResult();
        if (_health.Up) return;
        _health = new WriterHealth(true, null, null);
        LogRecovered();
        Tell(() => HealthChanged?.Invoke());
    }

    private void Unhealthy(Exception e)
    {
        if (!_health.Up && _health.Since is not null) return;
        _health = new WriterHealth(false, _time.GetUtcNow(), e.GetBaseException().Message);
        LogBroken(e);
        Tell(() => HealthChanged?.Invoke());
    }

    // What is committed stays committed: a listener's mistake must not look like a failed write, or it would be written twice.
    private void Tell(Action listeners)
    {
        try
        {
            listeners();
        }
        catch (Exception e)
        {
            LogListenerFailed(e);
        }
    }

    [LoggerMessage(1001, LogLevel.Critical, "The database cannot be written; no decision is given until it can")]
    private partial void LogBroken(Exception e);
    [LoggerMessage(1002, LogLevel.Information, "The database can be written")]
    private partial void LogRecovered();
    [LoggerMessage(1004, LogLevel.Error, "A listener to the writer failed")]
    private partial void LogListenerFailed(Exception e);
    [LoggerMessage(1003, LogLevel.Error, "A {Kind} could not be written and was refused")]
    private partial void LogItemFailed(Exception e, string kind);
}
