using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Approvals;

/// <summary>One person in one rollout. <paramref name="Warning"/>: that they approve without looking, in words with its numbers; null: nothing to warn of. <paramref name="Enough"/>: there is enough to tell.</summary>
public sealed record ApproverRow(string Name, string RolloutName, ApproverFigures Figures, bool Enough, string? Warning);

/// <param name="Cut">Rollouts with more decided requests than were looked at: their figures are of the latest ones.</param>
/// <param name="Needed">How many decisions it takes to say anything about haste.</param>
public sealed record OversightView(IReadOnlyList<ApproverRow> Rows, IReadOnlyList<string> Cut, int Needed);

/// <summary>An approved request that waits for a second look.</summary>
public sealed record LookRow(string ApprovalId, string Action, string? ResourceId, string AgentName, string RolloutName, DateTimeOffset At, string DecidedBy);

/// <summary>
/// How people decide: for those who answer for a rollout, about its approvers; for everybody, about themselves. Read from the decided requests of the last days by their index, at most
/// <see cref="Most"/> of a rollout; nothing is kept but what the votes themselves say.
/// </summary>
public sealed class OversightDesk(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, IConfiguration configuration)
{
    public const int Most = 5_000;
    private const int LooksLookedThrough = 500;
    private readonly HasteLimits _limits = ApprovalOptions.From(configuration).Haste;

    /// <summary>Whether the person reads about others anywhere.</summary>
    public bool Leads(PersonCaller me) => writer.State.Rollouts.Values.Any(r => Permissions.MayOversee(me.Person, r));

    /// <summary>Who decided in the last days, by rollout and name.</summary>
    /// <param name="mine">Only about the reader, also where they read of nobody else.</param>
    public async Task<OversightView> ReadAsync(PersonCaller me, int days, bool mine, CancellationToken ct)
    {
        var state = writer.State;
        var (votes, cut) = await VotesAsync(me, days, mine ? me.Id : null, ct);
        var rows = votes.GroupBy(v => (v.PersonId, v.RolloutId)).Select(g => Row(Oversight.Figures(g.Key.PersonId, g.Key.RolloutId, [.. g]), days, state)).OrderBy(r => r.RolloutName, StringComparer.OrdinalIgnoreCase).ThenBy(r => r.Name, StringComparer.OrdinalIgnoreCase);
        return new([.. rows], cut, _limits.Least);
    }

    /// <summary>The records behind one line: who, where, and what they said there, newest first. Nothing where the reader may not read about them.</summary>
    public async Task<(string Of, IReadOnlyList<SpokenVote> Votes)> RecordsAsync(PersonCaller me, string personId, string rolloutId, int days, CancellationToken ct)
    {
        var state = writer.State;
        var (votes, _) = await VotesAsync(me, days, personId, ct);
        var here = votes.Where(v => v.RolloutId == rolloutId).OrderByDescending(v => v.At).ToList();
        return (here.Count == 0 ? "" : $"{state.Directory.NameOf(personId)} in {state.Rollouts[rolloutId].Name}", here);
    }

    /// <summary>Approved requests that the reader may take a second look at: not their own votes, newest first.</summary>
    public async Task<IReadOnlyList<LookRow>> LooksAsync(PersonCaller me, CancellationToken ct)
    {
        var state = writer.State;
        await using var db = await factory.CreateDbContextAsync(ct);
        List<LookRow> rows = [];
        foreach (var rollout in state.Rollouts.Values.Where(r => Permissions.MaySee(me.Person, r, state.Directory)))
        {
            List<long> open = [.. await Open(db, rollout.Id).Select(l => l.Seq).Take(LooksLookedThrough).ToListAsync(ct)];
            foreach (var request in await db.Approvals.AsNoTracking().Where(a => open.Contains(a.Seq)).ToListAsync(ct))
            {
                if (!state.Agents.TryGetValue(request.AgentId, out var agent) || MayLook(me.Person, request, agent, state) is not null) continue;
                rows.Add(new(request.Id, request.Action, request.ResourceId, agent.Name, rollout.Name, request.DecidedAt ?? request.RequestedAt, string.Join(", ", request.CurrentVotes.Select(v => state.Directory.NameOf(v.PersonId)).Distinct())));
            }
        }
        return [.. rows.OrderByDescending(r => r.At)];
    }

    /// <summary>Says whether one would have decided alike. The decision stays as it is. Faults: not found, <c>look.not_yours</c>, <c>look.answered</c>, <c>field.required</c> (words, to disagree).</summary>
    public Task<Result<Done>> LookAsync(PersonCaller me, string approvalId, bool agrees, string? words) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (!Ids.TrySeq(approvalId, "apr", out var seq)) return Fault.NotFound("second look");
        var look = await scope.Db.SecondLooks.SingleOrDefaultAsync(l => l.Seq == seq, ct);
        var request = await scope.Db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.Seq == seq, ct);
        if (look is null || request is null || request.Id != approvalId || !scope.State.Directory.People.TryGetValue(me.Id, out var person) || !Permissions.MaySee(person, scope.State.Rollouts[look.RolloutId], scope.State.Directory)) return Fault.NotFound("second look");
        if (look.AnsweredAt is not null) return Fault.Conflict("look.answered", "Somebody else has taken this second look already.");
        if (MayLook(person, request, scope.State.Agents[request.AgentId], scope.State) is { } refused) return refused;
        var said = string.IsNullOrWhiteSpace(words) ? null : words.Trim();
        if (!agrees && said is null) return Fault.Invalid("field.required", "Say in words what you would have decided otherwise, and why.", "words");
        if (said?.Length > SecondLook.LongestWords) return Fault.Invalid("field.invalid", $"At most {SecondLook.LongestWords} characters.", "words");
        look.Answer(me.Id, agrees, said, scope.Now);
        scope.Audit(me.Actor, "approval.second_look", request.Id, new { agrees }, said is null ? null : new { words = said }, request.RolloutId, seq);
        scope.Signal("approvals");
        return Done.Value;
    });

    /// <summary>Decided requests of one rollout since then, newest first.</summary>
    internal static IQueryable<ApprovalRequest> Decided(OpsDbContext db, string rollout, DateTimeOffset since)
        => db.Approvals.AsNoTracking().Where(a => a.RolloutId == rollout && a.DecidedAt != null && a.DecidedAt >= since).OrderByDescending(a => a.DecidedAt).ThenByDescending(a => a.Seq);

    internal static IQueryable<SecondLook> Open(OpsDbContext db, string rollout)
        => db.SecondLooks.AsNoTracking().Where(l => l.RolloutId == rollout && l.AnsweredAt == null).OrderByDescending(l => l.Seq);

    private static Fault? MayLook(PersonEntry person, ApprovalRequest request, AgentAuthority agent, ConsoleState state)
    {
        if (request.Status is not (ApprovalStatus.Approved or ApprovalStatus.Edited)) return Fault.Conflict("look.not_yours", "It is not approved any more.");
        if (request.Votes.Any(v => v.PersonId == person.Id)) return Fault.Forbidden("You had a say in it the first time.", "look.not_yours");
        // The order of the first deciding does not bind those who look afterwards; who owns the agent still does not judge it.
        if (request.Terms.OwnedBy(person.Id) || agent.OwnerId == person.Id) return Fault.Forbidden("You own the agent.", "look.not_yours");
        return Permissions.MayOversee(person, agent.Rollout) || request.Terms.Approvers.Any(a => state.Directory.Names(a, person)) || (request.Terms.Approvers.Count == 0 && agent.Rollout.Owners.Contains(person.Id))
            ? null : Fault.Forbidden("Only those whom the rule names, and those who answer for the rollout, take second looks.", "look.not_yours");
    }

    private async Task<(IReadOnlyList<SpokenVote> Votes, IReadOnlyList<string> Cut)> VotesAsync(PersonCaller me, int days, string? personId, CancellationToken ct)
    {
        var state = writer.State;
        var since = writer.Now - TimeSpan.FromDays(days);
        await using var db = await factory.CreateDbContextAsync(ct);
        List<SpokenVote> votes = [];
        List<string> cut = [];
        foreach (var rollout in state.Rollouts.Values.Where(r => Permissions.MayOversee(me.Person, r) || (personId == me.Id && Permissions.MaySee(me.Person, r, state.Directory))))
        {
            var decided = await Decided(db, rollout.Id, since).Select(a => new { a.Seq, a.Id, a.Action, a.RequestedAt, a.Votes }).Take(Most + 1).ToListAsync(ct);
            if (decided.Count > Most) cut.Add(rollout.Name);
            List<long> seqs = [.. decided.Take(Most).Where(a => a.Votes.Count > 0).Select(a => a.Seq)];
            var looks = await db.SecondLooks.AsNoTracking().Where(l => seqs.Contains(l.Seq) && l.AnsweredAt != null).ToDictionaryAsync(l => l.Seq, ct);
            votes.AddRange(decided.Take(Most).SelectMany(a => Oversight.Votes(a.Id, a.Action, rollout.Id, a.RequestedAt, a.Votes, looks.GetValueOrDefault(a.Seq))).Where(v => personId is null || v.PersonId == personId));
        }
        return (votes, cut);
    }

    private ApproverRow Row(ApproverFigures figures, int days, ConsoleState state)
    {
        var warning = !figures.Hasty(_limits) ? null
            : string.Create(CultureInfo.InvariantCulture, $"Said an unchanged yes to {figures.Approved} of {figures.Decided} in {days} days. Of the {figures.Seen} seen on screen, half were there for {figures.MedianLooked!.Value.TotalSeconds:0.#} s at most. Requests that nobody has to think about may need no approval; the others need more time.");
        return new(state.Directory.NameOf(figures.PersonId), state.Rollouts[figures.RolloutId].Name, figures, figures.Enough(_limits), warning);
    }
}
