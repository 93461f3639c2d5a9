using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Approvals;

/// <summary>In which way somebody may decide a request, if at all.</summary>
public enum Standing
{
    /// <summary>May not decide it; <see cref="Eligibility.Why"/> says why.</summary>
    None,
    /// <summary>Named by the rule, or an owner of the rollout where the rule names nobody.</summary>
    Named,
    /// <summary>Named, but somebody before them in the sequence has to decide first.</summary>
    NotYet,
    /// <summary>A console admin who is not named: recorded and shown as such.</summary>
    BreakGlass,
}

public readonly record struct Eligibility(Standing Standing, string Why)
{
    public bool MayDecide => Standing is Standing.Named or Standing.BreakGlass;
}

/// <summary>Who decides (protocols.md, section N, 'Who decides').</summary>
public static class Deciders
{
    /// <param name="onBehalfOf">Who the agent says it acts for; if that is a person the console knows, however it is spelled, they never decide it.</param>
    public static Eligibility Of(PersonEntry person, ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory)
        => Of(person, request.Terms, request.Approvals, onBehalfOf, agent, directory);

    /// <param name="approvals">How many people have said yes to the proposal: in a sequence, whose turn it is.</param>
    public static Eligibility Of(PersonEntry person, ApprovalTerms terms, int approvals, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory)
    {
        if (!person.Active) return new(Standing.None, "This account is disabled or has not been activated.");
        if (onBehalfOf is not null && directory.Meant(onBehalfOf)?.Id == person.Id) return new(Standing.None, "The agent acts on your behalf here, so somebody else has to decide.");
        // Handing the agent away, or switching the separation off, acts on later requests only.
        var owner = agent.OwnerId == person.Id || terms.OwnedBy(person.Id);
        if (owner && (terms.Separated || agent.Rollout.SeparationOfDuties))
            return new(Standing.None, $"You {(agent.OwnerId == person.Id ? "own this agent" : "owned this agent when it asked")}, and duties are separated in this rollout, so somebody else has to decide.");

        var named = terms.Approvers.Count == 0
            ? agent.Rollout.Owners.Contains(person.Id)
            : terms.Approvers.Any(a => directory.Names(a, person));
        if (named && terms.Sequence && terms.Approvers.Count > 0)
        {
            var turn = terms.Approvers[Math.Min(approvals, terms.Approvers.Count - 1)];
            if (!directory.Names(turn, person)) return new(Standing.NotYet, $"{Words(turn, directory)} decides first.");
        }
        if (named) return new(Standing.Named, terms.Approvers.Count == 0 ? "You are an owner of the rollout, and the rule names nobody else." : "The rule names you.");
        if (person.Is(ConsoleRoles.Admin) && !owner) return new(Standing.BreakGlass, $"{(terms.Approvers.Count == 0 ? "You are not an owner of the rollout" : "You are not named by the rule")}. As an admin you can decide it as break-glass; that is recorded and shown.");
        return new(Standing.None, terms.Approvers.Count == 0 ? "The rule names nobody, so the rollout's owners decide, and you are not one of them." : "The rule names other people.");
    }

    /// <summary>Who can give the next yes: named, their turn in a sequence, and not among those who said yes to this proposal already. Break-glass left out. Nobody: 'nobody eligible'.</summary>
    public static IEnumerable<PersonEntry> Eligible(ApprovalRequest request, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory)
        => Eligible(request, request.Terms, onBehalfOf, agent, directory);

    /// <summary>As <see cref="Eligible(ApprovalRequest, string?, AgentAuthority, PeopleDirectory)"/>, if the request stood under other terms.</summary>
    public static IEnumerable<PersonEntry> Eligible(ApprovalRequest request, ApprovalTerms terms, string? onBehalfOf, AgentAuthority agent, PeopleDirectory directory)
    {
        var people = terms.Approvers.Count == 0
            ? agent.Rollout.Owners.Where(directory.People.ContainsKey).Select(id => directory.People[id])
            : terms.Approvers.SelectMany(directory.Resolve);
        return people.DistinctBy(p => p.Id).Where(p => Of(p, terms, request.Approvals, onBehalfOf, agent, directory).Standing == Standing.Named && request.CurrentVotes.All(v => v.PersonId != p.Id));
    }

    /// <summary>An approver entry in words: the person's name, or 'group leads'.</summary>
    public static string Words(string approver, PeopleDirectory directory)
        => (ApproverEntry.IsGroup(approver) ? "group " : "") + directory.Called(approver);
}
