using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Data;

namespace OpsConsole.Features.Approvals;

/// <summary>Somebody who is asked now.</summary>
/// <param name="Why"><c>named</c>, <c>deputy</c>, <c>stands_in</c>, <c>handed_on</c> or <c>escalated</c>.</param>
/// <param name="PlaceOf">In whose place, by name; null: their own.</param>
/// <param name="AtWork">Null: they keep no hours.</param>
/// <param name="Changes">When they stop working, or begin.</param>
/// <param name="Hours">That in words, in their own zone: 'at work until 17:00'.</param>
public sealed record AskedView(string PersonId, string Name, string Email, string Why, string? PlaceOf, bool? AtWork, DateTimeOffset? Changes, string? Hours)
{
    public const int Most = 20;

    internal static IReadOnlyList<AskedView> Of(ApprovalRequest a, string? onBehalfOf, ConsoleState state, DateTimeOffset now, IReadOnlyList<string>? last)
        => !a.Open ? [] : [.. Asked.Now(a, onBehalfOf, state.Agents[a.AgentId], state.Directory, now, last).Take(Most).Select(x => Of(x, state, now))];

    private static AskedView Of(Asked asked, ConsoleState state, DateTimeOffset now)
    {
        var (person, hours) = (asked.Person, asked.Person.Hours);
        DateTimeOffset? changes = hours is null ? null : hours.EndsAt(now) ?? hours.NextStart(now);
        return new AskedView(person.Id, person.Name, person.Email, asked.Escalated ? "escalated" : Handing.Word(asked.As), asked.For is null ? null : state.Directory.NameOf(asked.For), hours?.IsAtWork(now), changes,
            hours is null ? null : (hours.IsAtWork(now) ? "at work until " : "back ") + Local(changes!.Value, hours.Zone, now));
    }

    // Whoever waits for somebody abroad wants to know what that person's clock says; the page shows its reader's own on hover.
    private static string Local(DateTimeOffset at, TimeZoneInfo zone, DateTimeOffset now)
    {
        var (then, today) = (TimeZoneInfo.ConvertTime(at, zone), TimeZoneInfo.ConvertTime(now, zone));
        return then.ToString(then.Date == today.Date ? "HH:mm" : "ddd HH:mm", CultureInfo.InvariantCulture);
    }
}

/// <summary>Somebody who is asked and away.</summary>
/// <param name="StandIn">Who decides meanwhile, by name; null: nobody was named.</param>
public sealed record AwayView(string PersonId, string Name, DateTimeOffset Until, string? StandIn)
{
    internal static IReadOnlyList<AwayView> Of(ApprovalRequest a, ConsoleState state, DateTimeOffset now)
    {
        if (!a.Open) return [];
        var directory = state.Directory;
        var named = a.Terms.Approvers.Count > 0 ? a.Terms.Approvers.SelectMany(directory.Resolve) : state.Agents[a.AgentId].Rollout.Owners.Where(directory.People.ContainsKey).Select(id => directory.People[id]);
        return [.. named.DistinctBy(p => p.Id).Select(p => (Person: p, Absence: directory.Away(p.Id, now))).Where(x => x.Absence is not null).Take(AskedView.Most)
            .Select(x => new AwayView(x.Person.Id, x.Person.Name, x.Absence!.Until, x.Absence.DelegateId is { } id ? directory.NameOf(id) : null))];
    }
}

/// <summary>A request went to other people by hand.</summary>
/// <param name="To">In words, for what was handed on; null: it was escalated.</param>
public sealed record MoveView(string PersonId, string Name, string? To, string Reason, DateTimeOffset At)
{
    internal static IReadOnlyList<MoveView> Of(ApprovalRequest a, ConsoleState state)
        => [.. (a.Terms.Moves ?? []).Select(m => new MoveView(m.By, state.Directory.NameOf(m.By), m.To is { } to ? Deciders.Words(to, state.Directory) : null, m.Reason, m.At))];
}

/// <summary>Somebody to whom a request can be handed on.</summary>
/// <param name="Entry">As the verdict names them.</param>
public sealed record Taker(string Entry, string Words);

/// <summary>Whose yes let the last request of each rule go, in the rollouts that want other people each time.</summary>
public sealed class LastOnes
{
    private readonly List<LastApprovers> _known;
    private LastOnes(List<LastApprovers> known) => _known = known;

    public static async Task<LastOnes> ReadAsync(OpsDbContext db, IReadOnlyList<ApprovalRequest> requests, ConsoleState state, CancellationToken ct)
    {
        var rollouts = requests.Where(a => a.Open && a.Terms.Quorum >= 2 && state.Rollouts.TryGetValue(a.RolloutId, out var rollout) && rollout.RotateApprovers).Select(a => a.RolloutId).Distinct().ToList();
        return new LastOnes(rollouts.Count == 0 ? [] : await db.LastApprovers.AsNoTracking().Where(l => rollouts.Contains(l.RolloutId)).ToListAsync(ct));
    }

    public IReadOnlyList<string>? Of(ApprovalRequest a) => _known.Find(l => l.RolloutId == a.RolloutId && l.RuleId == a.Terms.RuleId && l.Seq != a.Seq && a.Terms.Quorum >= 2)?.People;
}
