using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Evals;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals;

/// <summary>What a person says to a request.</summary>
/// <param name="Arguments">For an edit: the whole new arguments, also when they are empty.</param>
/// <param name="Version">The version the person looked at; null skips that check.</param>
/// <param name="To">For handing on: the person or group that decides instead.</param>
/// <param name="EvalCase">With a rejection: what was rejected is kept as a case for evals.</param>
public sealed record VerdictRequest(Verdict Verdict, string? Reason, string? ReasonCode, JsonElement? Arguments, long? Version, string? To = null, bool EvalCase = false)
{
    public const int MostReason = 4_000;

    /// <summary>Given together with others of its kind; null: by itself.</summary>
    public BulkMark? Bulk { get; init; }
    /// <summary>How long the evidence was on the person's screen, as the page that showed it knows; null by the API.</summary>
    public TimeSpan? Looked { get; init; }

    /// <summary>What is wrong with its texts and arguments, or null; the desks ask.</summary>
    internal Fault? Check()
        => TextRules.Wrong("reason", Reason, MostReason) ?? TextRules.Wrong("reason_code", ReasonCode, 100) ?? TextRules.Wrong("to", To, 300)
        ?? (Arguments is { ValueKind: JsonValueKind.Object } arguments && JsonMarshal.GetRawUtf8Value(arguments).Length > AskReader.MaxArgumentBytes ? Fault.Invalid("field.invalid", "arguments are larger than 64 KB.", "arguments") : null);
}

/// <summary>One press for several requests: stands with each vote in the audit log.</summary>
public sealed record BulkMark(string Id, int Size);

/// <summary>Takes verdicts. All of them go through the writer one after the other: of two people at once one wins, and the other is told who and what.</summary>
public sealed class ApprovalService(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, FreshSignIn fresh, IConfiguration configuration)
{
    private readonly double _secondLooks = ApprovalOptions.From(configuration).SecondLooks;

    /// <summary>
    /// Faults: <c>field.invalid</c> (<see cref="VerdictRequest.Check"/>), not found, <c>approval.not_decider</c>, <c>approval.not_your_turn</c>, <c>approval.place_taken</c>, <c>approval.same_people</c> and <c>sign_in.stale</c> (403), <c>approval.decided</c>, <c>approval.stale</c>, <c>approval.expired</c> (409),
    /// <c>edit.denied</c> (422); for handing on and escalating those of <see cref="Moves"/>.
    /// </summary>
    public async Task<Result<ApprovalView>> DecideAsync(PersonCaller me, string approvalId, VerdictRequest request)
    {
        if (request.Check() is { } wrong) return wrong;
        var decided = request.Verdict is Verdict.Reassign or Verdict.Escalate ? await Handing.MoveAsync(writer, fresh, me, approvalId, request) : await CastAsync(me, approvalId, request);
        if (decided.Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync();
        return await ApprovalView.LoadAsync(db, await db.Approvals.AsNoTracking().SingleAsync(a => a.Seq == decided.Value), writer.State, me, writer.Now, CancellationToken.None);
    }

    private Task<Result<long>> CastAsync(PersonCaller me, string approvalId, VerdictRequest request) => writer.ChangeAsync<long>(async (scope, ct) =>
    {
        var found = await FoundRequest.FindAsync(scope, me, approvalId, ct);
        if (found.Fault is { } hidden) return hidden;
        var (approval, d, agent, person, standing) = found.Value;
        var seq = approval.Seq;
        // Whoever voted already may say the same again, whatever became of them since. In a sequence, where the turn has moved on to the next, they may still propose an edit.
        if (found.Value.NotDecider is { } refused && !(standing.Standing == Standing.NotYet ? approval.CurrentVotes.Any(v => v.PersonId == me.Id) : request.Verdict != Verdict.Edit && ApprovalRules.Said(approval, me.Id, request.Verdict))) return refused;

        if (request.Verdict != Verdict.Reject && approval.HighConsequence && await fresh.AskAsync(scope, me, FreshSignIn.HighConsequence, ct) is { } stale) return stale;
        if (request.Bulk is not null && BulkRules.Refuse(approval, me.Id, standing) is { } single) return single;
        if (request.Verdict == Verdict.Approve && await Handing.UncountedAsync(scope, approval, d, agent, person, standing, ct) is { } uncounted) return uncounted;
        var (breakGlass, votes) = (standing.Standing == Standing.BreakGlass, approval.Votes.Count);
        var result = request.Verdict == Verdict.Edit
            ? await EditAsync(scope, approval, d, agent, person, request, standing.Standing, me, ct)
            : ApprovalRules.Cast(approval, me.Id, request.Verdict, request.Reason, request.ReasonCode, breakGlass, request.Version, scope.Now, standing, request.Looked);
        if (result.Fault is { } fault) return fault.Detail is ApprovalRequest loser ? fault with { Detail = await LostAsync(scope, loser, me.Id, ct) } : fault;

        if (result.Value != VoteEffect.Repeated)
        {
            var proven = await FreshSignIn.ProvenAtAsync(scope, me, ct);
            if (request.Verdict == Verdict.Edit) breakGlass = approval.CurrentVotes.Any(v => v.PersonId == me.Id && v.BreakGlass);
            scope.Audit(me.Actor, "approval.voted", approval.Id,
                new { verdict = request.Verdict.ToString().ToLowerInvariant(), round = approval.Round, digest = CallDigest.ToWire(approval.Digest), break_glass = breakGlass, counts = approval.Votes.Count > votes, reason_code = request.ReasonCode, version = approval.Terms.MatrixVersion, capacity = Handing.Word(standing), place_of = standing.For, proven_seconds_ago = (long?)(scope.Now - proven)?.TotalSeconds, bulk = request.Bulk?.Id, bulk_size = request.Bulk?.Size, looked_ms = (long?)request.Looked?.TotalMilliseconds },
                request.Reason is null ? null : new { reason = request.Reason }, d.RolloutId, seq);
            scope.Signal("approvals");
            scope.Signal("decision:" + d.Id);
        }
        if (result.Value == VoteEffect.Decided)
        {
            // One that was decided, taken back and decided again has its row.
            if (approval.Status != ApprovalStatus.Rejected && Oversight.Sampled(approval.Digest, _secondLooks) && !await scope.Db.SecondLooks.AnyAsync(l => l.Seq == seq, ct)) scope.Db.SecondLooks.Add(new SecondLook(seq, approval.RolloutId, scope.Now));
            if (approval.Status == ApprovalStatus.Rejected)
            {
                await Resolution.DenyAsync(scope, d, new Reason("approval.rejected", Rejected(person, request), approval.Terms.RuleId), ct);
                if (request.EvalCase) await KeepCaseAsync(scope, me.Actor, approval, d, request, ct);
            }
            if (ApprovalRules.MayRelease(approval, scope.Now) && (await Resolution.ReleaseAsync(scope, approval, ct)).Fault is { } held)
                return held;
        }
        // The next in a sequence, or the second of a quorum, may be nobody.
        if (result.Value == VoteEffect.Counted) await Resolution.EscalateIfStuckAsync(scope, approval, d, ct);
        return seq;
    });

    private async Task<Result<VoteEffect>> EditAsync(ChangeScope scope, ApprovalRequest approval, DecisionRecord d, AgentAuthority agent, PersonEntry person, VerdictRequest request, Standing old, PersonCaller me, CancellationToken ct)
    {
        if (request.Arguments is not { ValueKind: JsonValueKind.Object } arguments) return Fault.Invalid("field.required", "arguments are required for an edit: the whole new arguments, not only what changes.", "arguments");
        // The same edit by the same person again, such as a retry, is success.
        if (approval.CurrentVotes.Any(v => v.PersonId == person.Id && v.Verdict == Verdict.Edit) && DecisionService.ArgumentsOf(await scope.PayloadAsync(approval.ArgumentsSeq, ct)) == Jcs.Text(arguments)) return VoteEffect.Repeated;
        if (ApprovalRules.MayEdit(approval, request.Version, scope.Now) is { } refused) return refused;
        var body = await DecisionService.BodyAsync(scope, d.Seq, ct);
        var proposal = AskReader.Again(body, d, arguments);
        var ruling = DecisionRules.Decide(proposal, agent, scope.State, scope.Now);
        if (ruling.Outcome == Outcome.Deny)
        {
            return ruling.Reasons[0].Code == "paused"
                ? Fault.Conflict("paused", ruling.Reasons[0].Message)
                : Fault.Refused("edit.denied", "The rules in force deny the edited call: " + ruling.Reasons[0].Message, "arguments");
        }
        var rule = ruling.Rule!;
        var high = rule.Consequence == Consequence.High;
        if (high && await fresh.AskAsync(scope, me, FreshSignIn.HighConsequence, ct) is { } stale) return stale;
        var terms = ApprovalTerms.AfterEdit(ruling, agent, approval.Terms);
        var digest = proposal.Digest.Under(ruling.MatrixVersion);
        var seq = scope.Audit(me.Actor, "approval.edited", approval.Id, new { round = approval.Round + 1, digest = CallDigest.ToWire(digest), rule = rule.Id, matrix_version = ruling.MatrixVersion, break_glass = old == Standing.BreakGlass }, new { arguments }, d.RolloutId, d.Seq);
        // How the editor votes for the new proposal is a matter of its own terms: whom they do not name breaks the glass.
        var standing = Deciders.Of(person, terms, [], d.OnBehalfOf, agent, scope.State.Directory, scope.Now);
        var result = ApprovalRules.Edit(approval, terms, high, digest, seq, standing.MayDecide, person.Id, request.Reason, standing.Standing == Standing.BreakGlass, request.Version, scope.Now, standing, request.Looked);
        if (result.Ok)
        {
            approval.Amount = RequestAmount.Of(rule, arguments);
            var isWrite = rule.Effect == Effect.Write;
            await scope.Db.Decisions.Where(x => x.Seq == d.Seq).ExecuteUpdateAsync(u => u.SetProperty(x => x.Digest, digest).SetProperty(x => x.ArgumentsSeq, seq).SetProperty(x => x.MatrixVersion, ruling.MatrixVersion)
                .SetProperty(x => x.RuleId, rule.Id).SetProperty(x => x.ClaimRequired, rule.Claim).SetProperty(x => x.Write, isWrite).SetProperty(x => x.HighConsequence, high), ct);
        }
        return result;
    }

    private static string Rejected(PersonEntry person, VerdictRequest request)
    {
        // An agent that reads only the words still learns what kind of no it was.
        var words = !string.IsNullOrWhiteSpace(request.Reason) ? request.Reason : request.ReasonCode is { Length: > 0 } code ? ReasonCodes.Words(code).ToLowerInvariant() : null;
        return words is null ? $"Rejected by {person.Name}." : $"Rejected by {person.Name}: {words}";
    }

    private static async Task KeepCaseAsync(ChangeScope scope, Actor by, ApprovalRequest approval, DecisionRecord d, VerdictRequest request, CancellationToken ct)
    {
        var body = await DecisionService.BodyAsync(scope, d.Seq, ct);
        var arguments = AskReader.Child(approval.ArgumentsSeq == d.Seq ? body : await DecisionService.BodyAsync(scope, approval.ArgumentsSeq, ct), "arguments");
        await EvalCaseDesk.KeepAsync(scope, by, approval, body, arguments, request.ReasonCode, request.Reason, ct);
    }

    /// <summary>What the loser of a race is told: the request as it stands, and who decided; whoever contradicts themselves, what they said before.</summary>
    internal static async Task<Dictionary<string, object?>> LostAsync(ChangeScope scope, ApprovalRequest approval, string me, CancellationToken ct)
    {
        var stored = await scope.Db.Approvals.AsNoTracking().SingleAsync(a => a.Seq == approval.Seq, ct);
        var view = await ApprovalView.LoadAsync(scope.Db, stored, scope.State, null, scope.Now, ct);
        var winner = view.Votes.LastOrDefault(v => v.Counts && (!stored.Open || v.PersonId == me)) ?? view.Votes.LastOrDefault(v => v.Counts);
        return new() { ["approval"] = view, ["decision"] = winner is null ? null : new { verdict = winner.Verdict, by = winner.Name, reason = winner.Reason, at = winner.At } };
    }

    /// <summary>Ends what ran out of time, lets go what may go, escalates what nobody may decide any more. Called by the clock; safe to call at any moment and from several instances.</summary>
    public Task<Result<Done>> AdvanceAsync(long seq) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var approval = await scope.Db.Approvals.SingleOrDefaultAsync(a => a.Seq == seq, ct);
        if (approval is null) return Fault.NotFound("approval");
        if (approval.Open && scope.Now >= approval.ExpiresAt) await ExpireAsync(scope, approval, ct);
        else if (ApprovalRules.MayRelease(approval, scope.Now)) return await Resolution.ReleaseAsync(scope, approval, ct);
        else if (!approval.Open || !await Resolution.EscalateIfStuckAsync(scope, approval, await scope.Db.Decisions.AsNoTracking().SingleAsync(x => x.Seq == seq, ct), ct)) return Fault.Conflict("approval.not_due", "Nothing is due.");
        return Done.Value;
    });

    internal static async Task ExpireAsync(ChangeScope scope, ApprovalRequest approval, CancellationToken ct)
    {
        var d = await scope.Db.Decisions.AsNoTracking().SingleAsync(x => x.Seq == approval.Seq, ct);
        var agent = scope.State.Agents[d.AgentId];
        var (directory, last) = (scope.State.Directory, await Resolution.LastAsync(scope, approval, ct));
        var (before, widened) = (approval.Terms.Quorum, Circle.Wider(approval, d.OnBehalfOf, agent, directory, scope.Now, last));
        if (ApprovalRules.Expire(approval, widened, Circle.Quorum(approval, widened, d.OnBehalfOf, agent, directory, scope.Now, last), scope.Now, Circle.Joined(approval, widened, agent, directory)))
        {
            await Resolution.DenyAsync(scope, d, new Reason("approval.expired", "Nobody decided in time, so it does not happen. That is not a person's no: ask again if it is still needed.", approval.Terms.RuleId), ct);
            scope.Audit(Actor.System, "approval.expired", approval.Id, rolloutId: d.RolloutId, decisionSeq: d.Seq);
        }
        else
        {
            scope.Audit(Actor.System, "approval.escalated", approval.Id, new { cause = "expired", level = approval.Level, quorum = approval.Terms.Quorum, quorum_before = before }, new { approvers = widened }, d.RolloutId, d.Seq);
            scope.Signal("decision:" + d.Id);
            await Resolution.EscalateIfStuckAsync(scope, approval, d, ct);
        }
        scope.Signal("approvals");
    }
}
