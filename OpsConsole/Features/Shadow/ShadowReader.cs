using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Shadow;

/// <summary>What to look at; null is no demand. Times are those at which it was asked; <paramref name="To"/> is exclusive.</summary>
public sealed record ShadowQuery(string? Agent = null, string? Action = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>Reads shadow samples and how they agree, for whoever sees the rollout. Agents in a sandbox count nowhere, unless the whole rollout is a demo.</summary>
public sealed class ShadowReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    /// <summary>Samples that are counted, and looked through for one page.</summary>
    public const int MostCounted = 10_000, MostLookedThrough = 5_000;
    /// <summary>Recorded samples that figures are made of: the latest of a report or a stretch of time, and of one agent for gate C.</summary>
    public const int MostRecorded = 50_000, MostForGate = 5_000;
    private const int Chunk = 500, MostActions = 100, Named = 6;
    private static readonly Fault WrongAfter = Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");

    /// <summary>The figures, without a list. Faults: not found.</summary>
    public async Task<Result<ShadowReport>> ReportAsync(PersonCaller me, string rolloutId, ShadowQuery query, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        await using var db = await factory.CreateDbContextAsync(ct);
        var (first, before) = await PlacesAsync(db, query, ct);
        var counted = await Narrow(Samples(db, rolloutId, first, before).Take(MostCounted + 1), query, Sandbox(state)).CountAsync(ct);
        var counts = await CountsAsync(Recorded(db, rolloutId, query, Sandbox(state)), ct);
        var thresholds = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => r.Thresholds).SingleAsync(ct);
        var agents = await db.Agents.AsNoTracking().Where(a => a.RolloutId == rolloutId && a.RetiredAt == null).Select(a => new { a.Id, a.AgentVersion, a.Model }).ToListAsync(ct);
        var facts = agents.Where(a => state.Agents.ContainsKey(a.Id)).Select(a => new AgentFacts(a.Id, state.Agents[a.Id].Name, a.AgentVersion, a.Model, false, state.Agents[a.Id].Grants.Count > 0)).OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var (needs, gate) = (Needs(thresholds), await ByAgentAsync(db, state, rolloutId, facts, ct));
        if (gate.Count == 0) gate = [.. facts.Where(f => !Sandbox(state).Contains(f.Id)).Select(f => new AgentShadow(f, ShadowFigures.Of([])))];
        var (answers, matrix) = ShadowAgreement.Table(counts, Named);
        return new ShadowReport(rolloutId, rollout.Name, Math.Min(counted, MostCounted), counted > MostCounted, counts.Sum(c => c.Count), counts.Where(c => !c.ByPerson).Sum(c => c.Count), AgreementView.Of(ShadowAgreement.Of(counts)), new ShadowMatrixView(answers, matrix),
            [.. counts.GroupBy(c => c.WouldBe).OrderBy(g => g.Key).Select(g => new ShadowVerdictView(Decisions.DecisionWire.Word(g.Key), Sum(g, HumanDid.Same), Sum(g, HumanDid.Edited), Sum(g, HumanDid.Different), Sum(g, HumanDid.Nothing)))],
            [.. counts.GroupBy(c => c.Action).Select(g => Action(g.Key, [.. g])).OrderByDescending(a => a.N).ThenBy(a => a.Action, StringComparer.Ordinal).Take(MostActions)],
            [.. counts.GroupBy(c => c.AgentId).Select(g => Agent(g.Key, ShadowFigures.Of([.. g]), state)).OrderByDescending(a => a.Agreement.N).ThenBy(a => a.AgentName, StringComparer.OrdinalIgnoreCase)],
            needs, [.. gate.Where(g => g.Agent.MayAct || g.Figures.Agreement.N > 0).Select(g => new ShadowGateLine(g.Agent.Id, g.Agent.Name, g.Agent.Version, g.Figures.Actions, AgreementView.Of(g.Figures.Agreement), needs.Lacking(g.Figures)))]);
    }

    /// <summary>Samples of which nobody has said yet what people did, newest first. <c>next</c> may lead to a page that is empty, where others were recorded. Faults: not found, <c>field.invalid</c>.</summary>
    public async Task<Result<Wire.Page<ShadowSampleView>>> OpenAsync(PersonCaller me, string rolloutId, ShadowQuery query, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, me, rolloutId).Fault is { } hidden) return hidden;
        if (!After(page, out var after)) return WrongAfter;
        await using var db = await factory.CreateDbContextAsync(ct);
        var (first, before) = await PlacesAsync(db, query, ct);
        (before, var sandbox) = (Math.Min(before, after), Sandbox(state));
        List<ShadowSampleView> found = [];
        for (var looked = 0; looked < MostLookedThrough; looked += Chunk)
        {
            var rows = await Samples(db, rolloutId, first, before).Take(Chunk).ToListAsync(ct);
            var seqs = rows.ConvertAll(d => d.Seq);
            var done = (await db.ShadowRecords.AsNoTracking().Where(s => s.ByPerson && seqs.Contains(s.DecisionSeq)).Select(s => s.DecisionSeq).ToListAsync(ct)).ToHashSet();   // what an agent reports of itself settles nothing
            foreach (var d in rows)
            {
                before = d.Seq;
                if (done.Contains(d.Seq) || sandbox.Contains(d.AgentId) || (query.Agent is not null && d.AgentId != query.Agent) || (query.Action is not null && !d.Action.Equals(query.Action, StringComparison.OrdinalIgnoreCase))) continue;
                if (found.Count == page.Limit) return new Wire.Page<ShadowSampleView>(found, Cursor(Seq(found[^1])));
                found.Add(ShadowSampleView.Of(d, null, state));
            }
            if (rows.Count < Chunk) return new Wire.Page<ShadowSampleView>(found, null);
        }
        return new Wire.Page<ShadowSampleView>(found, Cursor(before));
    }

    /// <summary>Samples in which people did something else, newest first. Faults: not found, <c>field.invalid</c>.</summary>
    public async Task<Result<Wire.Page<ShadowSampleView>>> DisagreementsAsync(PersonCaller me, string rolloutId, ShadowQuery query, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, me, rolloutId).Fault is { } hidden) return hidden;
        if (!After(page, out var before)) return WrongAfter;
        await using var db = await factory.CreateDbContextAsync(ct);
        var records = await Apart(db, rolloutId, query, Sandbox(state), before).Take(page.Limit + 1).ToListAsync(ct);
        var seqs = records.ConvertAll(r => r.DecisionSeq);
        var decisions = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).ToDictionaryAsync(d => d.Seq, ct);
        return Wire.PageOf(records, page.Limit, r => Cursor(r.DecisionSeq), r => ShadowSampleView.Of(decisions[r.DecisionSeq], r, state));
    }

    /// <summary>One sample with what the agent sent. Not found where it is none of this rollout, or its rollout is not seen.</summary>
    public async Task<Result<ShadowSampleView>> FindAsync(PersonCaller me, string rolloutId, string decisionId, CancellationToken ct)
    {
        var state = writer.State;
        if (!Ids.TrySeq(decisionId, "dec", out var seq) || Sight.Rollout(state, me, rolloutId).Fault is not null) return Fault.NotFound("shadow sample");
        await using var db = await factory.CreateDbContextAsync(ct);
        if (await db.Decisions.AsNoTracking().SingleOrDefaultAsync(d => d.Seq == seq && d.RolloutId == rolloutId, ct) is not { } d || d.Id != decisionId || !ShadowAgreement.IsSample(d)) return Fault.NotFound("shadow sample");
        var body = await db.Payloads.AsNoTracking().Where(p => p.Seq == seq).Select(p => p.Body).SingleOrDefaultAsync(ct);
        return ShadowSampleView.Of(d, await db.ShadowRecords.AsNoTracking().SingleOrDefaultAsync(s => s.DecisionSeq == seq, ct), state, body is null ? default : JsonElement.Parse(body));
    }

    /// <summary>What gate C looks at: of each agent, what people recorded of what it proposed since it has its present version and model. Empty where nobody recorded anything.</summary>
    public static async Task<IReadOnlyList<AgentShadow>> ByAgentAsync(OpsDbContext db, ConsoleState state, string rolloutId, IReadOnlyList<AgentFacts> agents, CancellationToken ct)
    {
        if (!await db.ShadowRecords.AsNoTracking().AnyAsync(s => s.RolloutId == rolloutId && s.ByPerson, ct)) return [];   // the first of their index
        List<AgentShadow> shadows = [];
        foreach (var agent in agents.Where(a => !Sandbox(state).Contains(a.Id)))
        {
            var since = await SinceAsync(db, agent.Id, ct);
            shadows.Add(new AgentShadow(agent, ShadowFigures.Of(await CountsAsync(ByPeople(db, rolloutId, agent.Id, since).Take(MostForGate), ct))));
        }
        return shadows;
    }

    /// <summary>Out of the rollout's thresholds as they are stored.</summary>
    public static ShadowThresholds Needs(string? thresholds) => ShadowThresholds.Of(thresholds is null ? new Dictionary<string, double>() : JsonSerializer.Deserialize<Dictionary<string, double>>(thresholds)!);

    /// <summary>Agreement of each of these stretches, by what people recorded, in their order; null where nothing was recorded in any of them.</summary>
    public static async Task<IReadOnlyList<ShadowPeriodView>?> PeriodsAsync(OpsDbContext db, ConsoleState state, string rolloutId, IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> periods, string? agent, string? action, CancellationToken ct)
    {
        if (periods.Count == 0 || !await Recorded(db, rolloutId, new ShadowQuery(agent, action, periods[0].Start, periods[^1].End), Sandbox(state)).AnyAsync(s => s.ByPerson, ct)) return null;
        List<ShadowPeriodView> views = [];
        foreach (var (start, end) in periods)
        {
            var a = ShadowAgreement.Of(await CountsAsync(Recorded(db, rolloutId, new ShadowQuery(agent, action, start, end), Sandbox(state)).Where(s => s.ByPerson), ct));
            views.Add(new((long)Math.Round((a.Observed ?? 0) * a.N), a.N, a.Kappa, a.Interval?.Low, a.Interval?.High));
        }
        return views;
    }

    /// <summary>A rollout's samples, newest first: walks their index.</summary>
    internal static IQueryable<DecisionRecord> Samples(OpsDbContext db, string rolloutId, long first, long before)
        => db.Decisions.AsNoTracking().Where(d => d.RolloutId == rolloutId && d.WouldBe != null && d.Mode != AskMode.Simulation && d.Seq >= first && d.Seq < before).OrderByDescending(d => d.Seq);

    /// <summary>What people recorded of one agent's samples, newest first: walks its index.</summary>
    internal static IQueryable<ShadowRecord> ByPeople(OpsDbContext db, string rolloutId, string agentId, long since)
        => db.ShadowRecords.AsNoTracking().Where(s => s.RolloutId == rolloutId && s.AgentId == agentId && s.ByPerson && s.DecisionSeq > since).OrderByDescending(s => s.DecisionSeq);

    /// <summary>Recorded disagreements, newest first: walks their index.</summary>
    internal static IQueryable<ShadowRecord> Apart(OpsDbContext db, string rolloutId, ShadowQuery query, IReadOnlyList<string> sandbox, long before)
    {
        var rows = db.ShadowRecords.AsNoTracking().Where(s => s.RolloutId == rolloutId && !s.Agrees && s.DecisionSeq < before && !sandbox.Contains(s.AgentId));
        if (query.Agent is { } agent) rows = rows.Where(s => s.AgentId == agent);
        if (query.Action?.ToLowerInvariant() is { } action) rows = rows.Where(s => s.Action == action);
        if (query.From is { } start) rows = rows.Where(s => s.AskedAt >= start);
        if (query.To is { } end) rows = rows.Where(s => s.AskedAt < end);
        return rows.OrderByDescending(s => s.DecisionSeq);
    }

    private static IQueryable<ShadowRecord> Recorded(OpsDbContext db, string rolloutId, ShadowQuery query, IReadOnlyList<string> sandbox)
    {
        var (start, end) = (query.From ?? DateTimeOffset.UnixEpoch, query.To ?? new DateTimeOffset(9000, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var rows = db.ShadowRecords.AsNoTracking().Where(s => s.RolloutId == rolloutId && s.AskedAt >= start && s.AskedAt < end && !sandbox.Contains(s.AgentId));
        if (query.Agent is { } agent) rows = rows.Where(s => s.AgentId == agent);
        if (query.Action?.ToLowerInvariant() is { } action) rows = rows.Where(s => s.Action == action);
        return rows.OrderByDescending(s => s.AskedAt).Take(MostRecorded);
    }

    private static async Task<List<ShadowCount>> CountsAsync(IQueryable<ShadowRecord> rows, CancellationToken ct)
        => [.. (await rows.GroupBy(s => new { s.AgentId, s.Action, s.WouldBe, s.Did, s.HumanAction, s.ByPerson }).Select(g => new { g.Key, Count = g.LongCount() }).ToListAsync(ct))
            .Select(g => new ShadowCount(g.Key.AgentId, g.Key.Action, g.Key.WouldBe, g.Key.Did, g.Key.HumanAction, g.Key.ByPerson, g.Count))];

    private static IQueryable<DecisionRecord> Narrow(IQueryable<DecisionRecord> rows, ShadowQuery query, IReadOnlyList<string> sandbox)
    {
        rows = rows.Where(d => !sandbox.Contains(d.AgentId));
        if (query.Agent is { } agent) rows = rows.Where(d => d.AgentId == agent);
        return query.Action?.ToLowerInvariant() is { } action ? rows.Where(d => d.Action == action) : rows;
    }

    private static async Task<(long First, long Before)> PlacesAsync(OpsDbContext db, ShadowQuery query, CancellationToken ct)
        => (query.From is { } start ? await LogClock.FirstSeqAtAsync(db, start, null, ct) : 0, query.To is { } end ? await LogClock.FirstSeqAtAsync(db, end, null, ct) : long.MaxValue);

    /// <summary>The entry of the log with which an agent got its present version and model; 0 where the log says nothing of it.</summary>
    private static async Task<long> SinceAsync(OpsDbContext db, string agentId, CancellationToken ct)
    {
        string[] events = ["agent.registered", "agent.changed"];
        var entries = await db.Audit.AsNoTracking().Where(e => e.Event != Core.Audit.RowRules.AskedEvent && e.Object == agentId && events.Contains(e.Event)).OrderBy(e => e.Seq).Select(e => new { e.Seq, e.Leaf }).ToListAsync(ct);
        var (since, version, model) = (0L, (string?)null, (string?)null);
        foreach (var entry in entries)
        {
            var (v, m) = (Said(entry.Leaf, "version") ?? version, Said(entry.Leaf, "model") ?? model);
            if ((v, m) != (version, model)) (since, version, model) = (entry.Seq, v, m);
        }
        return since;

        static string? Said(string leaf, string name) => Core.Audit.LogEvent.Of(0, leaf, null)?.Word(name);
    }

    private static string[] Sandbox(ConsoleState state) => [.. state.Agents.Values.Where(a => a is { Simulated: true, Rollout.Simulated: false }).Select(a => a.Id)];

    private static bool After(PageQuery page, out long before)
    {
        before = long.MaxValue;
        return page.After is null || long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out before);
    }

    private static string Cursor(long seq) => seq.ToString(CultureInfo.InvariantCulture);
    private static long Seq(ShadowSampleView sample) => Ids.TrySeq(sample.DecisionId, "dec", out var seq) ? seq : 0;
    private static long Sum(IEnumerable<ShadowCount> counts, HumanDid did) => counts.Where(c => c.Did == did).Sum(c => c.Count);

    private static ShadowActionView Action(string action, IReadOnlyList<ShadowCount> counts)
    {
        var share = new Proportion(counts.Where(c => ShadowAgreement.Agrees(c.Action, c.WouldBe, c.Did, c.HumanAction)).Sum(c => c.Count), counts.Sum(c => c.Count));
        var interval = share.Wilson();
        return new(action, counts.Sum(c => c.Count), counts.Where(c => ShadowAgreement.Agrees(c.Action, c.WouldBe, c.Did, c.HumanAction)).Sum(c => c.Count), share.Rate, interval?.Low, interval?.High);
    }

    private static ShadowAgentView Agent(string id, ShadowFigures figures, ConsoleState state) => new(id, state.Agents.TryGetValue(id, out var agent) ? agent.Name : id, figures.Actions, AgreementView.Of(figures.Agreement));
}
