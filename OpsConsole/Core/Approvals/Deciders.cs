using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Approvals;

/// <summary>In which way somebody may decide a request, if at all.</summary>
public enum Standing
{
    /// <summary>May not decide it; <see cref="Eligibility.Why"/> says why.</summary>
    None,
    /// <summary>Named by the rule, or an owner of the rollout where the rule names nobody; or in such a person's place (<see cref="Capacity"/>).</summary>
    Named,
    /// <summary>Named, but somebody before them in the sequence has to decide first.</summary>
    NotYet,
    /// <summary>A console admin who is not named: recorded and shown as such.</summary>
    BreakGlass,
}

/// <summary>How somebody came to be asked.</summary>
public enum Capacity
{
    Named,
    /// <summary>Deputy of somebody whom the rule names as a person, or of the rollout's owner where it names nobody.</summary>
    Deputy,
    /// <summary>Somebody who is asked is away and left it to them.</summary>
    StandsIn,
    /// <summary>Somebody who was asked handed it on to them.</summary>
    HandedOn,
}

/// <summary>Why somebody is kept from deciding a request, whoever asks them.</summary>
public enum Bar { None, Inactive, ActedFor, OwnsAgent }

/// <summary>Why the yes of somebody who may decide would not count.</summary>
public enum Uncounted
{
    No,
    /// <summary>Somebody with whom they share the place said yes already.</summary>
    PlaceTaken,
    /// <summary>With theirs, the same people would let it go as the last one of this rule, and the rollout wants others each time.</summary>
    SamePeople,
}

/// <param name="For">Whose place they take; null: their own.</param>
public readonly record struct Eligibility(Standing Standing, string Why, Capacity As = Capacity.Named, string? For = null)
{
    public bool MayDecide => Standing is Standing.Named or Standing.BreakGlass;
}

/// <summary>
/// Who decides (protocols.md, section N, 'Who decides'). Whoever the rule names has a place; their deputies, who stands in for them while they are away, and to whom they handed the request on
/// may take it. A place counts once: of those who share it, one says yes.
/// </summary>
public static class Deciders
{
    /// <param name="onBehalfOf">Who the agent says it acts for; if that is a person the console knows, however it is spelled, they never decide it.</param>
    public static Eligibility Of(PersonEntry person, ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now)
        => Of(person, request.Terms, [.. request.CurrentVotes.Where(v => v.Verdict != Verdict.Reject)], onBehalfOf, agent, directory, now);

    /// <param name="yes">Who has said yes to the proposal: in a sequence, whose turn it is.</param>
    public static Eligibility Of(PersonEntry person, ApprovalTerms terms, IReadOnlyCollection<Vote> yes, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now)
    {
        switch (Barred(person, terms, onBehalfOf, agent, directory))
        {
            case Bar.Inactive: return new(Standing.None, "This account is disabled or has not been activated.");
            case Bar.ActedFor: return new(Standing.None, "The agent acts on your behalf here, so somebody else has to decide.");
            case Bar.OwnsAgent: return new(Standing.None, $"You {(agent.OwnerId == person.Id ? "own this agent" : "owned this agent when it asked")}, and duties are separated in this rollout, so somebody else has to decide.");
        }
        var places = new Places(terms, onBehalfOf, agent, directory, now);
        var entries = places.Entries;
        var taken = entries.SelectMany(e => places.Of(person, e)).ToList();
        if (taken.Count > 0 && terms.Sequence && terms.Approvers.Count > 0)
        {
            var turn = entries[Math.Min(yes.Count, entries.Count - 1)];
            taken = [.. places.Of(person, turn)];
            if (taken.Count == 0) return new(Standing.NotYet, $"{Words(turn, directory)} decides first.");
        }
        if (taken.Count > 0)
        {
            // Whoever could take several places takes one that nobody has used yet, their own first.
            var place = taken.OrderBy(p => !IsFree(p.Holder, person.Id, yes)).ThenBy(p => p.As).First();
            return new(Standing.Named, Why(place, terms, directory), place.As, place.Holder == person.Id ? null : place.Holder);
        }
        // Out of it is out of it, for an admin too.
        if (Moves.Handed(terms, person.Id, directory) is { To: { } other }) return new(Standing.None, $"You handed this on to {Words(other, directory)}.");
        if (person.Is(ConsoleRoles.Admin) && !Owns(person, terms, agent)) return new(Standing.BreakGlass, $"{(terms.Approvers.Count == 0 ? "You are not an owner of the rollout" : "You are not named by the rule")}. As an admin you can decide it as break-glass; that is recorded and shown.");
        return new(Standing.None, terms.Approvers.Count == 0 ? "The rule names nobody, so the rollout's owners decide, and you are not one of them." : "The rule names other people.");
    }

    /// <summary>What keeps somebody from deciding, whether they are named or not.</summary>
    public static Bar Barred(PersonEntry person, ApprovalTerms terms, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory)
        => !person.Active ? Bar.Inactive
         : onBehalfOf is not null && directory.Meant(onBehalfOf)?.Id == person.Id ? Bar.ActedFor
         // Handing the agent away, or switching the separation off, acts on later requests only.
         : Owns(person, terms, agent) && (terms.Separated || agent.Rollout.SeparationOfDuties) ? Bar.OwnsAgent : Bar.None;

    /// <summary>Why this person's yes would not count now, although they may decide; null when it would.</summary>
    /// <param name="last">Whose yes let the last request of this rule go, where the rollout wants other people each time.</param>
    public static Uncounted WhyUncounted(PersonEntry person, ApprovalRequest request, Eligibility standing, IReadOnlyList<string>? last)
        => !IsFree(standing.For ?? person.Id, person.Id, [.. Yes(request)]) ? Uncounted.PlaceTaken
         : last is not null && request.Terms.Quorum >= 2 && Yes(request).Count() + 1 >= request.Terms.Quorum && Yes(request).Select(v => v.PersonId).Append(person.Id).ToHashSet().SetEquals(last) ? Uncounted.SamePeople : Uncounted.No;

    /// <summary>Who can give the next yes and is here: named, their turn in a sequence, in a place that is still free, not among those who said yes to this proposal already, and not away. Break-glass left out. Nobody: 'nobody eligible'.</summary>
    public static IEnumerable<PersonEntry> Eligible(ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null)
        => Eligible(request, request.Terms, onBehalfOf, agent, directory, now, last);

    /// <summary>As the other, if the request stood under other terms.</summary>
    public static IEnumerable<PersonEntry> Eligible(ApprovalRequest request, ApprovalTerms terms, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null)
        => Able(request, terms, onBehalfOf, agent, directory, now, last).Where(p => directory.Away(p.Id, now) is null);

    /// <summary>As <see cref="Eligible(ApprovalRequest, string?, AgentAuthority, PeopleDirectory, DateTimeOffset, IReadOnlyList{string}?)"/>, with those who are away: they may still decide.</summary>
    public static IEnumerable<PersonEntry> Able(ApprovalRequest request, ApprovalTerms terms, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null)
    {
        List<Vote> yes = [.. Yes(request)];
        return new Places(terms, onBehalfOf, agent, directory, now).Candidates().DistinctBy(p => p.Id).Where(p =>
        {
            if (request.CurrentVotes.Any(v => v.PersonId == p.Id)) return false;
            var standing = Of(p, terms, yes, onBehalfOf, agent, directory, now);
            return standing.Standing == Standing.Named && WhyUncounted(p, request, standing, last) == Uncounted.No;
        });
    }

    /// <summary>How many more yes these people can give at most: a place counts once, whoever takes it.</summary>
    public static int Most(IReadOnlyCollection<PersonEntry> people, ApprovalRequest request, ApprovalTerms terms, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now)
    {
        var places = new Places(terms, onBehalfOf, agent, directory, now);
        List<Vote> yes = [.. Yes(request)];
        return Math.Min(people.Count, people.SelectMany(p => places.Entries.SelectMany(e => places.Of(p, e)).Select(x => x.Holder).Where(h => IsFree(h, p.Id, yes))).Distinct().Count());
    }

    /// <summary>An approver entry in words: the person's name, or 'group leads'.</summary>
    public static string Words(string approver, PeopleDirectory directory)
        => (ApproverEntry.IsGroup(approver) ? "group " : "") + directory.Called(approver);

    private static IEnumerable<Vote> Yes(ApprovalRequest request) => request.CurrentVotes.Where(v => v.Verdict != Verdict.Reject);

    private static bool Owns(PersonEntry person, ApprovalTerms terms, AgentAuthority agent) => agent.OwnerId == person.Id || terms.OwnedBy(person.Id);

    // A place is used by the yes of whoever holds it, in their own name, and of whoever took it.
    private static bool IsFree(string holder, string personId, IReadOnlyCollection<Vote> yes)
        => yes.All(v => v.PersonId == personId || (v.For ?? v.PersonId) != holder);

    private static string Why(Place place, ApprovalTerms terms, PeopleDirectory directory)
    {
        var holder = directory.NameOf(place.Holder);
        var (named, owner) = (terms.Approvers.Count > 0, "an owner of the rollout, and the rule names nobody else");
        return place.As switch
        {
            Capacity.Deputy => $"You are the deputy of {holder}, {(named ? "whom the rule names" : owner)}.",
            Capacity.StandsIn => $"You stand in for {holder}, who is away.",
            Capacity.HandedOn => $"It was handed on to you, in the place of {holder}.",
            _ => named ? "The rule names you." : "You are an owner of the rollout, and the rule names nobody else.",
        };
    }
}
