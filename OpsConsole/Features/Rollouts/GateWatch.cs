using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Rollouts;

/// <summary>
/// Lets a passed gate fall when something that it rests on is gone: an owner left, a row has nobody who approves, an agent that may act has no caps. Looks whenever authority, registers or confirmations change,
/// and every few minutes; decided again inside the writer, so that two instances do no harm. What is only being rewritten makes no gate fall.
/// </summary>
internal sealed partial class GateWatch(IDbContextFactory<OpsDbContext> factory, EvidenceReader reader, DurableWriter writer, Signals signals, TimeProvider time, ILogger<GateWatch> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onChange = signals.Subscribe(["state", "catalogues", ConfirmationDesk.Topic, "health"], changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = LookAgain;
                try
                {
                    if (!await LookAsync(stoppingToken)) wait = AfterFailure;
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e, "any rollout");
                    wait = AfterFailure;
                }
                await changed.WaitAsync(wait, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>False where one could not be looked at; the others were.</summary>
    private async Task<bool> LookAsync(CancellationToken ct)
    {
        var all = true;
        await using var db = await factory.CreateDbContextAsync(ct);
        var records = (await db.Gates.AsNoTracking().ToListAsync(ct)).ToLookup(g => g.RolloutId);
        foreach (var rollout in records)
        {
            if (!writer.State.Rollouts.TryGetValue(rollout.Key, out var live) || live.Archived || !rollout.Any(r => r.Passed)) continue;
            try
            {
                all &= await LookAtAsync(db, rollout.Key, [.. rollout], ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                LogFailed(e, rollout.Key);   // and the rollouts after it are looked at all the same
                all = false;
            }
        }
        return all;
    }

    private async Task<bool> LookAtAsync(OpsDbContext db, string id, IReadOnlyList<GateRecord> records, CancellationToken ct)
    {
        var read = await reader.OfAsync(id, ct);
        if (read is not { Ok: true, Value: var evidence }) return read.Fault is { Kind: FaultKind.NotFound };
        foreach (var record in records.Where(r => r.Passed))
        {
            var met = await GateHistory.MetAtPassAsync(db, id, record.Gate, ct);
            if (Gates.Broken(record.Gate, evidence, records, met).Count > 0) await LetFallAsync(id, record.Gate);
        }
        return true;
    }

    private async Task LetFallAsync(string id, Gate gate)
    {
        var done = await reader.ChangeAsync<Done>(id, async (scope, evidence, ct) =>
        {
            var records = await scope.Db.Gates.Where(g => g.RolloutId == id).ToListAsync(ct);
            if (records.Find(r => r.Gate == gate) is not { Passed: true } record) return Done.Value;
            var broken = Gates.Broken(gate, evidence, records, await GateHistory.MetAtPassAsync(scope.Db, id, gate, ct));
            if (broken.Count == 0) return Done.Value;   // mended meanwhile
            var reason = "fell: " + string.Join("; ", broken.Select(b => $"{b.Text} ({b.Evidence})"));
            record.Revoke(Actor.System.Id, scope.Now, reason.Length <= ReasonRequest.Max ? reason : reason[..ReasonRequest.Max]);
            scope.Audit(Actor.System, GateHistory.Fell, GateHistory.ObjectOf(id, gate), new { gate = gate.ToString(), criteria = broken.Select(b => b.Id).ToArray() }, new { reason }, id);
            var seq = scope.Audit(Actor.System, "alert.raised", GateHistory.ObjectOf(id, gate), new { kind = GateHistory.Fell }, rolloutId: id);
            scope.Db.Alerts.Add(new Alert { Seq = seq, At = scope.Now, Kind = GateHistory.Fell, RolloutId = id, AgentId = "", Text = $"Gate {gate} {reason}" });
            scope.Signal("alerts");
            scope.AuthorityChanged();
            return Done.Value;
        });
        if (done.Fault is { } fault) LogKept(gate, id, fault.Message);
    }

    [LoggerMessage(2201, LogLevel.Error, "Looking whether the gates of {Rollout} still stand failed; it is tried again in some seconds")]
    private partial void LogFailed(Exception e, string rollout);
    [LoggerMessage(2202, LogLevel.Warning, "Gate {Gate} of {Rollout} should fall and could not be revoked yet: {Why}")]
    private partial void LogKept(Gate gate, string rollout, string why);
}
