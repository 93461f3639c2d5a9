using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Approvals;

/// <summary>Somebody who is asked now.</summary>
/// <param name="For">In whose place; null: their own.</param>
/// <param name="Escalated">They are asked only because it was escalated.</param>
public sealed record Asked(PersonEntry Person, Capacity As, string? For, bool Escalated)
{
    /// <summary>The reason a decision carries once the deputies are asked as well because of <see cref="AskDeputies"/>.</summary>
    public static Reason OutOfHours(ApprovalTerms terms) => new("approval.out_of_hours", "Nobody who is asked is at work before this is due, so their deputies are asked as well.", terms.RuleId);

    /// <summary>
    /// Who is asked for the next yes: everybody who can give it and is here. Deputies can always decide, and are asked when the one they are the deputy of is away or may not decide,
    /// or when nobody else is at work in time.
    /// </summary>
    public static IEnumerable<Asked> Now(ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null)
        => All(request, onBehalfOf, agent, directory, now, last).Where(a => a.As != Capacity.Deputy || request.Terms.DeputiesAsked || !Answers(request.Terms, a.For!, onBehalfOf, agent, directory, now));

    /// <summary>As <see cref="Now"/>, of something that stands under such terms without being a request: nobody has said anything yet.</summary>
    public static IEnumerable<PersonEntry> Under(ApprovalTerms terms, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now)
        => new Places(terms, onBehalfOf, agent, directory, now).Candidates().DistinctBy(p => p.Id).Where(p => directory.Away(p.Id, now) is null && Deciders.Of(p, terms, [], onBehalfOf, agent, directory, now) is { Standing: Standing.Named } standing
            && (standing.As != Capacity.Deputy || terms.DeputiesAsked || !Answers(terms, standing.For!, onBehalfOf, agent, directory, now)));

    /// <summary>
    /// Asks the deputies as well where none of those who are asked is at work before the request is due. Returns who they are, or null when nothing changed: somebody is at work in time,
    /// there are no deputies, or they are asked already.
    /// </summary>
    public static IReadOnlyList<PersonEntry>? AskDeputies(ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null)
    {
        if (!directory.AnybodyKeepsHours || !request.Open || request.Terms.DeputiesAsked) return null;
        var first = Now(request, onBehalfOf, agent, directory, now, last).Select(a => a.Person).ToList();
        if (first.Count == 0 || first.Exists(p => InTime(p, request, directory, now))) return null;
        var deputies = All(request, onBehalfOf, agent, directory, now, last).Where(a => a.As == Capacity.Deputy && !first.Contains(a.Person)).Select(a => a.Person).ToList();
        if (deputies.Count == 0) return null;
        request.Restate(request.Terms with { DeputiesAsked = true });
        return deputies;
    }

    /// <summary>Notes who stands in since an absence that began, or was entered, after the request was made. Returns those who were not noted before; null: nobody new.</summary>
    public static IReadOnlyList<PersonEntry>? AskStandIns(ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null)
    {
        if (!request.Open || !directory.Delegates(now).Any()) return null;
        var told = request.Terms.StandInsAsked ?? [];
        List<PersonEntry> fresh = [.. All(request, onBehalfOf, agent, directory, now, last)
            .Where(a => a.As == Capacity.StandsIn && !told.Contains(a.Person.Id) && directory.Away(a.For!, now) is { } away && (away.From > request.RequestedAt || away.At > request.RequestedAt)).Select(a => a.Person)];
        if (fresh.Count == 0) return null;
        request.Restate(request.Terms with { StandInsAsked = [.. told, .. fresh.Select(p => p.Id)] });
        return fresh;
    }

    /// <summary>Whether somebody is at work, and not away, at some time before it is due.</summary>
    internal static bool InTime(PersonEntry person, ApprovalRequest request, PeopleDirectory directory, DateTimeOffset now)
    {
        if (person.Hours is not { } hours) return true;
        for (var start = hours.NextStart(now); start < request.ExpiresAt;)
        {
            if (directory.Away(person.Id, start) is not { } away) return true;
            start = hours.NextStart(away.Until);
        }
        return false;
    }

    private static IEnumerable<Asked> All(ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last)
    {
        var terms = request.Terms;
        foreach (var person in Deciders.Eligible(request, onBehalfOf, agent, directory, now, last))
        {
            var standing = Deciders.Of(person, request, onBehalfOf, agent, directory, now);
            var escalated = standing.As == Capacity.Named && terms.Joined is { Count: > 0 } joined && !terms.Approvers.Except(joined).Any(a => directory.Names(a, person));
            yield return new Asked(person, standing.As, standing.For, escalated);
        }
    }

    private static bool Answers(ApprovalTerms terms, string holder, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now)
        => directory.People.TryGetValue(holder, out var person) && Deciders.Barred(person, terms, onBehalfOf, agent, directory) == Bar.None && directory.Away(holder, now) is null;
}
