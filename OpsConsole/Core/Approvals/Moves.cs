using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Approvals;

/// <summary>A request went to other people by somebody's hand.</summary>
/// <param name="To">For a request that was handed on: the approver entry that decides in the place of <paramref name="By"/>. Null: it was escalated.</param>
/// <param name="Round">The proposal that was on the table.</param>
/// <param name="Holder">Whose place was handed on; null: that of <paramref name="By"/>.</param>
/// <param name="Unasked">An admin escalated it who was not asked: that does not make them one who is.</param>
public sealed record Move(string By, string? To, string Reason, DateTimeOffset At, int Round = 0, string? Holder = null, bool Unasked = false);

/// <summary>
/// Handing a request on, and escalating it by hand. Neither is a vote: what was said stays, as many as before have to say yes, and the order of a sequence holds
/// for whoever takes a place in it.
/// </summary>
public static class Moves
{
    /// <summary>How often one request is handed on.</summary>
    public const int MostHanded = 20;

    /// <summary>
    /// Somebody who may decide gives their place to another person or group, and is not asked any more: the one place in which they decide it, their own first. Handing it back ends that.
    /// Saying the same again is success (false: nothing changed).
    /// </summary>
    /// <param name="to">An approver entry; a bare e-mail or id of a person is one too.</param>
    /// <returns>Not open or another version: as <see cref="ApprovalRules.MayEdit"/>. 403 <c>approval.not_decider</c>; 409 <c>approval.too_many_moves</c>; 422 <c>person.unknown</c>, <c>reassign.self</c>, <c>approval.may_not_decide</c> with the rule that keeps them from it.</returns>
    public static Result<bool> HandOn(ApprovalRequest request, PersonEntry by, string to, string reason, long? version, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now)
    {
        var entry = Entry(to, directory);
        if (entry is not null && request.Open && Handed(request.Terms, by.Id, directory) is { To: { } before } && string.Equals(before, entry, StringComparison.OrdinalIgnoreCase)) return false;
        if (ApprovalRules.MayEdit(request, version, now) is { } refused) return refused;
        if (request.CurrentVotes.Any(v => v.PersonId == by.Id)) return Fault.Conflict("approval.decided", "You said yes to this already; it waits for the others.", request);
        var mine = Deciders.Of(by, request, onBehalfOf, agent, directory, now);
        if (mine.Standing == Standing.NotYet) return Fault.Forbidden(mine.Why, "approval.not_your_turn");
        if (mine.Standing == Standing.BreakGlass) return Fault.Forbidden("You are not asked here, so you have no place to hand on. Escalate it, or decide it as break-glass.", "approval.not_decider");
        if (mine.Standing == Standing.None) return Fault.Forbidden(mine.Why, "approval.not_decider");
        if ((request.Terms.Moves ?? []).Count(m => m.To is not null) >= MostHanded) return Fault.Conflict("approval.too_many_moves", $"This was handed on {MostHanded} times already. Decide it, or escalate it.");
        if (entry is null) return Fault.Refused("person.unknown", $"The console knows no person or group '{(to.Length > 80 ? to[..80] : to)}'. Name an e-mail address, or group: and a name.", "to");
        var takers = directory.Resolve(entry).ToList();
        if (directory.Names(entry, by)) return Fault.Refused("reassign.self", ApproverEntry.IsGroup(entry) ? "You are in that group yourself. Name one of the others, or another group." : "It is with you already. Name somebody else.", "to");
        if (takers.Count == 0) return Fault.Refused("approval.may_not_decide", "Nobody is in that group.", "to");
        List<string> why = [.. takers.Select(p => Kept(p, request, onBehalfOf, agent, directory, now)).OfType<string>()];
        if (why.Count == takers.Count) return Fault.Refused("approval.may_not_decide", ApproverEntry.IsGroup(entry) ? $"Nobody in that group may decide this now: {why[0]}" : why[0], "to");
        request.Restate(request.Terms with { Moves = [.. request.Terms.Moves ?? [], new Move(by.Id, entry, reason, now, request.Round, mine.For)] });
        return true;
    }

    /// <summary>
    /// Somebody who is asked, or an admin, does by hand what happens when the SLA runs out: more people are asked now. As many have to say yes as before. Where the rule escalates on expiry this takes its place
    /// and those who are asked have a whole SLA. An admin who was not asked is not asked by it either. The same person again about the same proposal is success (null: nothing changed).
    /// </summary>
    /// <returns>The entries that are asked now. Not open or another version: as <see cref="ApprovalRules.MayEdit"/>; 422 <c>approval.nobody_wider</c>.</returns>
    public static Result<string[]?> Escalate(ApprovalRequest request, PersonEntry by, string reason, long? version, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null)
    {
        if (request.Open && (request.Terms.Moves ?? []).Any(m => m.By == by.Id && m.To is null && m.Round == request.Round)) return (string[]?)null;
        if (ApprovalRules.MayEdit(request, version, now) is { } refused) return refused;
        var mine = Deciders.Of(by, request, onBehalfOf, agent, directory, now);
        if (!mine.MayDecide) return Fault.Forbidden(mine.Why, mine.Standing == Standing.NotYet ? "approval.not_your_turn" : "approval.not_decider");
        var unasked = mine.Standing == Standing.BreakGlass;
        var before = Deciders.Eligible(request, onBehalfOf, agent, directory, now, last).Select(p => p.Id).ToHashSet();
        if (unasked) before.Add(by.Id);
        var circle = Circle.Wider(request, onBehalfOf, agent, directory, now, last, unasked ? by.Id : null);
        if (Deciders.Eligible(request, request.Terms with { Approvers = circle, Sequence = false }, onBehalfOf, agent, directory, now, last).All(p => before.Contains(p.Id)))
            return Fault.Refused("approval.nobody_wider", "Everybody who could be asked is asked already.");
        ApprovalRules.EscalateAtOnce(request, circle, Circle.Joined(request, circle, agent, directory), now);
        request.Restate(request.Terms with { Moves = [.. request.Terms.Moves ?? [], new Move(by.Id, null, reason, now, request.Round, Unasked: unasked)] });
        return circle.ToArray();
    }

    /// <summary>What somebody handed on and did not get back; null when they did not.</summary>
    public static Move? Handed(ApprovalTerms terms, string personId, PeopleDirectory directory)
    {
        if (terms.Moves is not { Count: > 0 } moves || !directory.People.TryGetValue(personId, out var person)) return null;
        var last = moves.Index().LastOrDefault(m => m.Item.By == personId && m.Item.To is not null);
        // A group that they are in does not bring them back: they said that they would not decide it.
        return last.Item is null || moves.Skip(last.Index + 1).Any(m => m.To is { } to && ApproverEntry.IsUser(to) && directory.Names(to, person)) ? null : last.Item;
    }

    // Why somebody cannot take it, in the third person; null when they can.
    private static string? Kept(PersonEntry person, ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now)
        => Deciders.Barred(person, request.Terms, onBehalfOf, agent, directory) switch
        {
            Bar.Inactive => $"{person.Name}'s account is disabled or has not been activated.",
            Bar.ActedFor => $"The agent acts on behalf of {person.Name} here, so somebody else has to decide.",
            Bar.OwnsAgent => $"{person.Name} owns this agent, or did when it asked, and duties are separated in this rollout, so somebody else has to decide.",
            _ => request.CurrentVotes.Any(v => v.PersonId == person.Id) ? $"{person.Name} said yes to this already, and nobody counts twice."
                : directory.Away(person.Id, now) is not null ? $"{person.Name} is away. Name somebody who is here." : null,
        };

    private static string? Entry(string to, PeopleDirectory directory)
    {
        to = to.Trim();
        if (ApproverEntry.IsGroup(to)) return directory.GroupsByName.TryGetValue(ApproverEntry.Bare(to), out var group) ? ApproverEntry.Group + group.Name : null;
        return directory.Find(ApproverEntry.IsUser(to) ? ApproverEntry.Bare(to) : to) is { } person ? ApproverEntry.User + person.Email : null;
    }
}
