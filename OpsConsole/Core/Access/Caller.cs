using System.Collections.Frozen;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;

namespace OpsConsole.Core.Access;

/// <summary>An agent that called with a live key.</summary>
public sealed record AgentCaller(string AgentId, string KeyId)
{
    public Actor Actor => Actor.Agent(AgentId, KeyId);
}

/// <summary>A person who is signed in, or calls with a personal token. Resolved against the present state, so that a role taken away is gone at once.</summary>
/// <param name="Scopes">Null for a session: everything the person may do.</param>
/// <param name="Auth">How they proved who they are: <c>session</c> or <c>token:…</c>.</param>
/// <param name="SignedInAt">When the session began.</param>
/// <param name="Session">Its name.</param>
public sealed record PersonCaller(PersonEntry Person, FrozenSet<string>? Scopes, string Auth, DateTimeOffset? SignedInAt = null, string? Session = null)
{
    public bool InBrowser => Auth == "session";
    public string Id => Person.Id;
    public Actor Actor => Actor.Person(Person.Id, Auth);
    public bool HasScope(string scope) => Scopes is null || Scopes.Contains("*") || Scopes.Contains(scope);
}

/// <summary>Who may do what (people). Every rule is here and is asked by the services, never by a page alone.</summary>
public static class Permissions
{
    private static readonly RolloutRole[] Editors = [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner, RolloutRole.EngineeringOwner, RolloutRole.RiskLead];
    private static readonly RolloutRole[] Pausers = [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner, RolloutRole.IncidentOwner, RolloutRole.EngineeringOwner, RolloutRole.RiskLead];

    public static bool IsAdmin(PersonEntry person) => person.Active && person.Is(ConsoleRoles.Admin);
    /// <summary>Sees every rollout: admins and facilitators run them, sponsors decide on them, auditors check them.</summary>
    public static bool SeesAll(PersonEntry person) => person.Active && person.Is(ConsoleRoles.Admin | ConsoleRoles.Facilitator | ConsoleRoles.Sponsor | ConsoleRoles.Auditor);
    public static bool MayReadAudit(PersonEntry person) => person.Active && person.Is(ConsoleRoles.Admin | ConsoleRoles.Auditor);
    public static bool MayManagePeople(PersonEntry person) => IsAdmin(person);
    public static bool MayCreateRollout(PersonEntry person) => person.Active && person.Is(ConsoleRoles.Admin | ConsoleRoles.Facilitator);

    /// <summary>Members see their rollout; so does whoever its published matrix names as an approver.</summary>
    public static bool MaySee(PersonEntry person, RolloutAuthority rollout, PeopleDirectory directory)
        => person.Active && (SeesAll(person) || rollout.Members.Any(m => m.PersonId == person.Id)
            || (rollout.Policy?.Document.Rules.Any(r => r.Approvers.Concat(r.EscalateTo).Any(a => directory.Names(a, person))) ?? false));

    public static bool MayEdit(PersonEntry person, RolloutAuthority rollout)
        => person.Active && (person.Is(ConsoleRoles.Admin | ConsoleRoles.Facilitator) || rollout.Has(person.Id, Editors));

    /// <summary>Whoever sits in the workshop writes on its worksheets: every member, whatever their role. What a worksheet says gives no authority by itself.</summary>
    public static bool MayWrite(PersonEntry person, RolloutAuthority rollout)
        => person.Active && (person.Is(ConsoleRoles.Admin | ConsoleRoles.Facilitator) || rollout.Members.Any(m => m.PersonId == person.Id));

    /// <summary>Says what people did where an agent only proposed: whoever does that work, so members and those whom the matrix names as approvers. Seeing alone (sponsors, auditors) is not enough, because gate C counts it.</summary>
    public static bool MayRecordShadow(PersonEntry person, RolloutAuthority rollout, PeopleDirectory directory)
        => MayWrite(person, rollout) || (person.Active && (rollout.Policy?.Document.Rules.Any(r => r.Approvers.Concat(r.EscalateTo).Any(a => directory.Names(a, person))) ?? false));

    public static bool MayPublish(PersonEntry person, RolloutAuthority rollout)
        => person.Active && (IsAdmin(person) || rollout.Has(person.Id, RolloutRole.RolloutOwner, RolloutRole.RiskLead));

    /// <summary>Who answers for what the rollout is allowed to do: its people, confidence, audience, separation of duties. Narrower than <see cref="MayEdit"/>, so that nobody names themselves.</summary>
    public static bool MayGovern(PersonEntry person, RolloutAuthority rollout)
        => person.Active && (person.Is(ConsoleRoles.Admin | ConsoleRoles.Facilitator) || rollout.Has(person.Id, RolloutRole.RolloutOwner));

    /// <summary>Reads how others decide: who answers for the rollout's authority, and who checks it. Everybody reads it of themselves.</summary>
    public static bool MayOversee(PersonEntry person, RolloutAuthority rollout)
        => person.Active && (person.Is(ConsoleRoles.Admin | ConsoleRoles.Auditor) || rollout.Has(person.Id, RolloutRole.RolloutOwner, RolloutRole.RiskLead));

    /// <summary>The gate's named people (and their deputies); an admin always, which is recorded as an override.</summary>
    public static bool MayPassGate(PersonEntry person, RolloutAuthority rollout, Gate gate) => person.Active && (IsAdmin(person) || IsNamedFor(person, rollout, gate));
    public static bool IsNamedFor(PersonEntry person, RolloutAuthority rollout, Gate gate) => rollout.Has(person.Id, [.. Gates.NamedPeople(gate)]);

    /// <summary>Without proof a tier is given by an admin; taking one away is as easy as pausing.</summary>
    public static bool MayGrant(PersonEntry person) => IsAdmin(person);
    public static bool MayEndGrant(PersonEntry person, AgentAuthority agent) => MayPause(person, agent);
    /// <summary>Proposing gives nothing; who answers for the rollout's authority confirms, never the proposer, nor the agent's owner where duties are separated.</summary>
    public static bool MayProposePromotion(PersonEntry person, AgentAuthority agent) => MayManage(person, agent) || MayConfirmPromotion(person, agent);
    public static bool MayConfirmPromotion(PersonEntry person, AgentAuthority agent) => MayPublish(person, agent.Rollout) && !(agent.Rollout.SeparationOfDuties && agent.OwnerId == person.Id);
    /// <summary>A template gives nothing by itself, so whoever prepares rollouts may write one; applying it is granting.</summary>
    public static bool MayEditTemplates(PersonEntry person) => person.Active && person.Is(ConsoleRoles.Admin | ConsoleRoles.Facilitator);

    /// <summary>Pausing is easy: everybody who answers for the rollout may, and each agent's owner.</summary>
    public static bool MayPause(PersonEntry person, RolloutAuthority rollout) => person.Active && (IsAdmin(person) || rollout.Has(person.Id, Pausers));
    public static bool MayPause(PersonEntry person, AgentAuthority agent) => MayPause(person, agent.Rollout) || (person.Active && agent.OwnerId == person.Id);
    /// <summary>Whoever may pause the rollout may let it run again; an agent's owner takes back only a pause of their own.</summary>
    public static bool MayResume(PersonEntry person, AgentAuthority agent)
        => MayPause(person, agent.Rollout) || (person.Active && agent.OwnerId == person.Id && (agent.Paused is null || agent.Paused.By == person.Id));
    public static bool MayPauseEverything(PersonEntry person, ConsoleState state)
        => person.Active && (IsAdmin(person) || state.Rollouts.Values.Any(r => r.Has(person.Id, RolloutRole.IncidentOwner)));
    public static bool MayResumeEverything(PersonEntry person) => IsAdmin(person);

    /// <summary>Registering agents, their keys and caps.</summary>
    public static bool MayManageAgents(PersonEntry person, RolloutAuthority rollout)
        => person.Active && (IsAdmin(person) || rollout.Has(person.Id, RolloutRole.RolloutOwner, RolloutRole.EngineeringOwner));
    public static bool MayManage(PersonEntry person, AgentAuthority agent) => MayManageAgents(person, agent.Rollout) || (person.Active && agent.OwnerId == person.Id);

    /// <summary>Whoever owns an agent does not decide for it, so giving it to somebody else is not theirs to do: an admin or a rollout owner does, who does not own it.</summary>
    public static bool MayReassign(PersonEntry person, AgentAuthority agent)
        => person.Active && agent.OwnerId != person.Id && (IsAdmin(person) || agent.Rollout.Has(person.Id, RolloutRole.RolloutOwner));
    /// <summary>For the same reason separation of duties is switched off by somebody who owns no agent there.</summary>
    public static bool MayEndSeparation(PersonEntry person, RolloutAuthority rollout, ConsoleState state)
        => MayGovern(person, rollout) && !state.Agents.Values.Any(a => a.Rollout.Id == rollout.Id && !a.Retired && a.OwnerId == person.Id);

    /// <summary>The rollouts a person may see; null: all.</summary>
    public static IReadOnlyList<string>? VisibleRollouts(PersonEntry person, ConsoleState state)
        => SeesAll(person) ? null : [.. state.Rollouts.Values.Where(r => MaySee(person, r, state.Directory)).Select(r => r.Id)];

    /// <summary>The rollouts that a list looks through one by one: a single null for all at once; none when there is nothing to see.</summary>
    /// <param name="visible">As <see cref="VisibleRollouts"/> gave them.</param>
    /// <param name="wanted">Only this one, where it is named.</param>
    public static IReadOnlyList<string?> OneByOne(IReadOnlyList<string>? visible, string? wanted)
        => wanted is not null ? visible is null || visible.Contains(wanted) ? [wanted] : [] : visible is null ? [null] : [.. visible];
}
