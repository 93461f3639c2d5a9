using System.Globalization;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Incidents;

/// <summary>How incidents begin: people and agents report them, alerts open them, and what comes of the same cause feeds the one that is there.</summary>
public sealed class IncidentIntake(DurableWriter writer)
{
    private const string Reporters = "A failure is reported by the members of the rollout, a facilitator or an admin.";

    /// <summary>Reports a failure and tells the first people. Faults: not found, forbidden, <c>field.invalid</c>, <c>row.unknown</c>, <c>decision.unknown</c>, <c>incident.times</c>.</summary>
    public Task<Result<IncidentView>> OpenAsync(PersonCaller me, OpenIncidentRequest request)
        => OpenAsync(me.Actor, IncidentSource.Person, request, state => Sight.Rollout(state, me, request.RolloutId ?? "", Permissions.MayWrite, Reporters));

    /// <summary>
    /// An agent reports what it noticed, in its own rollout and about its own decisions; the incident is about the agent. Its row says who is told, and sets off what concerns the agent alone (<see cref="ResponseKinds.ByItsOwnReport"/>).
    /// While an incident of the same agent and row is open, and for <see cref="AlertSpec.CoolDown"/> after its end, another report feeds it and pages nobody; a worse severity raises it, or opens another where it had ended. Faults besides: <c>incident.again</c> (less than <see cref="Between"/> since its last).
    /// </summary>
    public Task<Result<IncidentView>> OpenAsync(AgentCaller agent, OpenIncidentRequest request)
        => OpenAsync(Actor.Agent(agent.AgentId, agent.KeyId), IncidentSource.Agent, request, state => state.Agents.TryGetValue(agent.AgentId, out var known) ? known.Rollout : Fault.NotFound("agent"), agent.AgentId);

    private Task<Result<IncidentView>> OpenAsync(Actor by, IncidentSource source, OpenIncidentRequest request, Func<ConsoleState, Result<RolloutAuthority>> where, string? agentId = null) => writer.ChangeAsync<IncidentView>(async (scope, ct) =>
    {
        if (request.Wrong() is { } invalid) return invalid;
        if (where(scope.State) is not { Ok: true, Value: var rollout }) return where(scope.State).Fault!;
        WorksheetRow? row = null;
        if (request.Row is { } wanted && (row = (await RowsAsync(scope.Db, rollout.Id, ct)).FirstOrDefault(r => r.Id == wanted)) is null)
            return Fault.Refused("row.unknown", "The escalation matrix has no such row (any more). Choose another scenario, or leave it out.", "row");
        var times = new IncidentTimes(request.OccurredAt ?? request.DetectedAt ?? scope.Now, request.DetectedAt ?? scope.Now);
        if (times.Wrong(scope.Now) is { } contradiction) return contradiction;
        var severity = request.Severity ?? SeveritySpec.Parse(row?.Text("severity"))?.Severity ?? Severity.Sev3;
        foreach (var decision in request.Decisions)
        {
            if (!Ids.TrySeq(decision, "dec", out var of) || await scope.Db.Decisions.AsNoTracking().Where(d => d.Seq == of).Select(d => new { d.Id, d.RolloutId, d.AgentId }).SingleOrDefaultAsync(ct) is not { } known || known.Id != decision || known.RolloutId != rollout.Id || (agentId is not null && known.AgentId != agentId))
                return Fault.Refused("decision.unknown", $"There is no decision {VisibleText.Flatten(decision)} here.", "decisions");
        }
        var cause = agentId is null ? null : AlertSpec.Report(agentId, row?.Id);
        if (cause is not null && await KnownAsync(scope, rollout.Id, cause, ct) is { } before && (before.Open || before.Severity <= severity)) return await FeedAsync(scope, before, by, severity, request, ct);
        var seq = scope.Audit(by, "incident.opened", rollout.Id, new { severity = SeveritySpec.Of(severity).Wire, row = row?.Id, source = source.ToString().ToLowerInvariant(), decisions = request.Decisions }, new { title = request.Title, text = request.Text }, rollout.Id);
        var incident = new Incident(seq, Ids.Make("inc", seq, RandomNumberGenerator.GetBytes(8)), rollout.Id, request.Title.Trim(), request.Text, severity, source, $"{by.Type}:{by.Id}", row?.Id, cause, EscalationLevels.Of(row), times, scope.Now);
        incident.Touches([.. Named(request).Distinct()]);
        scope.Db.Incidents.Add(incident);
        scope.Db.IncidentEntries.Add(new IncidentEntry(seq, incident.Id, "opened", scope.Now, $"{by.Type}:{by.Id}", request.Text is { Length: > 0 } words ? words : request.Title.Trim()));
        if (agentId is not null) await LinkAsync(scope, incident, "agent", agentId, ct);
        await LinkAsync(scope, incident, request, ct);
        IncidentDesk.Advance(scope, incident, writer.Now);
        foreach (var kind in Responses(row).Where(k => agentId is null || ResponseKinds.ByItsOwnReport.Contains(k))) await IncidentResponses.FireAsync(scope, incident, kind, Actor.System, ct);
        if (agentId is not null && Responses(row).Except(ResponseKinds.ByItsOwnReport).Select(k => IncidentReader.Title(k.Wire())).ToList() is { Count: > 0 } left)
            IncidentDesk.Note(scope, incident, Actor.System, "note", null, $"An agent's own report does not set off: {string.Join(", ", left)}. Whoever takes it does that by hand.");
        return IncidentDesk.View(scope, incident);
    });

    /// <summary>An agent's reports of one scenario are at least so far apart; each is a line that people read.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    // The same agent reports the same scenario again.
    private static async Task<Result<IncidentView>> FeedAsync(ChangeScope scope, Incident known, Actor by, Severity severity, OpenIncidentRequest request, CancellationToken ct)
    {
        var (me, since) = ($"{by.Type}:{by.Id}", scope.Now - Between);
        if (await scope.Db.IncidentEntries.AnyAsync(e => e.IncidentId == known.Id && e.By == me && e.At > since && (e.Kind == "opened" || e.Kind == "report"), ct))
            return new Fault(FaultKind.TooMany, "incident.again", "You reported this less than a minute ago, and people know of it. Put what is new into one report, and send it in a minute.");
        IncidentDesk.Note(scope, known, by, "report", new { severity = SeveritySpec.Of(severity).Wire, decisions = request.Decisions }, $"Reported again: {request.Title.Trim()}{(request.Text is { Length: > 0 } words ? "\n" + words : "")}");
        if (known.Open && severity < known.Severity)
        {
            IncidentDesk.Note(scope, known, Actor.System, "severity", new { from = SeveritySpec.Of(known.Severity).Wire, to = SeveritySpec.Of(severity).Wire }, $"From {SeveritySpec.Of(known.Severity).Title} to {SeveritySpec.Of(severity).Title}.");
            known.Grade(severity, scope.Now);
        }
        if (Named(request).Except(known.Affected).Any()) known.Touches([.. known.Affected.Union(Named(request)).Take(Incident.MostAffected)]);
        await LinkAsync(scope, known, request, ct);
        return IncidentDesk.View(scope, known);
    }

    private static IEnumerable<Affected> Named(OpenIncidentRequest request) => request.Records.Select(r => new Affected("record", r)).Concat(request.Customers.Select(c => new Affected("customer", c)));

    private static async Task LinkAsync(ChangeScope scope, Incident incident, OpenIncidentRequest request, CancellationToken ct)
    {
        foreach (var decision in request.Decisions) await LinkAsync(scope, incident, "decision", decision, ct);
        foreach (var run in request.Runs) await LinkAsync(scope, incident, "run", run, ct);
    }

    internal static async Task LinkAsync(ChangeScope scope, Incident incident, string kind, string reference, CancellationToken ct)
    {
        if (await scope.Db.IncidentLinks.FindAsync([incident.Id, kind, reference], ct) is null) scope.Db.IncidentLinks.Add(new IncidentLink(incident.Id, incident.RolloutId, kind, reference, scope.Now));
    }

    /// <summary>The incident that takes in what comes of a cause: one under way, that into which it was merged, or one that ended less than <see cref="AlertSpec.CoolDown"/> ago. Null: there is none.</summary>
    private static async Task<Incident?> KnownAsync(ChangeScope scope, string rollout, string cause, CancellationToken ct, bool coolDown = true)
    {
        var lately = coolDown ? scope.Now - AlertSpec.CoolDown : scope.Now;
        List<Incident> known = [.. scope.Db.Incidents.Local.Where(i => i.RolloutId == rollout && i.Cause == cause), .. await Caused(scope.Db, rollout, cause).Take(5).ToListAsync(ct)];
        for (var i = 0; i < known.Count; i++)
        {
            while (known[i].MergedInto is { } into) known[i] = Ids.TrySeq(into, "inc", out var seq) ? (await scope.Db.Incidents.FindAsync([seq], ct))! : throw new InvalidOperationException($"{into} is no incident");
        }
        return known.Find(i => i.Open) ?? known.Find(i => i.EndedAt > lately);
    }

    /// <summary>Opens an incident for each alert that is one, or feeds the one of the same cause. For the feed.</summary>
    internal Task<Result<Done>> TakeInAsync(IReadOnlyList<Alert> alerts) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var place = await scope.Db.AlertPlaces.SingleAsync(ct);
        foreach (var alert in alerts.Where(a => a.Seq > place.Seq))
        {
            place.Seq = alert.Seq;
            if (AlertSpec.Of(alert.Kind) is not { } spec || !scope.State.Rollouts.ContainsKey(alert.RolloutId) || (scope.State.Agents.GetValueOrDefault(alert.AgentId) is var agent && agent is null && alert.AgentId.Length > 0)) continue;
            var cause = AlertSpec.Cause(alert.Kind, alert.AgentId);
            var known = await KnownAsync(scope, alert.RolloutId, cause, ct, coolDown: !spec.Each);
            if (known is null)
            {
                var row = spec.Row is { } fits ? (await RowsAsync(scope.Db, alert.RolloutId, ct)).FirstOrDefault(r => r.Id == fits) : null;
                var severity = SeveritySpec.Parse(row?.Text("severity"))?.Severity ?? spec.Severity;
                var seq = scope.Audit(Actor.System, "incident.opened", alert.RolloutId, new { severity = SeveritySpec.Of(severity).Wire, row = row?.Id, source = "alert", alert = alert.Seq }, null, alert.RolloutId);
                known = new Incident(seq, Ids.Make("inc", seq, RandomNumberGenerator.GetBytes(8)), alert.RolloutId, string.Format(CultureInfo.InvariantCulture, spec.Title, VisibleText.Flatten(agent?.Name ?? "")), alert.Text, severity, IncidentSource.Alert, "system:console", row?.Id, cause,
                    EscalationLevels.Of(row), new IncidentTimes(alert.At, alert.At), scope.Now);
                scope.Db.Incidents.Add(known);
                scope.Db.IncidentEntries.Add(new IncidentEntry(seq, known.Id, "opened", scope.Now, "system:console", alert.Text));
                if (agent is not null) scope.Db.IncidentLinks.Add(new IncidentLink(known.Id, known.RolloutId, "agent", alert.AgentId, scope.Now));
                if (alert.DecisionId is { } about) await LinkAsync(scope, known, "decision", about, ct);
                IncidentDesk.Advance(scope, known, writer.Now);
                foreach (var kind in Responses(row)) await IncidentResponses.FireAsync(scope, known, kind, Actor.System, ct);
            }
            else IncidentDesk.Note(scope, known, Actor.System, "alert", new { alert = alert.Seq, kind = alert.Kind }, $"Again: {alert.Text}");
            if (alert.DecisionId is { } decision) await LinkAsync(scope, known, "decision", decision, ct);
        }
        return Done.Value;
    });

    /// <summary>Incidents of a cause, the newest first.</summary>
    internal static IQueryable<Incident> Caused(OpsDbContext db, string rollout, string cause) => db.Incidents.Where(i => i.RolloutId == rollout && i.Cause == cause).OrderByDescending(i => i.Seq);

    /// <summary>What the console does at once, as the row says.</summary>
    internal static IEnumerable<ResponseKind> Responses(WorksheetRow? row)
        => (row?.Text("actions") ?? "").Split([',', '\n', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(ResponseKinds.Words.ContainsKey).Select(w => ResponseKinds.Words[w]).Distinct();

    internal static async Task<IReadOnlyList<WorksheetRow>> RowsAsync(OpsDbContext db, string rollout, CancellationToken ct)
        => Worksheet.Of("escalation", await db.Patches.AsNoTracking().Where(p => p.RolloutId == rollout && !p.Replaced).ToListAsync(ct)).Rows;
}
