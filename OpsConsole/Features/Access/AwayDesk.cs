using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Access;

/// <summary>A time away.</summary>
/// <param name="Delegate">E-mail of whoever decides meanwhile; null: nobody.</param>
/// <param name="By">Who put it there, by name.</param>
/// <param name="Warnings">What the delegate could not decide, in sentences.</param>
public sealed record AbsenceView(string Id, DateTimeOffset From, DateTimeOffset Until, string? Delegate, string? DelegateName, string? Note, string By, IReadOnlyList<string> Warnings);

/// <summary>When somebody works.</summary>
/// <param name="TimeZone">IANA zone; null: they never said, and UTC is used.</param>
/// <param name="Days"><c>mon</c> to <c>sun</c>; none: they keep no hours, and count as always at work.</param>
/// <param name="From">Local time as <c>09:00</c>; null without days. <paramref name="Until"/> that is not after it belongs to the next day.</param>
public sealed record HoursView(string? TimeZone, IReadOnlyList<string> Days, string? From, string? Until, bool AtWork);

/// <summary>When people are away and when they work: their own, and for an admin everybody's.</summary>
internal sealed class AwayDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, FreshSignIn fresh, TimeProvider time)
{
    public const int LongestNote = 500, LongestDays = 366;
    private const int Most = 100;

    /// <summary>Not found for anybody else's, but for an admin.</summary>
    private static Result<PersonEntry> Whose(ConsoleState state, PersonCaller me, string personId)
        => Sight.Me(state, me) is { Ok: true, Value: var myself } && (personId == me.Id || Permissions.MayManagePeople(myself)) && state.Directory.People.TryGetValue(personId, out var person) ? person : Fault.NotFound("person");

    /// <summary>The person themselves, as the page shows them. Faults: not found.</summary>
    public Result<PersonEntry> Find(PersonCaller me, string personId) => Whose(writer.State, me, personId);

    /// <summary>Whom the form offers to stand in for the reader: who is in their groups, or in a rollout that they see. Anybody else can be named by e-mail.</summary>
    public IReadOnlyList<(string Email, string Name)> StandIns(PersonCaller me)
    {
        var (state, directory) = (writer.State, writer.State.Directory);
        if (Whose(state, me, me.Id) is not { Ok: true, Value: var person }) return [];
        var near = state.Rollouts.Values.Where(r => !r.Archived && Permissions.MaySee(person, r, directory)).SelectMany(r => r.Members).Select(m => m.PersonId).Concat(person.Groups.SelectMany(g => directory.Groups[g].MemberIds)).ToHashSet();
        return [.. directory.People.Values.Where(p => p.Active && p.Id != person.Id && near.Contains(p.Id)).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => (p.Email, p.Name))];
    }

    /// <summary>Absences that are not over, soonest first. Faults: not found.</summary>
    public async Task<Result<IReadOnlyList<AbsenceView>>> ListAsync(PersonCaller me, string personId, CancellationToken ct)
    {
        var state = writer.State;
        if (Whose(state, me, personId).Fault is { } hidden) return hidden;
        var now = time.GetUtcNow();
        await using var db = await factory.CreateDbContextAsync(ct);
        var absences = await db.Absences.AsNoTracking().Where(a => a.PersonId == personId && a.Until > now).OrderBy(a => a.From).Take(Most).ToListAsync(ct);
        return absences.Select(a => View(a, state)).ToList();
    }

    /// <summary>
    /// Faults: not found; <c>field.invalid</c>; <c>absence.not_yours</c>, <c>person.unknown</c>, <c>absence.self</c>, <c>absence.delegate_inactive</c> (422); <c>absence.overlaps</c>, <c>absence.too_many</c> (409);
    /// with somebody who decides meanwhile, <c>scope.missing</c> and <c>sign_in.stale</c> (403).
    /// </summary>
    /// <param name="to">Who decides meanwhile, by e-mail; null: nobody. Only the person themselves names them.</param>
    public async Task<Result<AbsenceView>> AddAsync(PersonCaller me, string personId, DateTimeOffset from, DateTimeOffset until, string? to, string? note)
    {
        if (TextRules.Wrong("note", note, LongestNote) is { } wrong) return wrong;
        if (until <= from) return Fault.Invalid("field.invalid", "until must be after from.", "until");
        if (until - from > TimeSpan.FromDays(LongestDays)) return Fault.Invalid("field.invalid", $"An absence lasts at most {LongestDays} days; disable the account of somebody who is gone for good.", "until");
        var added = await writer.ChangeAsync<Absence>(async (scope, ct) =>
        {
            var whose = Whose(scope.State, me, personId);
            if (whose.Fault is { } hidden) return hidden;
            if (until <= scope.Now) return Fault.Invalid("field.invalid", "until is over already.", "until");
            PersonEntry? standIn = null;
            if (!string.IsNullOrWhiteSpace(to))
            {
                if (personId != me.Id) return Fault.Refused("absence.not_yours", "Only the person themselves names who stands in for them. Enter the absence without anybody: what asks them escalates instead.", "delegate");
                if (!me.HasScope("approvals")) return Fault.Forbidden("Whoever stands in decides for you, so naming them needs the scope 'approvals'.", "scope.missing");
                if (await fresh.AskAsync(scope, me, "Whoever stands in decides for you", ct) is { } stale) return stale;
                standIn = scope.State.Directory.Find(to);
                if (standIn is null) return Fault.Refused("person.unknown", $"The console knows nobody with the e-mail address '{(to.Length > 80 ? to[..80] : to)}'.", "delegate");
                if (standIn.Id == personId) return Fault.Refused("absence.self", "Nobody stands in for themselves. Name somebody else, or nobody.", "delegate");
                if (!standIn.Active) return Fault.Refused("absence.delegate_inactive", $"{standIn.Name}'s account is disabled or has not been activated, so they could decide nothing.", "delegate");
            }
            var others = await scope.Db.Absences.AsNoTracking().Where(a => a.PersonId == personId && a.Until > scope.Now).ToListAsync(ct);
            if (others.Exists(a => a.From < until && from < a.Until)) return Fault.Conflict("absence.overlaps", "There is an absence in that time already. Remove it first, or choose another time.");
            if (others.Count >= Most) return Fault.Conflict("absence.too_many", $"At most {Most} absences can be planned.");
            var absence = new Absence(Secrets.NewId("abs"), personId, from.ToUniversalTime(), until.ToUniversalTime(), standIn?.Id, string.IsNullOrWhiteSpace(note) ? null : note.Trim(), me.Id, scope.Now);
            scope.Db.Absences.Add(absence);
            scope.Audit(me.Actor, "absence.added", absence.Id, new { person = personId, from = Iso(absence.From), until = Iso(absence.Until), stand_in = standIn?.Id }, absence.Note is null ? null : new { note = absence.Note });
            scope.AuthorityChanged();
            return absence;
        });
        return added.Fault is { } fault ? fault : View(added.Value, writer.State);
    }

    /// <summary>Takes an absence away, also one that has begun: whoever comes back early is asked again at once. Faults: not found.</summary>
    public Task<Result<Done>> RemoveAsync(PersonCaller me, string personId, string absenceId) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (Whose(scope.State, me, personId).Fault is { } hidden) return hidden;
        if (await scope.Db.Absences.SingleOrDefaultAsync(a => a.Id == absenceId && a.PersonId == personId, ct) is not { } absence) return Fault.NotFound("absence");
        scope.Db.Absences.Remove(absence);
        scope.Audit(me.Actor, "absence.removed", absence.Id, new { person = personId, from = Iso(absence.From), until = Iso(absence.Until) });
        scope.AuthorityChanged();
        return Done.Value;
    });

    /// <summary>Faults: not found.</summary>
    public Result<HoursView> Hours(PersonCaller me, string personId) => Whose(writer.State, me, personId) is { Ok: true, Value: var person } ? View(person) : Fault.NotFound("person");

    /// <summary>Sets zone and hours; no days: they keep no hours. Faults: not found; <c>field.invalid</c>.</summary>
    /// <param name="from">Needed with days, as <paramref name="until"/> is.</param>
    public async Task<Result<HoursView>> SetHoursAsync(PersonCaller me, string personId, string? zone, WorkDays days, TimeOnly? from, TimeOnly? until)
    {
        if (zone is not null && !IanaZone.IsKnown(zone)) return Fault.Invalid("field.invalid", "time_zone must be an IANA zone such as Europe/Berlin.", "time_zone");
        if (days != WorkDays.None && (from is null || until is null)) return Fault.Invalid("field.required", "Working days need a time from which and until which.", from is null ? "from" : "until");
        var set = await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (Whose(scope.State, me, personId).Fault is { } hidden) return hidden;
            var user = await scope.Db.Users.SingleAsync(u => u.Id == personId, ct);
            (user.TimeZone, user.WorkDays, user.WorkFrom, user.WorkUntil) = days == WorkDays.None ? (zone, null, null, null) : (zone, (WorkDays?)days, from, until);
            scope.Audit(me.Actor, "person.hours_set", personId, new { time_zone = zone, days = string.Join(' ', Names(days)), from = Clock(user.WorkFrom), until = Clock(user.WorkUntil) });
            scope.AuthorityChanged();
            return Done.Value;
        });
        return set.Fault is { } fault ? fault : View(writer.State.Directory.People[personId]);
    }

    private HoursView View(PersonEntry person)
        => new(person.Zone?.Id, person.Hours is { } h ? [.. Names(h.Days)] : [], Clock(person.Hours?.From), Clock(person.Hours?.Until), person.Hours?.IsAtWork(time.GetUtcNow()) ?? true);

    private static AbsenceView View(Absence a, ConsoleState state)
    {
        var directory = state.Directory;
        var standIn = a.StandIn is { } id ? directory.People.GetValueOrDefault(id) : null;
        return new AbsenceView(a.Id, a.From, a.Until, standIn?.Email, standIn?.Name, a.Note, directory.NameOf(a.By), standIn is null || !directory.People.TryGetValue(a.PersonId, out var person) ? [] : [.. Warnings(a, person, standIn, state)]);
    }

    /// <summary>What the stand-in could not decide: requests of agents that they own, where duties are separated; nothing while they are away themselves.</summary>
    private static IEnumerable<string> Warnings(Absence a, PersonEntry person, PersonEntry standIn, ConsoleState state)
    {
        if (!standIn.Active) yield return $"{standIn.Name}'s account is disabled, so they can decide nothing.";
        if (state.Directory.AwayBetween(standIn.Id, a.From, a.Until)) yield return $"{standIn.Name} is away for some of that time; meanwhile nobody stands in.";
        foreach (var agent in state.Agents.Values.Where(x => !x.Retired && x.OwnerId == standIn.Id && x.Rollout.SeparationOfDuties && Decides(person, x.Rollout, state.Directory)).OrderBy(x => x.Name, StringComparer.Ordinal).Take(10))
            yield return $"{standIn.Name} owns {agent.Name} in {agent.Rollout.Name}, so its requests are not theirs to decide.";
    }

    private static bool Decides(PersonEntry person, RolloutAuthority rollout, PeopleDirectory directory)
        => rollout.Owners.Contains(person.Id) || (rollout.Policy?.Document.Rules.Any(r => r.Approvers.Concat(r.EscalateTo).Any(e => directory.Names(e, person))) ?? false);

    private static IEnumerable<string> Names(WorkDays days) => WorkingHours.DayNames.Where(d => days.HasFlag(d.Value)).Select(d => d.Key);
    private static string? Clock(TimeOnly? at) => at?.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
    private static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}
