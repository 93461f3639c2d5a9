using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Access;

/// <summary>Finds a thing for a person: what they may not see does not exist for them (not found), what they may see but not do is forbidden.</summary>
public static class Sight
{
    /// <summary>The person as the state knows them now: roles taken away since they signed in are gone. Not found when they are disabled or gone.</summary>
    public static Result<PersonEntry> Me(ConsoleState state, PersonCaller caller)
        => state.Directory.People.TryGetValue(caller.Id, out var me) && me.Active ? me : Fault.NotFound("person");

    /// <param name="may">The right that is asked for; null: seeing is enough.</param>
    /// <param name="refusal">Who may, for people; used when <paramref name="may"/> says no.</param>
    public static Result<RolloutAuthority> Rollout(ConsoleState state, PersonCaller caller, string id, Func<PersonEntry, RolloutAuthority, bool>? may = null, string refusal = "")
    {
        if (Me(state, caller) is not { Ok: true, Value: var me } || !state.Rollouts.TryGetValue(id, out var rollout) || !Permissions.MaySee(me, rollout, state.Directory)) return Fault.NotFound("rollout");
        return may is null || may(me, rollout) ? rollout : Fault.Forbidden(refusal);
    }

    /// <summary>An agent is seen by whoever sees its rollout, and by its owner.</summary>
    public static Result<AgentAuthority> Agent(ConsoleState state, PersonCaller caller, string id, Func<PersonEntry, AgentAuthority, bool>? may = null, string refusal = "")
    {
        if (Me(state, caller) is not { Ok: true, Value: var me } || !state.Agents.TryGetValue(id, out var agent)
            || (agent.OwnerId != me.Id && !Permissions.MaySee(me, agent.Rollout, state.Directory))) return Fault.NotFound("agent");
        return may is null || may(me, agent) ? agent : Fault.Forbidden(refusal);
    }
}
