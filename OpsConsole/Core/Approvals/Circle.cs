using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Approvals;

/// <summary>Who is asked when the first circle is silent or empty.</summary>
public static class Circle
{
    /// <summary>The reason a decision carries from then on (protocols.md, section N, 'Who decides').</summary>
    public static Reason NobodyEligible(ApprovalTerms terms) => new("approval.nobody_eligible", "Nobody who is asked may decide this now, so it was escalated at once.", terms.RuleId);

    /// <summary>
    /// The approver entries to ask next: the present ones and the rule's <c>escalate_to</c>; for <c>widen</c> the rollout's owners as well; where that brings nobody new who may decide,
    /// or fewer places than the quorum, the rollout's owners; where they do not make up for it either, the console's admins who do not own the agent.
    /// </summary>
    /// <param name="but">Id of somebody who is not asked by it, whoever the entries name.</param>
    public static IReadOnlyList<string> Wider(ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null, string? but = null)
    {
        var terms = request.Terms;
        var owners = Places.Owners(agent, directory);
        var present = Deciders.Eligible(request, onBehalfOf, agent, directory, now, last).Select(p => p.Id).ToHashSet();
        List<string> circle = [.. terms.Approvers.Count > 0 ? terms.Approvers : owners, .. terms.EscalateTo];
        if (terms.OnExpiry == "widen" || !Suffices()) circle.AddRange(owners);
        if (!Suffices())
        {
            circle.AddRange(directory.People.Values.Where(p => p.Active && p.Is(ConsoleRoles.Admin) && p.Id != agent.OwnerId && !terms.OwnedBy(p.Id)).OrderBy(p => p.Email, StringComparer.Ordinal).Select(p => ApproverEntry.User + p.Email));
        }
        return Distinct(circle);

        bool Suffices()
        {
            var may = May(request, circle, onBehalfOf, agent, directory, now, last).Where(p => p.Id != but).ToList();
            return may.Exists(p => !present.Contains(p.Id)) && request.Approvals + Deciders.Most(may, request, terms with { Approvers = circle, Sequence = false }, onBehalfOf, agent, directory, now) >= terms.Quorum;
        }
    }

    /// <summary>
    /// How many have to say yes once <paramref name="circle"/> is asked: as many as before, or where there are not that many people and places, those there are, at work or away. Never fewer than one more than have said it:
    /// that time ran out is nobody's yes.
    /// </summary>
    public static int Quorum(ApprovalRequest request, IReadOnlyList<string> circle, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null)
    {
        var terms = request.Terms with { Approvers = circle, Sequence = false };
        return Math.Min(request.Terms.Quorum, request.Approvals + Math.Max(1, circle.Count == 0 ? 0 : Deciders.Most([.. Deciders.Able(request, terms, onBehalfOf, agent, directory, now, last)], request, terms, onBehalfOf, agent, directory, now)));
    }

    /// <summary>
    /// Escalates an open request at once when nobody can give the next yes: whoever was asked stays asked (they may become eligible again), the wider circle joins them,
    /// and an order no longer holds, because its next step cannot be taken; how many have to say yes stays.
    /// </summary>
    /// <param name="last">Whose yes let the last request of this rule go, where the rollout wants other people each time; as in <see cref="Deciders"/>.</param>
    /// <param name="said">The decision carries <see cref="NobodyEligible"/> already; then it is escalated again only where that finds somebody.</param>
    /// <returns>The entries that are asked now, or null when nothing was changed.</returns>
    public static IReadOnlyList<string>? EscalateIfStuck(ApprovalRequest request, bool said, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last = null)
    {
        if (!request.Open || Deciders.Eligible(request, onBehalfOf, agent, directory, now, last).Any()) return null;
        var asked = request.Terms.Approvers.Count > 0 ? request.Terms.Approvers : Places.Owners(agent, directory);
        var circle = Distinct([.. asked, .. Wider(request, onBehalfOf, agent, directory, now, last)]);
        if (said && !May(request, circle, onBehalfOf, agent, directory, now, last).Any()) return null;
        ApprovalRules.EscalateAtOnce(request, circle, Joined(request, circle, agent, directory), now);
        return circle;
    }

    /// <summary>Those entries of a wider circle that are asked only because of it.</summary>
    public static IReadOnlyList<string> Joined(ApprovalRequest request, IReadOnlyList<string> circle, AgentAuthority agent, PeopleDirectory directory)
        => [.. circle.Except(request.Terms.Approvers.Count > 0 ? request.Terms.Approvers : Places.Owners(agent, directory), StringComparer.OrdinalIgnoreCase)];

    private static IEnumerable<PersonEntry> May(ApprovalRequest request, IReadOnlyList<string> circle, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now, IReadOnlyList<string>? last)
        => circle.Count == 0 ? [] : Deciders.Eligible(request, request.Terms with { Approvers = circle, Sequence = false }, onBehalfOf, agent, directory, now, last);

    private static IReadOnlyList<string> Distinct(IEnumerable<string> entries) => [.. entries.Distinct(StringComparer.OrdinalIgnoreCase)];
}
