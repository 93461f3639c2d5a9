using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Realtime;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>
/// Replays: a draft against the recorded decisions of a period. They change nothing and count nowhere, and an entry of the log says who read what; what they found is kept in this process only, the last <see cref="MostKept"/> of each rollout,
/// until it ends. Signals the topic <c>replay:&lt;rollout&gt;</c> when one moved.
/// </summary>
internal sealed partial class ReplayDesk : IAsyncDisposable
{
    public const int MostKept = 20, MostRunning = 2, MostShown = 200;
    private static readonly TimeSpan BusyFor = TimeSpan.FromSeconds(1);
    private readonly DurableWriter _writer;
    private readonly IDbContextFactory<OpsDbContext> _factory;
    private readonly Signals _signals;
    private readonly TimeProvider _time;
    private readonly ILogger<ReplayDesk> _log;
    private readonly CancellationToken _stopping;
    private readonly IDisposable _asks;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _starts = new(1);   // one after the other: what may start still may once it is on record
    private readonly List<ReplayRun> _runs = [];   // the newest last
    private long _lastAsk;

    public ReplayDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, Signals signals, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<ReplayDesk> log)
    {
        (_writer, _factory, _signals, _time, _log, _stopping) = (writer, factory, signals, time, log, lifetime.ApplicationStopping);
        _lastAsk = time.GetTimestamp() - time.TimestampFrequency * 60;
        _asks = signals.Subscribe("log", () =>
        {
            Volatile.Write(ref _lastAsk, time.GetTimestamp());
            return Task.CompletedTask;
        });
    }

    public static string Topic(string rolloutId) => "replay:" + rolloutId;

    public Fault? MaySee(PersonCaller caller, string id) => Sight.Rollout(_writer.State, caller, id).Fault;

    /// <summary>Starts one in the background. Whoever sees the rollout may: it shows decisions that they may see. Faults: <c>replay.range</c>, those of <see cref="MatrixJson.Parse"/>,
    /// <c>replay.running</c> (one at a time in a rollout), <c>replay.busy</c> (<see cref="MostRunning"/> in all, one per person).</summary>
    public async Task<Result<ReplayView>> StartAsync(PersonCaller caller, string id, ReplayRequest request, CancellationToken ct)
    {
        var state = _writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        var now = _time.GetUtcNow();
        if (request.Check(now) is { } wrong) return wrong;
        if (Full(caller, id, state) is { } early) return early;   // said before the work
        var from = request.From!.Value;
        var end = request.To <= now ? request.To : null;   // what lies ahead is cut off
        await using var db = await _factory.CreateDbContextAsync(ct);
        var stored = await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => new { r.Draft, r.DraftVersion }).SingleOrDefaultAsync(ct);
        if (stored is null) return Fault.NotFound("rollout");
        var document = MatrixJson.Parse(request.Matrix ?? JsonElement.Parse(stored.Draft));
        if (document.Fault is { } unreadable) return request.Matrix is not null ? unreadable with { Field = unreadable.Field is null ? "matrix" : "matrix." + unreadable.Field } : unreadable;
        var first = await LogClock.FirstSeqAtAsync(db, from, null, ct);
        var last = end is { } before ? await LogClock.FirstSeqAtAsync(db, before, null, ct) - 1 : await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);
        var judge = new ReplayJudge(rollout, CompiledPolicy.Compile(document.Value, rollout.Policy?.Version ?? 0));
        long? draft = request.Matrix is null ? stored.DraftVersion : null;
        await _starts.WaitAsync(ct);
        try
        {
            if (Full(caller, id, state) is { } full) return full;
            var simulation = Secrets.NewId("sim");
            var recorded = await _writer.ChangeAsync<Done>((scope, _) =>
            {
                if (Sight.Rollout(scope.State, caller, id).Fault is { } hidden) return Task.FromResult<Result<Done>>(hidden);
                scope.Audit(caller.Actor, "replay.started", id, new { simulation, from, to = end ?? now, draft, sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(MatrixJson.ToJson(document.Value)))) }, rolloutId: id);
                return Task.FromResult<Result<Done>>(Done.Value);
            });
            if (recorded.Fault is { } refused) return refused;
            return View(Start(new ReplayRun(simulation, id, caller.Id, draft, from, end ?? now, first, last, now, _stopping), judge), state, full: false);
        }
        finally { _starts.Release(); }
    }

    private ReplayRun Start(ReplayRun run, ReplayJudge judge)
    {
        var id = run.RolloutId;
        lock (_gate)
        {
            _runs.Add(run);
            var here = _runs.Where(r => r.RolloutId == id).ToList();   // nobody pushes out what others wait to read
            foreach (var old in here.Where(r => !r.Running).Take(here.Count - MostKept))
            {
                _runs.Remove(old);
                old.Dispose();
            }
            run.Start(_factory, judge, _time, Busy, () => _signals.Publish(Topic(id)), e => LogFailed(e, id));
        }
        return run;
    }

    /// <summary>Newest first, without what they found.</summary>
    public Result<IReadOnlyList<ReplayView>> List(PersonCaller caller, string id)
    {
        var state = _writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        lock (_gate) return Recent(id, state);
    }

    /// <summary>How it stands, with what it found once it is done.</summary>
    public Result<ReplayView> Get(PersonCaller caller, string id, string runId) => Find(caller, id, runId).Then<ReplayView>(run => View(run, _writer.State, full: true));

    /// <summary>Stops one and returns it as it ended; one that has ended stays as it is. Faults: forbidden for who neither started it nor may write the draft.</summary>
    public async Task<Result<ReplayView>> CancelAsync(PersonCaller caller, string id, string runId, CancellationToken ct)
    {
        var found = Find(caller, id, runId);
        if (found.Fault is { } hidden) return hidden;
        if (!MayCancel(caller, found.Value)) return Fault.Forbidden($"This replay was started by {_writer.State.Directory.NameOf(found.Value.StartedBy)}; they stop it, or somebody who may write the draft.");
        lock (_gate)
        {
            if (found.Value.Running) found.Value.Cancel();
        }
        await found.Value.Ended.WaitAsync(ct);
        return View(found.Value, _writer.State, full: true);
    }

    /// <summary>Everything that the page shows.</summary>
    /// <param name="runId">The one to show; null is the newest.</param>
    public Result<ReplayPageView> Page(PersonCaller caller, string id, string? runId)
    {
        var state = _writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        lock (_gate)
        {
            var shown = runId is null ? _runs.FindLast(r => r.RolloutId == id) : _runs.Find(r => r.Id == runId && r.RolloutId == id);
            return new ReplayPageView(rollout.Name, Recent(id, state), shown is null ? null : View(shown, state, full: true), shown is { Running: true } && MayCancel(caller, shown));
        }
    }

    /// <summary>Of one replay the changes of one kind, the strangest first; empty when there is no such replay, or it found none.</summary>
    public IReadOnlyList<ReplayChangeView> Changes(PersonCaller caller, string id, string runId, Outcome was, Outcome now, bool sample)
        => Find(caller, id, runId) is { Ok: true, Value.Progress.Result: { } result } ? [.. result.Strangest.Where(c => c.Move.Was == was && c.Move.Now == now && c.Sample == sample).Select(c => View(c, _writer.State))] : [];

    public async ValueTask DisposeAsync()
    {
        _asks.Dispose();
        List<ReplayRun> runs;
        lock (_gate)
        {
            runs = [.. _runs];
            _runs.Clear();
        }
        foreach (var run in runs) run.Cancel();
        foreach (var run in runs)
        {
            await run.Ended;
            run.Dispose();
        }
        _starts.Dispose();
    }

    private bool Busy() => _time.GetElapsedTime(Volatile.Read(ref _lastAsk)) < BusyFor;

    private Result<ReplayRun> Find(PersonCaller caller, string id, string runId)
    {
        if (MaySee(caller, id) is { } hidden) return hidden;
        lock (_gate) return _runs.Find(r => r.Id == runId && r.RolloutId == id) is { } run ? run : Fault.NotFound("replay (this process keeps the last twenty of a rollout, and none beyond its end)");
    }

    private bool MayCancel(PersonCaller caller, ReplayRun run) => caller.Id == run.StartedBy || Sight.Rollout(_writer.State, caller, run.RolloutId, Permissions.MayEdit).Ok;

    private Fault? Full(PersonCaller caller, string id, ConsoleState state)
    {
        lock (_gate)
        {
            if (_runs.Find(r => r.Running && r.RolloutId == id) is { } mine)
                return Fault.Conflict("replay.running", $"{state.Directory.NameOf(mine.StartedBy)} is running a replay of this rollout. Look at that one, or wait until it is done.", new Dictionary<string, object?> { ["simulation"] = mine.Id, ["started_by"] = mine.StartedBy });
            var running = _runs.Where(r => r.Running).ToList();
            return running.Any(r => r.StartedBy == caller.Id) ? new Fault(FaultKind.TooMany, "replay.busy", "A replay of yours is running in another rollout. Start this one when that is done.")
                : running.Count < MostRunning ? null : new Fault(FaultKind.TooMany, "replay.busy", $"{running.Count} replays of other rollouts are running. Try again when one is done.");
        }
    }

    private List<ReplayView> Recent(string id, ConsoleState state) => [.. _runs.Where(r => r.RolloutId == id).Reverse().Select(r => View(r, state, full: false))];

    private static ReplayView View(ReplayRun run, ConsoleState state, bool full)
    {
        var p = run.Progress;
        var seconds = p.Took.TotalSeconds;
        return new ReplayView(run.Id, run.RolloutId, p.Status, run.DraftVersion, run.From, run.To, run.StartedAt, run.StartedBy, state.Directory.NameOf(run.StartedBy), p.Read, p.Status == ReplayStatus.Done ? p.Read : null, p.Position, p.ReadUpTo,
            seconds, seconds > 0 ? p.Read / seconds : 0, p.Status == ReplayStatus.Running && p.Position > 0 ? seconds * (1 - p.Position) / p.Position : null, p.FinishedAt, p.Error, full && p.Result is { } found ? Report(found, state) : null);
    }

    private static ReplayReport Report(ReplayResult r, ConsoleState state)
    {
        return new(new(Skipped(ReplaySkip.Paused), Skipped(ReplaySkip.Cap), Skipped(ReplaySkip.Loop), Skipped(ReplaySkip.PayloadGone), Skipped(ReplaySkip.PatternTime)),
            ReplayCounts.Of(r.Answers), ReplayCounts.Of(r.Samples), r.Waited.TotalSeconds, [.. r.Strangest.Take(MostShown).Select(c => View(c, state))]);

        long Skipped(ReplaySkip why) => r.Skipped.GetValueOrDefault(why);
    }

    private static ReplayChangeView View(ReplayChange c, ConsoleState state) => new(c.Id, c.At, c.AgentId, state.Agents.TryGetValue(c.AgentId, out var agent) ? agent.Name : c.AgentId, c.Action, c.ResourceType, c.ResourceId,
        c.Move.Was, c.Move.Now, c.Move.WasRow, c.Move.NowRow, c.WasVersion, c.Sample, c.High, c.Person, c.Why);

    [LoggerMessage(2501, LogLevel.Error, "A replay of rollout {Rollout} broke off")]
    private partial void LogFailed(Exception e, string rollout);
}
