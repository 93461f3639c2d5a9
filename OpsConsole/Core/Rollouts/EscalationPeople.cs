using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Core.Rollouts;

/// <summary>Which people a worksheet means: roles through the roster, others by their e-mail. Who cannot sign in is left out, and who is no member of the rollout.</summary>
public static class EscalationPeople
{
    public static IReadOnlyList<string> Active(RolloutRole role, bool deputy, RolloutAuthority rollout, PeopleDirectory directory)
        => [.. rollout.Members.Where(m => m.Role == role && m.Deputy == deputy && directory.People.TryGetValue(m.PersonId, out var person) && person.Active).Select(m => m.PersonId)];

    /// <summary>The first to be asked first: a role means its holders, then their deputies. Empty where the text means nobody.</summary>
    public static IReadOnlyList<string> Meant(string words, RolloutAuthority rollout, PeopleDirectory directory)
    {
        const string role = "role:";
        if (words.StartsWith(role, StringComparison.Ordinal))
            return RoleNames.Rollout.TryGetValue(words[role.Length..], out var held) ? [.. Active(held, false, rollout, directory).Concat(Active(held, true, rollout, directory)).Distinct()] : [];
        return ApproverEntry.IsUser(words) ? [.. directory.Resolve(words).Where(p => p.Active && rollout.Members.Any(m => m.PersonId == p.Id)).Select(p => p.Id)] : [];
    }

    /// <summary>Who takes a row of the escalation matrix: its owner, then its deputy.</summary>
    public static IReadOnlyList<string> Takers(WorksheetRow row, RolloutAuthority rollout, PeopleDirectory directory)
        => [.. Meant(row.Text("owner"), rollout, directory).Concat(Meant(row.Text("deputy"), rollout, directory)).Distinct()];
}
