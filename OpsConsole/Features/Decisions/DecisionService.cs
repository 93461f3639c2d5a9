using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Decisions;

/// <summary>Everything an agent does with a decision: ask, wait, claim, report, cancel. An agent sees only its own decisions.</summary>
public sealed class DecisionService(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, Signals signals, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>The longest that a call is held (protocols.md, section N).</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    /// <summary>The longest while a question to the agent was open when it called: it hears of it soon, and one that does not know questions does not call without pause.</summary>
    private static readonly TimeSpan MaxWaitAsked = TimeSpan.FromSeconds(5);

    /// <summary>Reads, decides and records an ask. The answer is given after it is on disk.</summary>
    internal async Task<Result<Reply>> AskAsync(AgentCaller caller, JsonElement body, string? traceParent, IdempotencyClaim? idempotency, Func<Answer, string>? render)
    {
        if (!writer.State.Agents.TryGetValue(caller.AgentId, out var agent)) return Fault.NotFound("agent");
        Result<Ask> ask;
        try
        {
            ask = AskReader.Read(body, agent, writer.State.Directory, traceParent);
        }
        catch (FormatException e)
        {
            return Fault.Invalid("field.invalid", "The body has no canonical form: " + e.Message);
        }
        if (ask.Fault is { } fault) return fault;
        TryPatterns(ask.Value.Call, agent.Rollout);
        return await writer.AskAsync(ask.Value, caller.AgentId, caller.KeyId, idempotency, render);
    }

    // The writer decides one ask after the other. Patterns prepare themselves for a text when they first see it, and that must not be there; what takes too long here is not tried there at all.
    private static void TryPatterns(in PolicyCall call, RolloutAuthority rollout)
    {
        if (rollout.Policy is { HasPatterns: true } policy) policy.Evaluate(call);
        if (rollout.Audience is { HasPatterns: true } audience) audience.AllOf(call);
        call.Patterns?.Renew();
    }

    /// <summary>A decision as it stands; null when there is none or it is not the agent's.</summary>
    public async Task<Answer?> FindAsync(string id, string? agentId, CancellationToken ct)
    {
        if (!Ids.TrySeq(id, "dec", out var seq)) return null;
        await using var db = await factory.CreateDbContextAsync(ct);
        var decision = await db.Decisions.AsNoTracking().SingleOrDefaultAsync(d => d.Seq == seq, ct);
        if (decision is null || decision.Id != id || (agentId is not null && decision.AgentId != agentId)) return null;
        var approval = await db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.Seq == seq, ct);
        var payload = await db.Payloads.AsNoTracking().SingleOrDefaultAsync(p => p.Seq == decision.ArgumentsSeq, ct);
        return new Answer(decision, approval, ArgumentsOf(payload?.Body), await QuestionAsync(db, approval, ct));
    }

    /// <summary>The question that the agent has to answer, or null: nothing is looked up unless it is the agent's turn.</summary>
    private async Task<OpenQuestion?> QuestionAsync(OpsDbContext db, ApprovalRequest? approval, CancellationToken ct)
    {
        if (approval is not { Open: true, Turn: Turn.Agent }) return null;
        var open = await db.ApprovalQuestions.AsNoTracking().Where(q => q.ApprovalSeq == approval.Seq && q.AnsweredAt == null).OrderBy(q => q.AskedAt).FirstOrDefaultAsync(ct);
        return open is null ? null : new OpenQuestion(open.Id, open.Text, writer.State.Directory.NameOf(open.AskedBy), open.AskedAt);
    }

    public bool MaySee(PersonCaller me, DecisionRecord decision) => writer.State.Rollouts.TryGetValue(decision.RolloutId, out var rollout) && Permissions.MaySee(me.Person, rollout, writer.State.Directory);

    /// <summary>Waits, holding no thread, until a decision is no longer pending, the agent is asked back, the console stops, or for at most <paramref name="wait"/>; then as <see cref="FindAsync"/>.</summary>
    /// <param name="refusal">Why the caller may not be told (any more), or null. Asked before the wait, whenever authority moves, and before anything is told: who loses their key while they wait learns nothing by it.</param>
    public async Task<Result<Answer>> WaitAsync(string id, string? agentId, TimeSpan wait, Func<DecisionRecord, Fault?> refusal, CancellationToken ct)
    {
        await Task.Yield();   // whoever was answered by the same commit waits behind this thread
        var (changed, moved) = (new Wakeup(), true);
        // Subscribe before looking: an approval that arrives in between is not lost.
        using var onDecision = signals.Subscribe("decision:" + id, () =>
        {
            Volatile.Write(ref moved, true);
            return changed.SetAsync();
        });
        using var onState = signals.Subscribe("state", changed.SetAsync);
        var stopping = lifetime.ApplicationStopping;   // who waits would keep it from stopping, and comes back anyway
        await using var onStop = stopping.Register(changed.Set);
        var now = time.GetUtcNow();
        var began = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));   // as times are stored: a question of the same microsecond came after the call, not before it
        var (limit, since, over) = (wait < MaxWait ? wait : MaxWait, time.GetTimestamp(), false);
        Answer? answer = null;
        string? known = null;   // the question that was open before the call came
        while (true)
        {
            var first = answer is null;
            if (Interlocked.Exchange(ref moved, false)) answer = await FindAsync(id, agentId, ct);
            if (answer is null) return Fault.NotFound("decision");
            if (refusal(answer.Decision) is { } refused) return refused;
            if (first && answer.Question is { } open && open.AskedAt < began)
            {
                known = open.Id;
                if (limit > MaxWaitAsked) limit = MaxWaitAsked;
            }
            if (answer.Question is { } asked && asked.Id != known) return answer;
            if (over || stopping.IsCancellationRequested || answer.Decision.Outcome != Outcome.Pending) return answer;
            over = !await changed.WaitAsync(limit - time.GetElapsedTime(since), time, ct);
        }
    }

    /// <summary>
    /// Uses an allow once, if it would still be given: where no person approved it, everything the rules answer today counts, as for a new ask (boundary, rule, gate, tier, confidence,
    /// audience; a cap it has reserved already); where one did, only what takes the matter out of people's hands (boundary, a rule that denies, no gate or grant). Faults: <c>decision.consumed</c>, <c>decision.expired</c>, <c>paused</c>, <c>digest.mismatch</c>, <c>authority.changed</c>, <c>decision.not_allowed</c>.
    /// </summary>
    public Task<Result<Answer>> ClaimAsync(AgentCaller caller, string id, JsonElement arguments, JsonElement preconditions) => writer.ChangeAsync<Answer>(async (scope, ct) =>
    {
        if (!Ids.TrySeq(id, "dec", out var seq)) return Fault.NotFound("decision");
        var d = await scope.Db.Decisions.AsNoTracking().SingleOrDefaultAsync(x => x.Seq == seq, ct);
        if (d is null || d.Id != id || d.AgentId != caller.AgentId) return Fault.NotFound("decision");
        if (d.ClaimedAt is not null || d.ReportedAt is not null) return Fault.Conflict("decision.consumed", "This allow was used already; it holds for one action only. Ask again.");
        if (d.Mode != AskMode.Live || d.Outcome != Outcome.Allow) return Fault.Conflict("decision.not_allowed", $"This decision is '{DecisionWire.Word(d.Outcome)}', so there is nothing to claim.");
        if (scope.Now > d.ValidUntil) return Fault.Conflict("decision.expired", "This allow is no longer valid; ask again.");
        var agent = scope.State.Agents[d.AgentId];
        if (DecisionRules.HaltReason(agent, scope.State) is { } paused) return Fault.Conflict("paused", paused.Message);
        var body = await BodyAsync(scope, seq, ct);
        if (!AskReader.Digest(body, d.AgentId, d.Action, arguments, preconditions).Under(d.MatrixVersion).AsSpan().SequenceEqual(d.Digest))
            return Fault.Conflict("digest.mismatch", "These arguments or preconditions are not the ones that were allowed. Act on exactly the arguments of the answer, or ask again.");
        var approval = await scope.Db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.Seq == seq, ct);
        var changed = approval is null
            ? DecisionRules.NoLongerAllowed(AskReader.Again(body, d, arguments), agent, scope.State, scope.Now)
            : DecisionRules.Tightened(AskReader.Call(body, d.Action, arguments), agent, d.Write, scope.Now);
        if (changed is not null) return Fault.Conflict("authority.changed", changed.Message);
        await scope.Db.Decisions.Where(x => x.Seq == seq).ExecuteUpdateAsync(u => u.SetProperty(x => x.ClaimedAt, scope.Now), ct);
        scope.Audit(caller.Actor, "decision.claimed", d.Id, new { digest = CallDigest.ToWire(d.Digest) }, rolloutId: d.RolloutId, decisionSeq: seq);
        scope.Signal("decision:" + d.Id);
        var claimed = await scope.Db.Decisions.AsNoTracking().SingleAsync(x => x.Seq == seq, ct);
        return new Answer(claimed, approval, ArgumentsOf(arguments));
    });

    public Task<Result<Reported>> ReportAsync(AgentCaller caller, string id, Report report)
        => Ids.TrySeq(id, "dec", out var seq) ? writer.ReportAsync(seq, id, caller.AgentId, caller.Actor, report) : Task.FromResult<Result<Reported>>(Fault.NotFound("decision"));

    /// <summary>A person says what became of an allow that nobody reported: owners of the agent or the rollout, and admins.</summary>
    public async Task<Result<Reported>> ReconcileAsync(PersonCaller me, string id, Report report, CancellationToken ct)
    {
        if (await FindAsync(id, null, ct) is not { } answer || !writer.State.Agents.TryGetValue(answer.Decision.AgentId, out var agent) || (agent.OwnerId != me.Id && !Permissions.MaySee(me.Person, agent.Rollout, writer.State.Directory))) return Fault.NotFound("decision");
        if (!Permissions.MayManage(me.Person, agent)) return Fault.Forbidden("The agent's owner, an owner of the rollout or an admin records what became of it.");
        return await writer.ReportAsync(answer.Decision.Seq, id, null, me.Actor, report);
    }

    /// <summary>The agent no longer wants to act: the request leaves the queue.</summary>
    public Task<Result<Answer>> CancelAsync(AgentCaller caller, string id) => writer.ChangeAsync<Answer>(async (scope, ct) =>
    {
        if (!Ids.TrySeq(id, "dec", out var seq)) return Fault.NotFound("decision");
        var approval = await scope.Db.Approvals.SingleOrDefaultAsync(a => a.Seq == seq, ct);
        var d = await scope.Db.Decisions.AsNoTracking().SingleOrDefaultAsync(x => x.Seq == seq, ct);
        if (d is null || d.Id != id || d.AgentId != caller.AgentId) return Fault.NotFound("decision");
        if (approval is null || (d.Outcome != Outcome.Pending && approval.Status != ApprovalStatus.Cancelled)) return Fault.Conflict("decision.not_pending", $"This decision is '{DecisionWire.Word(d.Outcome)}' and waits for nobody, so there is nothing to cancel.");
        if (approval.Status != ApprovalStatus.Cancelled)
        {
            if (ApprovalRules.Cancel(approval, scope.Now).Fault is { } fault) return fault;
            await Resolution.DenyAsync(scope, d, new Reason("cancelled", "The agent withdrew the request before it was decided."), ct);
            scope.Audit(caller.Actor, "approval.cancelled", approval.Id, rolloutId: d.RolloutId, decisionSeq: seq);
            scope.Signal("approvals");
        }
        await scope.Db.SaveChangesAsync(ct);
        var now = await scope.Db.Decisions.AsNoTracking().SingleAsync(x => x.Seq == seq, ct);
        return new Answer(now, approval, ArgumentsOf((await scope.Db.Payloads.AsNoTracking().SingleOrDefaultAsync(p => p.Seq == d.ArgumentsSeq, ct))?.Body));
    });

    /// <summary>The agent's answer to what it was asked back. The same answer again is success. Faults: not found, <c>question.answered</c>, <c>approval.decided</c>, <c>approval.expired</c>.</summary>
    public async Task<Result<Answer>> AnswerAsync(AgentCaller caller, string id, string questionId, string answer, CancellationToken ct)
    {
        var taken = await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (!Ids.TrySeq(id, "dec", out var seq)) return Fault.NotFound("decision");
            var d = await scope.Db.Decisions.AsNoTracking().SingleOrDefaultAsync(x => x.Seq == seq, ct);
            var approval = await scope.Db.Approvals.SingleOrDefaultAsync(a => a.Seq == seq, ct);
            if (d is null || d.Id != id || d.AgentId != caller.AgentId) return Fault.NotFound("decision");
            return approval is null ? Fault.NotFound("question") : await Answering.TakeAsync(scope, approval, d, questionId, Turn.Agent, caller.AgentId, caller.Actor, answer, ct);
        });
        if (taken.Fault is { } fault) return fault;
        return await FindAsync(id, caller.AgentId, ct) is { } now ? now : Fault.NotFound("decision");
    }

    internal static async Task<JsonElement> BodyAsync(ChangeScope scope, long seq, CancellationToken ct)
        => await scope.PayloadAsync(seq, ct) is { } body ? JsonDocument.Parse(body).RootElement : default;

    internal static string ArgumentsOf(string? payload)
    {
        if (payload is null) return "{}";
        using var document = JsonDocument.Parse(payload);
        return ArgumentsOf(AskReader.Child(document.RootElement, "arguments"));
    }

    private static string ArgumentsOf(JsonElement arguments) => arguments.ValueKind == JsonValueKind.Object ? Jcs.Text(arguments) : "{}";
}
