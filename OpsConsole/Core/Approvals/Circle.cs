using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Approvals;

/// <summary>Who is asked when the first circle is silent or empty.</summary>
public static class Circle
{
    /// <summary>
    /// The approver entries to ask next: the rule's <c>escalate_to</c>; for <c>widen</c> the present ones and the rollout's owners as well;
    /// where that names nobody, the rollout's owners; where there are none, the console's admins.
    /// </summary>
    public static IReadOnlyList<string> Wider(ApprovalTerms terms, AgentAuthority agent, PeopleDirectory directory)
    {
        var owners = agent.Rollout.Owners.Where(directory.People.ContainsKey).Select(id => "user:" + directory.People[id].Email).ToList();
        List<string> circle = terms.OnExpiry == "widen" ? [.. terms.Approvers, .. terms.EscalateTo, .. owners] : [.. terms.EscalateTo];
        if (!circle.SelectMany(directory.Resolve).Any(p => p.Active)) circle.AddRange(owners);
        if (!circle.SelectMany(directory.Resolve).Any(p => p.Active && !(agent.Rollout.SeparationOfDuties && p.Id == agent.OwnerId)))
        {
            circle.AddRange(directory.People.Values.Where(p => p.Active && p.Is(ConsoleRoles.Admin)).OrderBy(p => p.Email, StringComparer.Ordinal).Select(p => "user:" + p.Email));
        }
        return [.. circle.Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
