using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Authority;

/// <summary>How the console knows the approvers that a matrix names.</summary>
public static class ApproverLookup
{
    /// <summary>For <see cref="MatrixAnalyser.Analyse"/>: a disabled person can never decide and counts as unknown; who was invited only, or is in no role of the rollout, is not a member yet; a group is as good as its best member.</summary>
    public static Func<string, ApproverStanding> For(PeopleDirectory directory, RolloutAuthority rollout) => approver =>
    {
        var named = directory.Resolve(approver).ToList();
        if (named.Any(p => p.Active && rollout.Members.Any(m => m.PersonId == p.Id))) return ApproverStanding.Known;
        if (named.Any(p => !p.Disabled)) return ApproverStanding.NotAMemberYet;
        return ApproverEntry.IsGroup(approver) && directory.GroupsByName.ContainsKey(ApproverEntry.Bare(approver)) ? ApproverStanding.NotAMemberYet : ApproverStanding.Unknown;
    };
}
