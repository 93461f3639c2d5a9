using System.Globalization;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Agents;

namespace OpsConsole.Features.Promotions;

/// <summary>What people do with promotions: propose with a test that is fixed then, confirm as a second person what was passed, take back. And what the clock records: failed, over, not reviewed.</summary>
internal sealed class PromotionDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    internal const string Proposers = "A promotion is proposed by whoever manages the agent (its owner, the rollout owner, the engineering owner) or confirms promotions (the risk lead), their deputies, or an admin.";
    internal const string Confirmers = "A promotion is confirmed by the rollout owner, the risk lead, their deputies or an admin, who did not propose it; not by the agent's owner where duties are separated.";

    public Fault? MayPropose(PersonCaller caller, string agentId) => Sight.Agent(writer.State, caller, agentId, Permissions.MayProposePromotion, Proposers).Fault;
    public Fault? MayConfirm(PersonCaller caller, string agentId) => Sight.Agent(writer.State, caller, agentId, Permissions.MayConfirmPromotion, Confirmers).Fault;
    public Fault? MaySee(PersonCaller caller, string agentId) => Sight.Agent(writer.State, caller, agentId).Fault;

    /// <summary>
    /// Fixes a test for the capability's next tier. Returns its id. Faults: not found, forbidden, <c>field.invalid</c>, <c>agent.retired</c>, <c>promotion.no_grant</c>, <c>promotion.highest</c>, <c>promotion.open</c>, <c>promotion.cooling</c> (with <c>until</c>),
    /// <c>promotion.no_classes</c>, <c>promotion.unknown_class</c>, <c>promotion.sample</c>.
    /// </summary>
    public Task<Result<string>> ProposeAsync(PersonCaller caller, string agentId, ProposePromotionRequest request)
        => writer.ChangeAsync<string>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, agentId, Permissions.MayProposePromotion, Proposers) is not { Ok: true, Value: var agent }) return Sight.Agent(scope.State, caller, agentId, Permissions.MayProposePromotion, Proposers).Fault!;
            if (request.Check() is { } wrong) return wrong;
            if (agent.Retired) return Retired;
            var capability = request.Capability.Trim().ToLowerInvariant();
            if (await HeldAsync(scope, agentId, capability, ct) is not { } grant) return Fault.Refused("promotion.no_grant", $"{agent.Name} has no grant of its own for {capability}, so there is no tier to raise. An admin gives the first one.", "capability");
            var from = grant.TierAt(scope.Now);
            if (from == Tier.Executor) return Fault.Refused("promotion.highest", $"{agent.Name} is executor for {capability}, the highest tier.", "capability");
            if ((await scope.Db.Promotions.Where(p => p.AgentId == agentId && p.State == PromotionState.Open).Select(p => p.Capability).ToListAsync(ct)).Find(c => CoolDown.Touch(c, capability)) is { } other) return Fault.Conflict("promotion.open", $"A promotion of {other} is open already. Its test stands as it was fixed; take it back, or wait until it is over.");
            var length = await PromotionReader.CoolDownAsync(scope.Db, agent.Rollout.Id, ct);
            if (CoolDown.Until(capability, await PromotionReader.SetbacksAsync(scope.Db, agentId, ct), length, scope.Now) is { } until)
                return Fault.Conflict("promotion.cooling", $"{capability} failed a promotion or was lowered not long ago, so it is not proposed again before {until.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC. The rollout owner sets the cool-down (threshold {CoolDown.Threshold}).", new Dictionary<string, object?> { ["until"] = until });
            var rows = PromotionReader.Rules(agent.Rollout, capability);
            var classes = request.ClassesGiven ? request.Terms.ScenarioClasses.Select(c => c.Trim()).Distinct(StringComparer.OrdinalIgnoreCase).ToList() : [.. rows.Select(r => r.Id).Take(AdvanceCriteria.MaxClasses)];
            if (classes.Find(c => rows.All(r => !r.Id.Equals(c, StringComparison.OrdinalIgnoreCase))) is { } unknown)
                return Fault.Refused("promotion.unknown_class", $"No row '{VisibleText.Flatten(unknown)}' of the published matrix lets {capability} happen. {(rows.Count == 0 ? "There is none at all." : $"There are: {string.Join(", ", rows.Select(r => r.Id))}.")}", "scenario_classes");
            var terms = request.Terms with { ScenarioClasses = classes };
            if ((terms.Check() ?? terms.Weaker(await PromotionReader.AgreedAsync(scope.Db, agent.Rollout.Id, ct))) is { } unsound) return unsound;
            var seq = scope.Head.Seq + 1;
            var proposal = new PromotionProposal(seq, Ids.Make("prm", seq, RandomNumberGenerator.GetBytes(8)), agentId, agent.Rollout.Id, capability, from, terms, request.Reason.Trim(), caller.Id, scope.Now);
            scope.Audit(caller.Actor, "promotion.proposed", proposal.Id, new { agent = agentId, capability, from = Word(from), to = Word(proposal.To), terms }, new { reason = proposal.Reason }, agent.Rollout.Id);
            scope.Db.Promotions.Add(proposal);
            scope.Signal(PromotionReader.Topic(agentId));
            return proposal.Id;
        });

    /// <summary>
    /// Gives the tier that was proven. What counts is read before the change, and the same runs again inside. Faults: not found, forbidden, <c>promotion.own</c>, <c>promotion.over</c>, <c>promotion.unproven</c>, <c>promotion.moved</c>, <c>agent.retired</c>.
    /// </summary>
    public async Task<Result<string>> ConfirmAsync(PersonCaller caller, string agentId, string id, PromotionReason request)
    {
        if (MayConfirm(caller, agentId) is { } refused) return refused;
        if (await ReadAsync(agentId, id) is not { } seen) return Fault.NotFound("promotion of this agent");
        return await writer.ChangeAsync<string>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, agentId, Permissions.MayConfirmPromotion, Confirmers) is not { Ok: true, Value: var agent }) return Sight.Agent(scope.State, caller, agentId, Permissions.MayConfirmPromotion, Confirmers).Fault!;
            if (request.Check() is { } wrong) return wrong;
            var proposal = await scope.Db.Promotions.SingleAsync(p => p.Seq == seen.Proposal.Seq, ct);
            if (proposal.ProposedBy == caller.Id) return Fault.Forbidden("You proposed this promotion, so somebody else confirms it: the rollout owner, the risk lead, their deputies or an admin.", "promotion.own");
            if (Over(proposal, scope.Now) is { } over) return over;
            if (agent.Retired) return Retired;
            // What failed or was lowered since this was proposed, and touches it, cools this too.
            if ((await PromotionReader.SetbacksAsync(scope.Db, agentId, ct)).Any(s => s.At > proposal.At && CoolDown.Touch(s.Capability, proposal.Capability))) return Fault.Conflict("promotion.cooling", $"Something that {proposal.Capability} touches failed a promotion or was lowered since this was proposed. Take it back, and propose anew after the cool-down.");
            var result = await PromotionEvidence.AgainAsync(scope.Db, proposal, seen.Evidence, scope.Now, ct);
            if (result.Verdict != PromotionVerdict.Met) return Fault.Refused("promotion.unproven", $"The test that was fixed is not passed: {result.Judged.K} of {Counted.Of(result.Judged.N, "run")} clean{(result.Verdict == PromotionVerdict.Rejected ? ", which is too few" : result.MoreRuns > 0 ? $", {result.MoreRuns} more needed" : ", and not every row was met often enough")}. Nobody can confirm it as it stands.");
            if (await HeldAsync(scope, agentId, proposal.Capability, ct) is not { } grant || grant.TierAt(scope.Now) != proposal.From) return Fault.Conflict("promotion.moved", $"{agent.Name} is not {Word(proposal.From)} for {proposal.Capability} any more. Look at what it is now, then propose again.");
            var given = new CapabilityGrant(Secrets.NewId("grt"), agentId, proposal.Capability, proposal.To, request.Reason.Trim(), caller.Id, isOverride: false, scope.Now, grant.ExpiresAt, scope.Now.AddDays(proposal.Terms.ReviewDays), promotionId: proposal.Id);
            proposal.End(PromotionState.Confirmed, caller.Id, scope.Now, request.Reason.Trim(), grantId: given.Id);
            scope.Audit(caller.Actor, "promotion.confirmed", proposal.Id, new { agent = agentId, capability = proposal.Capability, tier = Word(proposal.To), grant = given.Id, runs = result.Judged.N, clean = result.Judged.K }, new { reason = request.Reason.Trim() }, agent.Rollout.Id);
            await GrantLedger.GiveAsync(scope, caller.Actor, agent, given, ct, "promoted");
            scope.Signal(PromotionReader.Topic(agentId));
            return proposal.Id;
        });
    }

    /// <summary>Takes a proposal back, by whoever proposed it or may confirm it. Where runs were counted already a cool-down begins: else a test that goes badly could be begun anew until it goes well. Faults: not found, forbidden, <c>promotion.over</c>.</summary>
    public async Task<Result<string>> WithdrawAsync(PersonCaller caller, string agentId, string id, PromotionReason request)
    {
        if (MaySee(caller, agentId) is { } hidden) return hidden;
        if (await ReadAsync(agentId, id) is not { } seen) return Fault.NotFound("promotion of this agent");
        return await writer.ChangeAsync<string>(async (scope, ct) =>
        {
            var may = Sight.Agent(scope.State, caller, agentId, (me, agent) => me.Id == seen.Proposal.ProposedBy || Permissions.MayConfirmPromotion(me, agent), "A promotion is taken back by whoever proposed it or may confirm it.");
            if (may.Fault is { } fault) return fault;
            if (request.Check() is { } wrong) return wrong;
            var proposal = await scope.Db.Promotions.SingleAsync(p => p.Seq == seen.Proposal.Seq, ct);
            if (Over(proposal, scope.Now) is { } over) return over;
            proposal.End(PromotionState.Withdrawn, caller.Id, scope.Now, request.Reason.Trim(), cools: seen.Evidence.Runs.Count > 0);
            scope.Audit(caller.Actor, "promotion.withdrawn", proposal.Id, new { agent = agentId, capability = proposal.Capability, runs = seen.Evidence.Runs.Count, cools = proposal.Cools }, new { reason = request.Reason.Trim() }, proposal.RolloutId);
            scope.Signal(PromotionReader.Topic(agentId));
            return proposal.Id;
        });
    }

    /// <summary>Records what a proposal has become by itself: failed, or over without a verdict. Nothing where it goes on.</summary>
    public async Task<Result<Done>> SettleAsync(string agentId, string id, CancellationToken stopping)
    {
        if (await ReadAsync(agentId, id) is not { } seen) return Done.Value;
        var verdict = seen.Evidence.Result.Verdict;
        var (failed, timeIsOver, neverDecided) = (verdict == PromotionVerdict.Rejected, time.GetUtcNow() >= seen.Proposal.ExpiresAt, seen.Evidence.Full && verdict == PromotionVerdict.NotYet);
        if (!failed && !timeIsOver && !neverDecided) return Done.Value;
        stopping.ThrowIfCancellationRequested();
        return await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            var proposal = await scope.Db.Promotions.SingleAsync(p => p.Seq == seen.Proposal.Seq, ct);
            if (proposal.State != PromotionState.Open) return Done.Value;
            var (clean, runs) = (seen.Evidence.Result.Judged.K, seen.Evidence.Result.Judged.N);
            if (failed) proposal.End(PromotionState.Failed, "console", scope.Now, $"{clean} of {Counted.Of(runs, "run")} clean: the test that was fixed cannot be passed any more", cools: true);
            else proposal.End(PromotionState.Expired, "console", scope.Now, scope.Now >= proposal.ExpiresAt ? "its time ran out" : $"more than {PromotionEvidence.MostAsked.ToString("N0", CultureInfo.InvariantCulture)} decisions were asked since without a verdict", cools: runs > 0);
            scope.Audit(Actor.System, failed ? "promotion.failed" : "promotion.expired", proposal.Id, new { agent = agentId, capability = proposal.Capability, runs, clean }, rolloutId: proposal.RolloutId);
            scope.Signal(PromotionReader.Topic(agentId));
            return Done.Value;
        });
    }

    /// <summary>Records that a grant fell back because its review was not made. It is worth less since that moment already (<see cref="TierReview"/>); the record has a review date of its own, from which it falls again.</summary>
    public Task<Result<Done>> FallAsync(string agentId, string grantId)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (!scope.State.Agents.TryGetValue(agentId, out var agent) || await scope.Db.Grants.SingleOrDefaultAsync(g => g.Id == grantId, ct) is not { } grant) return Done.Value;
            if (!grant.Live(scope.Now) || grant.TierAt(scope.Now) == grant.Tier) return Done.Value;
            var due = grant.ReviewBy!.Value.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            await GrantLedger.LowerAsync(scope, Actor.System, agent, grant, grant.TierAt(scope.Now), $"Its review was due on {due} UTC and nobody made it", "console", ct, "review_overdue");
            scope.Signal(PromotionReader.Topic(agentId));
            return Done.Value;
        });

    private async Task<(PromotionProposal Proposal, Evidence Evidence)?> ReadAsync(string agentId, string id)
    {
        await using var db = await factory.CreateDbContextAsync();
        return await PromotionReader.FindAsync(db.Promotions.AsNoTracking(), agentId, id, default) is { } proposal ? (proposal, await PromotionEvidence.ReadAsync(db, proposal, time.GetUtcNow(), default)) : null;
    }

    private static async Task<CapabilityGrant?> HeldAsync(ChangeScope scope, string agentId, string capability, CancellationToken ct)
        => (await scope.Db.Grants.Where(g => g.AgentId == agentId && g.Capability == capability && g.EndedAt == null).ToListAsync(ct)).Find(g => g.Live(scope.Now));

    private static Fault? Over(PromotionProposal proposal, DateTimeOffset now)
        => proposal.State != PromotionState.Open || now >= proposal.ExpiresAt ? Fault.Conflict("promotion.over", $"This promotion is over: {(proposal.State == PromotionState.Open ? "expired" : Word(proposal.State))}. Propose a new one.") : null;

    private static readonly Fault Retired = Fault.Conflict("agent.retired", "This agent is retired: it gets no keys, tiers or caps any more.");

    private static string Word<T>(T word) where T : struct, Enum => word.ToString().ToLowerInvariant();
}
