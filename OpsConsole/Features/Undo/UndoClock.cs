using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Webhooks;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Undo;

/// <summary>
/// Lets leases run out, sends steps to the teams' endpoints, and hands over what has lost its agent or its endpoint. Due times are in the database and taking a step moves its own ahead, so a restart goes on, and of two instances one sends;
/// whatever happens in between, a step is sent again under the same id.
/// </summary>
internal sealed partial class UndoClock(UndoStepDesk desk, SignedSender sender, IDbContextFactory<OpsDbContext> factory, DurableWriter writer, Signals signals, TimeProvider time, ILogger<UndoClock> log) : BackgroundService
{
    /// <summary>Calls to endpoints under way at once.</summary>
    private const int Most = 8;
    /// <summary>So many steps of a sort are looked at in one change, so that no decision waits long.</summary>
    internal const int AtOnce = 20;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30), AfterFailure = TimeSpan.FromSeconds(2), Soon = TimeSpan.FromMilliseconds(20);

    private readonly Wakeup _changed = new();
    private readonly ConcurrentDictionary<string, bool> _underWay = [];

    /// <summary>A step that this instance has taken.</summary>
    private sealed record Call(UndoTask Task, WebhookEndpoint Endpoint);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var onChange = signals.Subscribe([UndoNotes.Due, "state", "health"], _changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = AfterFailure;
                try
                {
                    wait = await LookAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e);
                }
                await _changed.WaitAsync(wait, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Does what is to be done now. Returns when to look again at the latest.</summary>
    internal async Task<TimeSpan> LookAsync(CancellationToken ct)
    {
        List<string> chosen;
        await using (var db = await factory.CreateDbContextAsync(ct)) chosen = await ChooseAsync(db, time.GetUtcNow(), ct);
        if (chosen.Count > 0)
        {
            var taken = await writer.ChangeAsync<List<(UndoStep, WebhookEndpoint)>>((scope, inner) => TakeAsync(scope, chosen, inner));
            if (!taken.Ok) return AfterFailure;
            await BeginAsync(taken.Value, ct);
            if (chosen.Count >= AtOnce) return Soon;
        }
        DateTimeOffset? next;
        await using (var db = await factory.CreateDbContextAsync(ct)) next = await Due(db).MinAsync(s => s.DueAt, ct);
        if (next is not { } due) return LookAgain;
        var wait = due - time.GetUtcNow() + TimeSpan.FromMilliseconds(5);
        return wait <= TimeSpan.Zero ? Soon : wait < LookAgain ? wait : LookAgain;
    }

    /// <summary>The steps about which something is to be done now, at most <see cref="AtOnce"/> of each sort. Of a plan that cannot go on there are none, so it costs no change.</summary>
    internal async Task<List<string>> ChooseAsync(OpsDbContext db, DateTimeOffset now, CancellationToken ct)
    {
        List<string> chosen = [];
        if (Most - _underWay.Count is > 0 and var room) chosen.AddRange(await UndoStepDesk.Ready(ToEndpoint(db), db.UndoSteps).OrderBy(s => s.PlanId).ThenBy(s => s.Place).Take(room).Select(s => s.Id).ToListAsync(ct));
        chosen.AddRange(await Due(db).Where(s => s.DueAt <= now).OrderBy(s => s.DueAt).Take(AtOnce).Select(s => s.Id).ToListAsync(ct));
        foreach (var (rollout, endpoint) in (await ToEndpoint(db).Select(s => new { s.RolloutId, s.EndpointId }).Distinct().ToListAsync(ct)).Select(e => (e.RolloutId, e.EndpointId)))
        {
            if ((await UndoEndpoint.OfAsync(db, rollout, ct))?.Id != endpoint) chosen.AddRange(await ToEndpoint(db).Where(s => s.RolloutId == rollout && s.EndpointId == endpoint).OrderBy(s => s.PlanId).ThenBy(s => s.Place).Take(AtOnce).Select(s => s.Id).ToListAsync(ct));
        }
        var agents = await OpenAgents(db).ToListAsync(ct);
        var reachable = agents.Count == 0 ? _ => true : await UndoPlanDesk.ReachableAsync(db, writer.State, now, ct);
        foreach (var gone in agents.Where(a => !reachable(a))) chosen.AddRange(await UndoStepDesk.ForAgent(db.UndoSteps.AsNoTracking(), gone).Take(AtOnce).Select(s => s.Id).ToListAsync(ct));
        return [.. chosen.Distinct().Take(2 * AtOnce)];
    }

    internal static IQueryable<UndoStep> ToEndpoint(OpsDbContext db) => db.UndoSteps.AsNoTracking().Where(s => s.State == UndoState.Waiting && s.Runner == UndoRunner.Endpoint);

    // What this instance can do something about: with all its calls under way it sends nothing more until one of them ends, which wakes it, and what it calls about now it does not call about twice.
    private IQueryable<UndoStep> Due(OpsDbContext db)
    {
        var busy = _underWay.Keys.ToList();
        var agents = DueBy(db, UndoRunner.Agent);
        return busy.Count >= Most ? agents : agents.Concat(DueBy(db, UndoRunner.Endpoint).Where(s => !busy.Contains(s.Id)));
    }

    /// <summary>What was sent to these and not answered, soonest due first.</summary>
    internal static IQueryable<UndoStep> DueBy(OpsDbContext db, UndoRunner runner) => db.UndoSteps.AsNoTracking().Where(s => s.State == UndoState.Sent && s.Runner == runner);

    /// <summary>The agents that have something to undo.</summary>
    internal static IQueryable<string> OpenAgents(OpsDbContext db) => db.UndoSteps.AsNoTracking().Where(s => s.State <= UndoState.Sent && s.Runner == UndoRunner.Agent).Select(s => s.AgentId).Distinct();

    private async Task<Result<List<(UndoStep, WebhookEndpoint)>>> TakeAsync(ChangeScope scope, List<string> ids, CancellationToken ct)
    {
        List<(UndoStep, WebhookEndpoint)> taken = [];
        var reachable = await UndoPlanDesk.ReachableAsync(scope.Db, scope.State, scope.Now, ct);
        var loaded = await UndoStepDesk.LoadAsync(scope, ids, ct);
        var ground = await WriteReader.GroundAsync(scope.Db, loaded.ConvertAll(l => l.Step), ct);
        Dictionary<string, WebhookEndpoint?> endpoints = [];
        foreach (var rollout in loaded.Where(l => l.Step.Runner == UndoRunner.Endpoint).Select(l => l.Plan.RolloutId).Distinct()) endpoints[rollout] = await UndoEndpoint.OfAsync(scope.Db, rollout, ct);
        foreach (var (plan, step, steps) in loaded.Where(l => l.Step.State is UndoState.Waiting or UndoState.Sent))
        {
            if (step.Runner == UndoRunner.Agent)
            {
                if (!reachable(step.AgentId)) UndoNotes.HandOver(scope, plan, step, Actor.System, null, "The agent that wrote it cannot come for it any more.");
                else if (step.State == UndoState.Sent && step.DueAt <= scope.Now) UndoStepDesk.Send(scope, plan, step, steps, ground, Actor.System);   // told again when it asks
            }
            else if (step.Runner == UndoRunner.Endpoint)
            {
                if (step.State == UndoState.Sent && step.DueAt > scope.Now) continue;
                // Another endpoint would not know the keys of this one.
                if (endpoints[plan.RolloutId] is not { } endpoint || endpoint.Id != step.EndpointId) UndoNotes.HandOver(scope, plan, step, Actor.System, null, "The team's endpoint is not there any more.");
                else if (taken.Count + _underWay.Count < Most && !_underWay.ContainsKey(step.Id) && UndoStepDesk.Send(scope, plan, step, steps, ground, Actor.System)) taken.Add((step, endpoint));
            }
        }
        return taken;
    }

    private async Task BeginAsync(List<(UndoStep Step, WebhookEndpoint Endpoint)> taken, CancellationToken ct)
    {
        if (taken.Count == 0) return;
        await using var db = await factory.CreateDbContextAsync(ct);
        var writes = await WriteReader.OfAsync(db, taken.ConvertAll(t => t.Step), ct);
        foreach (var (step, endpoint) in taken)
        {
            if (!writes.TryGetValue((step.DecisionSeq, step.WriteIndex), out var write)) continue;   // erased a moment ago; what is due again finds no report
            _underWay[step.Id] = true;
            _ = CallAsync(new Call(UndoTask.Of(step, write), endpoint), ct);
        }
    }

    private async Task CallAsync(Call call, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            var result = await UndoEndpoint.SendAsync(sender, call.Endpoint, call.Task, ct);
            var answer = UndoEndpoint.Read(result);
            await desk.HeardAsync(call.Task.Id, answer, answer is null && result.Ok ? "The endpoint did not say what became of it." : result.Says);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogCallFailed(e, call.Task.Id);
        }
        catch (OperationCanceledException)
        {
            return;   // stopping: it is sent again when its lease is over
        }
        finally
        {
            _underWay.TryRemove(call.Task.Id, out _);
            _changed.Set();
        }
    }

    [LoggerMessage(2241, LogLevel.Error, "Looking for undo steps that are due failed; it is tried again in some seconds")]
    private partial void LogFailed(Exception e);
    [LoggerMessage(2242, LogLevel.Error, "Sending undo step {Step} failed inside the console; it is sent again under the same id")]
    private partial void LogCallFailed(Exception e, string step);
}
