using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Approvals;

/// <summary>A place among those who are asked, and how somebody came to take it.</summary>
/// <param name="Holder">The person it belongs to: whom the rule names, an owner of the rollout where it names nobody.</param>
internal readonly record struct Place(string Holder, Capacity As);

/// <summary>Which places a person can take. Says nothing about whether they may decide at all: <see cref="Deciders.Barred"/>.</summary>
internal sealed class Places(ApprovalTerms terms, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now)
{
    /// <summary>The approver entries, in the order they are asked; the rollout's owners where the rule names nobody.</summary>
    public IReadOnlyList<string> Entries { get; } = terms.Approvers.Count > 0 ? terms.Approvers : Owners(agent, directory);

    /// <summary>The rollout's owners as approver entries; their deputies come in through them.</summary>
    public static IReadOnlyList<string> Owners(AgentAuthority agent, PeopleDirectory directory)
        => [.. agent.Rollout.Members.Where(m => m is { Role: RolloutRole.RolloutOwner, Deputy: false } && directory.People.ContainsKey(m.PersonId)).Select(m => ApproverEntry.User + directory.People[m.PersonId].Email)];

    /// <summary>Everybody who could take a place, some of them more than once.</summary>
    public IEnumerable<PersonEntry> Candidates()
    {
        foreach (var person in Entries.SelectMany(directory.Resolve)) yield return person;
        foreach (var person in directory.Delegates(now)) yield return person;
        foreach (var member in agent.Rollout.Members)
        {
            if (member.Deputy && directory.People.TryGetValue(member.PersonId, out var deputy)) yield return deputy;
        }
        foreach (var move in terms.Moves ?? [])
        {
            foreach (var person in move.To is { } to ? directory.Resolve(to) : []) yield return person;
        }
    }

    /// <summary>The places of one entry that the person can take; none for whoever handed it on.</summary>
    public IEnumerable<Place> Of(PersonEntry person, string entry)
        => Moves.Handed(terms, person.Id, directory) is null ? [.. Before(person, entry), .. Given(person, entry)] : [];

    // Without what was handed on.
    private IEnumerable<Place> Before(PersonEntry person, string entry)
    {
        if (Names(entry, person)) yield return new Place(person.Id, Capacity.Named);
        // One hop: whoever is away stands in for nobody. And nobody gives away what they may not do themselves.
        if (directory.Away(person.Id, now) is null)
        {
            foreach (var holder in directory.StoodInForBy(person.Id, now))
            {
                if (Names(entry, holder) && Deciders.Barred(holder, terms, onBehalfOf, agent, directory) == Bar.None && Moves.Handed(terms, holder.Id, directory) is null) yield return new Place(holder.Id, Capacity.StandsIn);
            }
        }
        // A group has other members; whoever is named alone has a deputy. Where nobody is named, the owner's deputy decides, not those of other roles.
        foreach (var seat in agent.Rollout.Members)
        {
            if (!seat.Deputy || seat.PersonId != person.Id || (terms.Approvers.Count == 0 && seat.Role != RolloutRole.RolloutOwner)) continue;
            foreach (var holder in agent.Rollout.Members)
            {
                if (holder.Role == seat.Role && !holder.Deputy && ApproverEntry.IsUser(entry) && directory.People.TryGetValue(holder.PersonId, out var named) && Names(entry, named)) yield return new Place(holder.PersonId, Capacity.Deputy);
            }
        }
    }

    // What was handed on to the person: of each giver the one place that they gave, as long as they could still take it and may decide. In order, so that a giver's own giver comes first.
    private IEnumerable<Place> Given(PersonEntry person, string entry)
    {
        HashSet<(string To, string Holder)> given = [];
        foreach (var move in terms.Moves ?? [])
        {
            if (move.To is not { } to || Moves.Handed(terms, move.By, directory) != move || !directory.People.TryGetValue(move.By, out var giver) || Deciders.Barred(giver, terms, onBehalfOf, agent, directory) != Bar.None) continue;
            var holder = move.Holder ?? move.By;
            if (Before(giver, entry).Any(p => p.Holder == holder) || given.Any(g => g.Holder == holder && directory.Names(g.To, giver))) given.Add((to, holder));
        }
        return given.Where(g => g.Holder != person.Id && directory.Names(g.To, person)).Select(g => new Place(g.Holder, Capacity.HandedOn)).Distinct();
    }

    // Whoever was not asked and escalated it by hand gets no place by that: they still break the glass.
    private bool Names(string entry, PersonEntry person)
        => directory.Names(entry, person) && !((terms.Joined?.Contains(entry) ?? false) && (terms.Moves ?? []).Any(m => m.Unasked && m.By == person.Id));
}
