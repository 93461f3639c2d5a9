using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Incidents;

/// <summary>A scenario of the escalation matrix, as somebody who reports a failure chooses it.</summary>
/// <param name="First">Who would be told first, as things stand.</param>
/// <param name="Path">How they are reached, in the team's words.</param>
/// <param name="Wait">How long they have before the next people are told.</param>
/// <param name="Responses">What the console does at once, in words.</param>
public sealed record ScenarioView(string Row, string Scenario, string Trigger, string? Severity, string Path, IReadOnlyList<NamedPerson> First, TimeSpan Wait, IReadOnlyList<string> Responses);

/// <summary>What can be reported in a rollout: its scenarios, and who is told where none fits.</summary>
public sealed record ReportView(string RolloutId, string RolloutName, IReadOnlyList<ScenarioView> Scenarios, ScenarioView None);

/// <summary>Reads incidents: those of the rollouts that the reader sees, and besides those under way that they have a part in.</summary>
public sealed class IncidentReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    private const int MostPeople = 500;

    /// <summary>Newest first; <c>after</c> is the <c>next</c> of the page before.</summary>
    /// <param name="log">Only those reported then, and of that severity; its days are those of the rollout's clocks, or of UTC over several.</param>
    public async Task<Result<Wire.Page<IncidentView>>> ListAsync(PersonCaller me, string? rolloutId, bool openOnly, LogFilter log, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Me(state, me) is not { Ok: true, Value: var person }) return Fault.NotFound("incident");
        if (rolloutId is not null && Sight.Rollout(state, me, rolloutId).Fault is { } hidden) return hidden;
        var before = long.MaxValue;
        if (page.After is not null && !Ids.TrySeq(page.After, "inc", out before)) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
        var zone = rolloutId is null ? TimeZoneInfo.Utc : state.Rollouts[rolloutId].Zone;
        await using var db = await factory.CreateDbContextAsync(ct);
        var found = (await IncidentClock.Open(db).ToListAsync(ct)).Where(i => i.Seq < before && (rolloutId is null || i.RolloutId == rolloutId) && log.Takes(i, zone) && IncidentDesk.Sees(person, i, state, writer.Now)).ToList();
        if (!openOnly)
            foreach (var rollout in Permissions.OneByOne(Permissions.VisibleRollouts(person, state), rolloutId)) found.AddRange(await log.Of(Listed(db, rollout, before), zone).Take(page.Limit + 1).ToListAsync(ct));
        return Wire.PageOf([.. found.DistinctBy(i => i.Seq).OrderByDescending(i => i.Seq).Take(page.Limit + 1)], page.Limit, i => i.Id, i => IncidentView.Of(i, state, writer.Now));
    }

    /// <param name="rollout">Null: of all.</param>
    internal static IQueryable<Incident> Listed(OpsDbContext db, string? rollout, long before)
        => (rollout is null ? db.Incidents.AsNoTracking() : db.Incidents.AsNoTracking().Where(i => i.RolloutId == rollout)).Where(i => i.Seq < before).OrderByDescending(i => i.Seq);

    internal static IQueryable<IncidentEntry> Lines(OpsDbContext db, string id) => db.IncidentEntries.AsNoTracking().Where(e => e.IncidentId == id).OrderBy(e => e.Seq);
    internal static IQueryable<IncidentLink> Links(OpsDbContext db, string id) => db.IncidentLinks.AsNoTracking().Where(l => l.IncidentId == id);
    internal static IQueryable<IncidentResponse> Responses(OpsDbContext db, string id) => db.IncidentResponses.AsNoTracking().Where(r => r.IncidentId == id).OrderBy(r => r.Seq);

    /// <summary>Not found where the person neither sees the rollout nor has a part in it.</summary>
    public async Task<Result<IncidentStory>> FindAsync(PersonCaller me, string id, CancellationToken ct)
    {
        var state = writer.State;
        await using var db = await factory.CreateDbContextAsync(ct);
        if (!Ids.TrySeq(id, "inc", out var seq) || await db.Incidents.AsNoTracking().SingleOrDefaultAsync(i => i.Seq == seq, ct) is not { } incident || incident.Id != id || !await IncidentDesk.SeesAsync(db, me, incident, state, writer.Now, ct)) return Fault.NotFound("incident");
        var lines = await Lines(db, id).ToListAsync(ct);
        var links = (await Links(db, id).ToListAsync(ct)).OrderBy(l => l.At).ThenBy(l => l.Reference, StringComparer.Ordinal).ToList();
        var responses = await Responses(db, id).ToListAsync(ct);
        var mayTakePart = IncidentDesk.TakesPart(me, incident, state, writer.Now);
        var people = mayTakePart ? state.Directory.People.Values.Where(p => p.Active && IncidentDesk.Sees(p, incident, state, writer.Now)).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Take(MostPeople).Select(p => new NamedPerson(p.Id, p.Name)).ToList() : [];
        var path = incident is { Open: true, Row: { } row } ? (await IncidentIntake.RowsAsync(db, incident.RolloutId, ct)).FirstOrDefault(r => r.Id == row)?.Text("path") : null;
        return new IncidentStory(IncidentView.Of(incident, state, writer.Now), [.. lines.Select(e => new TimelineLine(e.Seq, e.Kind, e.At, IncidentView.Name(e.By, state), e.Text))], [.. links.Select(l => new IncidentReference(l.Kind, l.Reference))],
            [.. responses.Select(r => new ResponseView(r.Seq, r.Kind.Wire(), IncidentView.Name(r.By, state), r.At, r.Says, r.MayBeTakenBack, r.TakenBackAt, r.TakenBackBy is { } by ? new NamedPerson(by, state.Directory.NameOf(by)) : null))], mayTakePart, people, path ?? "");
    }

    /// <summary>Whether the person sees the incident at this moment of a change.</summary>
    public static async Task<bool> SeesAsync(ChangeScope scope, PersonCaller me, string id, CancellationToken ct)
        => Ids.TrySeq(id, "inc", out var seq) && await scope.Db.Incidents.AsNoTracking().SingleOrDefaultAsync(i => i.Seq == seq, ct) is { } incident && incident.Id == id && IncidentDesk.Sees(me, incident, scope.State, scope.Now);

    /// <summary>How many incidents wait for the reader: their escalation has reached them, and nobody has taken it.</summary>
    public async Task<int> WaitingAsync(PersonCaller me, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        await using var db = await factory.CreateDbContextAsync(ct);
        return (await IncidentClock.Open(db).Where(i => i.OwnerId == null).ToListAsync(ct)).Count(i => state.Rollouts.TryGetValue(i.RolloutId, out var rollout) && IncidentRules.Reached(i, rollout, state.Directory, now).Contains(me.Id));
    }

    /// <summary>Rollouts in which the reader may report a failure, by name.</summary>
    public IReadOnlyList<(string Id, string Name)> Rollouts(PersonCaller me)
        => [.. writer.State.Rollouts.Values.Where(r => Permissions.MayWrite(me.Person, r)).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).Select(r => (r.Id, r.Name))];

    /// <summary>The rollout of a decision that the reader may see; null: none such.</summary>
    public async Task<string?> RolloutOfAsync(PersonCaller me, string decisionId, CancellationToken ct)
    {
        if (!Ids.TrySeq(decisionId, "dec", out var seq)) return null;
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.Decisions.AsNoTracking().Where(d => d.Seq == seq && d.Id == decisionId).Select(d => d.RolloutId).SingleOrDefaultAsync(ct) is { } rollout && Sight.Rollout(writer.State, me, rollout).Ok ? rollout : null;
    }

    /// <summary>A response in the words of the escalation matrix.</summary>
    internal static string Title(string response) => WorksheetSpecs.Responses.First(r => r.Word == response).Title;

    /// <summary>What can be reported there. Faults: not found.</summary>
    public async Task<Result<ReportView>> ReportableAsync(PersonCaller me, string rolloutId, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await IncidentIntake.RowsAsync(db, rolloutId, ct);
        return new ReportView(rolloutId, rollout.Name, [.. rows.Where(r => r.Has("scenario")).Select(View)], View(null));

        ScenarioView View(WorksheetRow? row)
        {
            var levels = EscalationLevels.Of(row);
            var first = levels[EscalationLevels.FirstWithPeople(levels, 0, rollout, state.Directory, now)];
            return new(row?.Id ?? "", row?.Text("scenario") ?? "", row?.Text("trigger") ?? "", SeveritySpec.Parse(row?.Text("severity"))?.Wire, row?.Text("path") ?? "",
                [.. EscalationLevels.People(first, rollout, state.Directory, now).Select(id => new NamedPerson(id, state.Directory.NameOf(id)))], first.Wait, [.. IncidentIntake.Responses(row).Select(k => Title(k.Wire()))]);
        }
    }
}
