namespace OpsConsole.Core.Access;

/// <summary>What a person may do in the console as a whole. Several may be held at once.</summary>
[Flags]
public enum ConsoleRoles
{
    None = 0,
    /// <summary>Runs the console: people, settings, break-glass decisions.</summary>
    Admin = 1,
    /// <summary>Creates rollouts and leads workshops.</summary>
    Facilitator = 2,
    /// <summary>Works in the rollouts they belong to.</summary>
    Member = 4,
    /// <summary>Clears queues they are named in.</summary>
    Approver = 8,
    /// <summary>Decides on scaling.</summary>
    Sponsor = 16,
    /// <summary>Reads everything, changes nothing.</summary>
    Auditor = 32,
}

/// <summary>The named people of a rollout (product.md, 'The two artefacts').</summary>
public enum RolloutRole { RolloutOwner, WorkflowOwner, IncidentOwner, EngineeringOwner, RiskLead, ExecSponsor, RedTeamReviewer, Approver, Member }

public static class RoleNames
{
    public static readonly IReadOnlyDictionary<string, ConsoleRoles> Console = Enum.GetValues<ConsoleRoles>()
        .Where(r => r != ConsoleRoles.None).ToDictionary(r => r.ToString().ToLowerInvariant());

    public static readonly IReadOnlyDictionary<string, RolloutRole> Rollout = new Dictionary<string, RolloutRole>
    {
        ["rollout_owner"] = RolloutRole.RolloutOwner, ["workflow_owner"] = RolloutRole.WorkflowOwner, ["incident_owner"] = RolloutRole.IncidentOwner,
        ["engineering_owner"] = RolloutRole.EngineeringOwner, ["risk_lead"] = RolloutRole.RiskLead, ["exec_sponsor"] = RolloutRole.ExecSponsor,
        ["red_team_reviewer"] = RolloutRole.RedTeamReviewer, ["approver"] = RolloutRole.Approver, ["member"] = RolloutRole.Member,
    };

    public static string Wire(this RolloutRole role) => Rollout.First(r => r.Value == role).Key;

    public static IReadOnlyList<string> Wire(this ConsoleRoles roles) => [.. Console.Where(r => roles.HasFlag(r.Value)).Select(r => r.Key)];

    /// <summary>Words for people: 'rollout owner'.</summary>
    public static string Words(this RolloutRole role) => role.Wire().Replace('_', ' ');
}
