using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Core.Incidents;

/// <summary>Who is told at a level, as the matrix names them (<c>role:…</c>, <c>user:…</c>), and how long they have before the next one is.</summary>
public sealed record EscalationLevel(IReadOnlyList<string> Entries, TimeSpan Wait);

/// <summary>
/// The way an incident goes while nobody takes it: the row's owner, its deputy, those who answer for the rollout, the sponsor with the console's admins. The levels are written down when it opens, so a later change of the matrix does not move it;
/// who stands behind a role is looked up when it is told, so whoever has left is not waited for.
/// </summary>
public static class EscalationLevels
{
    /// <summary>Where the row says no time, or none that can be read.</summary>
    public static readonly TimeSpan UsualWait = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1), Longest = TimeSpan.FromDays(1);
    /// <summary>Not a role of the rollout: the admins of the console, who always exist.</summary>
    public const string Admins = "admins";

    /// <param name="row">Of the escalation matrix; null where no scenario fits.</param>
    public static IReadOnlyList<EscalationLevel> Of(WorksheetRow? row)
    {
        var wait = Wait(row?.Text("sla"));
        string[] owner = [row?.Text("owner") ?? "", .. row is null ? ["role:" + RolloutRole.IncidentOwner.Wire()] : Array.Empty<string>()];
        IReadOnlyList<string>[] entries =
        [
            [.. owner.Where(e => e.Length > 0)], row?.Text("deputy") is { Length: > 0 } deputy ? [deputy] : [],
            ["role:" + RolloutRole.IncidentOwner.Wire(), "role:" + RolloutRole.RolloutOwner.Wire()], ["role:" + RolloutRole.ExecSponsor.Wire(), Admins],
        ];
        return [.. entries.Where(e => e.Count > 0).Select(e => new EscalationLevel(e, wait))];
    }

    /// <summary>The people of a level as things stand: holders of a role and their deputies, whoever stands in for somebody away. Nobody who cannot sign in.</summary>
    public static IReadOnlyList<string> People(EscalationLevel level, RolloutAuthority rollout, PeopleDirectory directory, DateTimeOffset now)
        => [.. level.Entries.SelectMany(e => e == Admins ? directory.People.Values.Where(p => p.Active && p.Is(ConsoleRoles.Admin)).Select(p => p.Id) : EscalationPeople.Meant(e, rollout, directory))
            .SelectMany(id => directory.Away(id, now) is { DelegateId: { } standIn } && directory.People.TryGetValue(standIn, out var there) && there.Active ? (string[])[id, standIn] : [id]).Distinct()];

    /// <summary>The first level from <paramref name="from"/> on that has anybody; the last one, where none has.</summary>
    public static int FirstWithPeople(IReadOnlyList<EscalationLevel> levels, int from, RolloutAuthority rollout, PeopleDirectory directory, DateTimeOffset now)
    {
        for (var level = Math.Min(from, levels.Count - 1); level < levels.Count; level++)
        {
            if (People(levels[level], rollout, directory, now).Count > 0) return level;
        }
        return levels.Count - 1;
    }

    private static TimeSpan Wait(string? words) => Authority.LengthOfTime.Read(words ?? "") is { } time ? time < Shortest ? Shortest : time > Longest ? Longest : time : UsualWait;
}
