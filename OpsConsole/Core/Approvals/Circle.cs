using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Approvals;

/// <summary>Who is asked when the first circle is silent or empty.</summary>
public static class Circle
{
    /// <summary>The reason a decision carries from then on (protocols.md, section N, 'Who decides').</summary>
    public static Reason NobodyEligible(ApprovalTerms terms) => new("approval.nobody_eligible", "Nobody who is asked may decide this, so it was escalated at once.", terms.RuleId);

    /// <summary>
    /// The approver entries to ask next: the rule's <c>escalate_to</c>; for <c>widen</c> the present ones and the rollout's owners as well;
    /// where none of them may decide, the rollout's owners; where they may not either, the console's admins who do not own the agent.
    /// </summary>
    public static IReadOnlyList<string> Wider(ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory)
    {
        var terms = request.Terms;
        var owners = Owners(agent, directory);
        List<string> circle = terms.OnExpiry == "widen" ? [.. terms.Approvers, .. terms.EscalateTo, .. owners] : [.. terms.EscalateTo];
        if (!AnyMay(circle)) circle.AddRange(owners);
        if (!AnyMay(circle))
        {
            circle.AddRange(directory.People.Values.Where(p => p.Active && p.Is(ConsoleRoles.Admin) && p.Id != agent.OwnerId).OrderBy(p => p.Email, StringComparer.Ordinal).Select(p => "user:" + p.Email));
        }
        return Distinct(circle);

        bool AnyMay(List<string> asked) => asked.Count > 0 && Deciders.Eligible(request, terms with { Approvers = asked, Sequence = false }, onBehalfOf, agent, directory).Any();
    }

    /// <summary>
    /// Escalates an open request at once when nobody can give the next yes: whoever was asked stays asked (they may become eligible again), the wider circle joins them,
    /// and an order no longer holds, because its next step cannot be taken; how many have to say yes stays.
    /// </summary>
    /// <param name="said">The decision carries <see cref="NobodyEligible"/> already; then it is escalated again only where that finds somebody.</param>
    /// <returns>The entries that are asked now, or null when nothing was changed.</returns>
    public static IReadOnlyList<string>? EscalateIfStuck(ApprovalRequest request, bool said, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory, DateTimeOffset now)
    {
        if (!request.Open || Deciders.Eligible(request, onBehalfOf, agent, directory).Any()) return null;
        var asked = request.Terms.Approvers.Count > 0 ? request.Terms.Approvers : Owners(agent, directory);
        var circle = Distinct([.. asked, .. Wider(request, onBehalfOf, agent, directory)]);
        if (said && !Deciders.Eligible(request, request.Terms with { Approvers = circle, Sequence = false }, onBehalfOf, agent, directory).Any()) return null;
        ApprovalRules.EscalateAtOnce(request, circle, now);
        return circle;
    }

    private static List<string> Owners(AgentAuthority agent, PeopleDirectory directory)
        => [.. agent.Rollout.Owners.Where(directory.People.ContainsKey).Select(id => "user:" + directory.People[id].Email)];

    private static IReadOnlyList<string> Distinct(IEnumerable<string> entries) => [.. entries.Distinct(StringComparer.OrdinalIgnoreCase)];
}
