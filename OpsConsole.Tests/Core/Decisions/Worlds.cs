using System.Collections.Frozen;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Tests.Core.Decisions;

/// <summary>Small states to decide in: one rollout, one agent, a few people.</summary>
internal static class Worlds
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 9, 0, 0, TimeSpan.Zero);
    public static readonly PauseInfo Pause = new(Now, "per_dana", "stop");

    public static readonly RolloutAuthority Rollout = new("rol_1", "Orders", TimeZoneInfo.Utc, null, Gate.D, null, 0.6, false, null, true, [("per_dana", RolloutRole.RolloutOwner, false)], false);
    public static readonly AgentAuthority Agent = new("agt_1", "Helper", AgentKind.Autonomous, "per_ann", null, false, Rollout, [new GrantEntry("grt_1", "*", Tier.Executor, null)], CapSpec.None, false);

    public static AgentAuthority Under(string matrix, Gate gate = Gate.D, Tier? tier = Tier.Executor, Func<RolloutAuthority, RolloutAuthority>? rollout = null)
    {
        var inside = Rollout with { Gate = gate, Policy = CompiledPolicy.Compile(MatrixJson.Parse(JsonElement.Parse(matrix)).Value, 3) };
        return Agent with { Rollout = rollout?.Invoke(inside) ?? inside, Grants = tier is { } held ? [new GrantEntry("grt_1", "*", held, null)] : [] };
    }

    public static Ruling Decide(AgentAuthority agent, Ask? ask = null, PauseInfo? everything = null) => DecisionRules.Decide(ask ?? Ask(), agent, State(agent) with { Paused = everything }, Now);

    public static ConsoleState State(AgentAuthority agent) => ConsoleState.Empty with { Agents = new Dictionary<string, AgentAuthority> { [agent.Id] = agent }.ToFrozenDictionary() };

    public static Ask Ask(string action = "order.update", string arguments = "{}", double? confidence = null, AskMode mode = AskMode.Live)
    {
        var element = JsonElement.Parse(arguments);
        return new Ask
        {
            Action = action, Arguments = arguments, Confidence = confidence, Mode = mode, Payload = "{}"u8.ToArray(), Call = new PolicyCall { Action = action, Arguments = element, Confidence = confidence },
            Digest = CallDigest.Of("agt_1", action, element, default, default, null),
        };
    }

    public static PersonEntry Person(string name, ConsoleRoles roles = ConsoleRoles.Member, bool disabled = false, bool joined = true, params string[] groups) =>
        new("per_" + name, name + "@example.com", char.ToUpperInvariant(name[0]) + name[1..], roles, disabled, joined, "", groups.ToFrozenSet());

    public static PeopleDirectory People(params PersonEntry[] people) => new(people,
        [.. people.SelectMany(p => p.Groups).Distinct().Select(g => new GroupEntry(g, g, [.. people.Where(p => p.Groups.Contains(g)).Select(p => p.Id)]))], [], []);
}
