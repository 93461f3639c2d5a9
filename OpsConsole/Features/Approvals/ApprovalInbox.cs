using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Configurations;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Approvals;

/// <summary>A row of the queue: enough to choose what to look at next.</summary>
public sealed record QueueRow(string Id, string Action, string? ResourceId, string AgentName, string RolloutName, bool Simulated, bool HighConsequence, string? Rule, DateTimeOffset RequestedAt, DateTimeOffset ExpiresAt, int Approvals, int Quorum, bool MayDecide, bool Escalated, double? Confidence = null, double? Amount = null)
{
    /// <summary>Who said that they are looking at it; 'you' for the reader.</summary>
    public string? ClaimedBy { get; init; }
    public DateTimeOffset? ClaimedAt { get; init; }
    /// <summary>Whom the clock waits for, and since when.</summary>
    public Turn Turn { get; init; }
    public DateTimeOffset? TurnSince { get; init; }
}

/// <summary>A part of the queue. <paramref name="More"/>: something waits behind it.</summary>
/// <param name="LookedTo">Where the reader stopped looking before it had found as many as were asked for; null otherwise.</param>
public sealed record QueuePage(IReadOnlyList<QueueRow> Rows, bool More, QueuePlace? LookedTo = null);

/// <summary>One decision of a run. <paramref name="This"/>: the one that waits here.</summary>
public sealed record RunStep(string DecisionId, DateTimeOffset At, string Action, string? ResourceType, string? ResourceId, string Outcome, string? Reported, bool This);

/// <summary>The run as far as it has come. <paramref name="Earlier"/>: there were more steps before these.</summary>
/// <param name="OnlyThis">The reader may see this request and not its rollout, so no other step.</param>
public sealed record RunSoFar(IReadOnlyList<RunStep> Steps, bool Earlier, bool OnlyThis = false)
{
    public const int Most = 50;
    public static readonly RunSoFar None = new([], false);
}

/// <summary>
/// Reads requests: the queue of what waits (soonest due first) and the list of all. Everybody sees those of their rollouts, and those they may decide.
/// Every query walks one index in the order of the answer; those of several rollouts are merged, because one query over them would read and sort all that waits.
/// </summary>
public sealed class ApprovalInbox(IDbContextFactory<OpsDbContext> factory, DurableWriter writer)
{
    private const int Chunk = 200;
    /// <summary>How many of what waits one answer looks through for what no index knows: whether it is the reader's, the words of a search.</summary>
    public const int Deepest = 5_000;

    private readonly SharedReads _shared = new(factory, writer);

    /// <summary>What waits, soonest due first; only what the reader is asked to decide where <paramref name="mineOnly"/>.</summary>
    /// <param name="shared">As for <see cref="ReadAsync"/>.</param>
    public async Task<IReadOnlyList<QueueRow>> QueueAsync(PersonCaller me, string? rolloutId, bool mineOnly, int limit, CancellationToken ct, bool shared = false)
        => (await ReadAsync(me, new QueueFilter(rolloutId, mineOnly), null, null, limit, ct, shared)).Rows;

    /// <summary>The part of the queue behind <paramref name="after"/> (null: from its beginning): everything up to <paramref name="through"/>, and at least <paramref name="least"/> rows where there are as many
    /// among the next <see cref="Deepest"/>.</summary>
    /// <param name="shared">For pages that look again whenever something moves: what is read at the same time for others will do.</param>
    public async Task<QueuePage> ReadAsync(PersonCaller me, QueueFilter filter, QueuePlace? after, QueuePlace? through, int least, CancellationToken ct, bool shared = false)
    {
        var (state, now) = (writer.State, writer.Now);
        List<QueueRow> rows = [];
        var visible = Permissions.VisibleRollouts(me.Person, state);
        var circle = Permissions.OneByOne(visible, filter.RolloutId);
        var (handed, unseen, own) = await AskingAsync(me, visible, filter, state, now, shared, ct);
        var search = new QueueSearch(filter, state);
        // 'Mine' and the search are decided in memory, so more may have to be read than is returned; who finds nothing is not worth reading everything.
        var (last, part, read) = (after, after?.Part ?? 0, 0);
        while (read < Deepest || (through is { } end && last is { } reached && end.IsBehind(reached)))
        {
            var take = Math.Clamp(least + 1 - rows.Count, 1, Chunk);
            if (read > 0) take = Chunk;
            List<Waits> found = [];
            // Of their own: an index passes over what asks other people where it gives the order, too; where nothing asks the reader, nothing is walked.
            var byCircle = own is { Count: 0 } || (own is not null && filter.OnlyBySoonest);
            foreach (var key in byCircle ? [.. unseen, .. own!] : unseen) found.AddRange(await WalkAsync(("circle", key), db => Asking(Waiting(db, null, filter, part, last, now), key)));
            foreach (var rollout in byCircle ? [] : circle) found.AddRange(await WalkAsync(("rollout", rollout), db => Waiting(db, rollout, filter, part, last, now)));
            if (handed.Count > 0) found.AddRange(await WalkAsync(null, db => Waiting(db, filter.RolloutId, filter, part, last, now).Where(a => handed.Contains(a.Seq))));
            found = [.. found.DistinctBy(w => w.Request.Seq).OrderBy(w => QueuePlace.Of(w.Request, filter.Sort), Comparer<QueuePlace>.Create(QueuePlace.Order)).Take(take)];
            foreach (var (a, onBehalfOf, confidence) in found)
            {
                last = QueuePlace.Of(a, filter.Sort);
                if (!state.Agents.TryGetValue(a.AgentId, out var agent) || !search.Fits(a, agent)) continue;   // an agent made by another instance just now: the signal of that is on its way
                var standing = Deciders.Of(me.Person, a, onBehalfOf, agent, state.Directory, now).Standing;
                var may = standing == Standing.Named;
                if (filter.MineOnly ? !may : !(visible?.Contains(a.RolloutId) ?? true) && !Opens(me, standing, agent.OwnerId, (a.Terms.Moves ?? []).Select(m => m.By))) continue;
                if (rows.Count >= least && (through is null || last.Value.IsBehind(through.Value))) return new QueuePage(rows, true);
                rows.Add(new QueueRow(a.Id, a.Action, a.ResourceId, agent.Name, agent.Rollout.Name, agent.Simulated, a.HighConsequence, a.Terms.RuleId, a.RequestedAt, a.ExpiresAt, a.Approvals, a.Terms.Quorum, may, a.Level > 0, confidence, a.Amount)
                {
                    ClaimedBy = a.ClaimedBy is null ? null : a.ClaimedBy == me.Id ? "you" : state.Directory.NameOf(a.ClaimedBy), ClaimedAt = a.ClaimedAt, Turn = a.Turn, TurnSince = a.TurnSince,
                });
            }
            read += found.Count;
            if (found.Count < take && ++part >= filter.Parts) return new QueuePage(rows, false);

            // The filter's search and 'mine' do not change what is read.
            Task<IReadOnlyList<Waits>> WalkAsync(object? name, Func<OpsDbContext, IQueryable<ApprovalRequest>> walk)
                => ReadAsync(name is null || filter.DueWithin is not null ? null : (name, filter with { MineOnly = false, Search = null, RolloutId = null }, part, last, take), shared, (db, token) => WaitsAsync(db, walk(db).Take(take), token), ct);
        }
        return new QueuePage(rows, true, last);
    }

    /// <summary>What asks the reader: keys of what was handed on to them, the circles that ask them and that they would not see otherwise, and, for a queue of their own, those among the rest that could ask them
    /// (null: not looked for).</summary>
    private async Task<(IReadOnlyList<long> Handed, IReadOnlyList<string> Unseen, IReadOnlyList<string>? Own)> AskingAsync(PersonCaller me, IReadOnlyList<string>? visible, QueueFilter filter, ConsoleState state, DateTimeOffset now, bool shared, CancellationToken ct)
    {
        if (visible is null && !filter.MineOnly) return ([], [], null);
        var circles = (await ReadAsync("circles", shared, Data.Asking.WaitingAsync, ct)).Where(a => filter.RolloutId is null || a.RolloutId == filter.RolloutId);
        var mine = AskedCircles.Among(circles, me.Person, state, now).ToLookup(a => visible?.Contains(a.RolloutId) ?? true, a => a.Key);
        var handed = (await ReadAsync("handed on", shared, AskedCircles.HandedOnAsync, ct)).Where(h => (filter.MineOnly || !visible!.Contains(h.RolloutId)) && h.To.Any(to => state.Directory.Names(to, me.Person))).Select(h => h.Seq);
        return ([.. handed], [.. mine[false]], filter.MineOnly ? [.. mine[true]] : null);
    }

    /// <summary>One read of rows.</summary>
    /// <param name="key">What it depends on; null: on the reader, so that nobody else could use it.</param>
    private async Task<IReadOnlyList<T>> ReadAsync<T>(object? key, bool shared, Func<OpsDbContext, CancellationToken, Task<IReadOnlyList<T>>> read, CancellationToken ct)
    {
        if (shared && key is not null) return await _shared.ReadAsync(key, read, ct);
        await using var db = await factory.CreateDbContextAsync(ct);
        return await read(db, ct);
    }

    // Whom an agent acts for, and how sure it is, stand in the decision.
    private static async Task<IReadOnlyList<Waits>> WaitsAsync(OpsDbContext db, IQueryable<ApprovalRequest> walk, CancellationToken ct)
    {
        var found = await walk.ToListAsync(ct);
        var seqs = found.Select(a => a.Seq).ToList();
        var asked = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).Select(d => new { d.Seq, d.OnBehalfOf, d.Confidence }).ToDictionaryAsync(d => d.Seq, ct);
        return [.. found.Select(a => asked.TryGetValue(a.Seq, out var d) ? new Waits(a, d.OnBehalfOf, d.Confidence) : new Waits(a, null, null))];
    }

    private sealed record Waits(ApprovalRequest Request, string? OnBehalfOf, double? Confidence);

    /// <summary>What of it asks these (<see cref="Data.Asking"/>).</summary>
    internal static IQueryable<ApprovalRequest> Asking(IQueryable<ApprovalRequest> waiting, string key) => waiting.Where(a => EF.Property<string>(a, Data.Asking.Column) == key);

    /// <summary>One query of the queue behind a place in it, within one rollout or (null) within all; each part of an order is a query of its own.</summary>
    internal static IQueryable<ApprovalRequest> Waiting(OpsDbContext db, string? rollout, QueueFilter filter, int part, QueuePlace? after, DateTimeOffset now)
    {
        var query = db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending);
        if (rollout is not null) query = query.Where(a => a.RolloutId == rollout);
        if (filter.AgentId is { } agent) query = query.Where(a => a.AgentId == agent);
        if (filter.Action is { } action) query = query.Where(a => a.Action == action);
        if (filter.Rule is { } rule)
        {
            var lower = string.Concat(rule.Select(c => char.IsAsciiLetterUpper(c) ? (char)(c | ' ') : c));   // as the column has it
            query = query.Where(a => EF.Property<string>(a, ApprovalConfiguration.RuleColumn) == lower);
        }
        if (filter.HighOnly || (filter.Sort == QueueSort.Consequence && part == 0)) query = query.Where(a => a.HighConsequence);
        else if (filter.Sort == QueueSort.Consequence) query = query.Where(a => !a.HighConsequence);
        if (filter.DueWithin is { } within)
        {
            var until = now + within;
            query = query.Where(a => a.ExpiresAt <= until);
        }
        var place = after is { } known && known.Part == part ? known : new QueuePlace(DateTimeOffset.UnixEpoch, 0, part, double.MaxValue);
        if (filter.Sort == QueueSort.Amount && part == 0)
        {
            return query.Where(a => a.Amount <= place.Amount && (a.Amount < place.Amount || a.ExpiresAt > place.ExpiresAt || (a.ExpiresAt == place.ExpiresAt && a.Seq > place.Seq)))
                .OrderByDescending(a => a.Amount).ThenBy(a => a.ExpiresAt).ThenBy(a => a.Seq);
        }
        if (filter.Sort == QueueSort.Amount) query = query.Where(a => a.Amount == null);
        return query.Where(a => a.ExpiresAt >= place.ExpiresAt && (a.ExpiresAt > place.ExpiresAt || a.Seq > place.Seq)).OrderBy(a => a.ExpiresAt).ThenBy(a => a.Seq);
    }

    /// <summary>The queue as the API shows it, in the filter's order. <c>after</c> is the <c>next</c> of a page of the same order.</summary>
    public async Task<Result<Platform.Web.Wire.Page<ApprovalView>>> ListQueueAsync(PersonCaller me, QueueFilter filter, string? after, int limit, CancellationToken ct)
    {
        QueuePlace? from = null;
        if (after is not null)
        {
            if (!QueuePlace.TryParse(after, out var place)) return Fault.Invalid("field.invalid", "after must be the 'next' of an earlier page of the same order.", "after");
            from = place;
        }
        var page = await ReadAsync(me, filter, from, null, limit, ct);
        List<long> seqs = [.. page.Rows.Select(r => Ids.TrySeq(r.Id, "apr", out var seq) ? seq : 0)];
        await using var db = await factory.CreateDbContextAsync(ct);
        var found = await db.Approvals.AsNoTracking().Where(a => seqs.Contains(a.Seq)).ToListAsync(ct);
        var views = await ApprovalView.LoadAsync(db, [.. found.OrderBy(a => seqs.IndexOf(a.Seq))], writer.State, me, writer.Now, ct);
        var next = !page.More ? null : page.LookedTo ?? (page.Rows.Count > 0 ? QueuePlace.Of(page.Rows[^1], filter.Sort) : null);
        return new Platform.Web.Wire.Page<ApprovalView>(views, next?.ToString());
    }

    /// <summary>One query of the list, within one rollout or (null) within all. With the conditions of the indexes, word for word: what waits has its own.</summary>
    internal static IQueryable<ApprovalRequest> All(OpsDbContext db, string? rollout, ApprovalStatus? status, long before)
    {
        var query = db.Approvals.AsNoTracking().Where(a => a.Seq < before);
        if (status is ApprovalStatus.Pending) query = query.Where(a => a.Status == ApprovalStatus.Pending);
        else if (status is { } wanted) query = query.Where(a => a.Status == wanted && a.Status != ApprovalStatus.Pending);
        if (rollout is not null) query = query.Where(a => a.RolloutId == rollout);
        return query.OrderByDescending(a => a.Seq);
    }

    /// <summary>One request with everything that is known about it; not found when the person may neither see its rollout nor decide it, neither owns the agent, who may be asked about it, nor handed it on.</summary>
    public async Task<Result<ApprovalView>> FindAsync(PersonCaller me, string id, CancellationToken ct)
    {
        if (!Ids.TrySeq(id, "apr", out var seq)) return Fault.NotFound("approval");
        await using var db = await factory.CreateDbContextAsync(ct);
        var state = writer.State;
        var approval = await db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.Seq == seq, ct);
        if (approval is null || approval.Id != id || !state.Agents.ContainsKey(approval.AgentId) || !state.Rollouts.TryGetValue(approval.RolloutId, out var rollout)) return Fault.NotFound("approval");
        var view = await ApprovalView.LoadAsync(db, approval, state, me, writer.Now, ct);
        return Permissions.MaySee(me.Person, rollout, state.Directory) || Opens(me, view.MyStanding, view.OwnerId, view.Moves.Select(m => m.PersonId)) ? view : Fault.NotFound("approval");
    }

    // Whoever does not see the rollout opens what they may decide, what their agent asks, and what they handed on.
    private static bool Opens(PersonCaller me, Standing? standing, string ownerId, IEnumerable<string> movedBy) => standing != Standing.None || ownerId == me.Id || movedBy.Contains(me.Id);

    /// <summary>To whom the reader could hand this on: people of the rollout who may decide it and are here, and the groups that its matrix names without them. For a request that the reader has found.</summary>
    public IReadOnlyList<Taker> Takers(PersonCaller me, ApprovalView request)
    {
        var (state, now) = (writer.State, writer.Now);
        if (!state.Agents.TryGetValue(request.AgentId, out var agent)) return [];
        var owners = request.SeparationOfDuties ? agent.OwnerId : null;
        var people = agent.Rollout.Members.Select(m => m.PersonId).Distinct().Where(id => id != me.Id && id != owners && state.Directory.People.TryGetValue(id, out var p) && p.Active && state.Directory.Away(id, now) is null
            && (request.OnBehalfOf is not { } actsFor || state.Directory.Meant(actsFor)?.Id != id)).Select(id => state.Directory.People[id]);
        var groups = agent.Rollout.Policy?.Document.Rules.SelectMany(r => r.Approvers.Concat(r.EscalateTo)).Where(e => ApproverEntry.IsGroup(e) && !state.Directory.Names(e, me.Person)).Distinct(StringComparer.OrdinalIgnoreCase) ?? [];
        return [.. people.OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => new Taker(p.Email, p.Name)), .. groups.Select(g => new Taker(g, Deciders.Words(g, state.Directory)))];
    }

    /// <summary>What the agent did in the same run up to this request, oldest first, at most the last 50. For a request that the reader has found.</summary>
    public async Task<RunSoFar> RunSoFarAsync(PersonCaller me, ApprovalView request, CancellationToken ct)
    {
        if (request.RunId is not { } run || !Ids.TrySeq(request.Id, "apr", out var seq)) return RunSoFar.None;
        if (!HistoryReader.MaySee(writer.State, me, request)) return RunSoFar.None with { OnlyThis = true };
        await using var db = await factory.CreateDbContextAsync(ct);
        var found = await db.Decisions.AsNoTracking().Where(d => d.RunId == run && d.AgentId == request.AgentId && d.Seq <= seq).OrderByDescending(d => d.Seq).Take(RunSoFar.Most + 1)
            .Select(d => new { d.Id, d.At, d.Action, d.ResourceType, d.ResourceId, d.Outcome, d.ReportStatus, d.Seq }).ToListAsync(ct);
        var steps = found.Take(RunSoFar.Most).Reverse().Select(d => new RunStep(d.Id, d.At, d.Action, d.ResourceType, d.ResourceId, Decisions.DecisionWire.Word(d.Outcome), d.ReportStatus?.ToString().ToLowerInvariant(), d.Seq == seq));
        return new RunSoFar([.. steps], found.Count > RunSoFar.Most);
    }

    /// <summary>All requests, newest first.</summary>
    public async Task<Result<Platform.Web.Wire.Page<ApprovalView>>> ListAsync(PersonCaller me, ApprovalStatus? status, string? rolloutId, string? after, int limit, CancellationToken ct)
    {
        var before = long.MaxValue;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before)) return Fault.Invalid("field.invalid", "after must be the 'next' of an earlier page.", "after");
        await using var db = await factory.CreateDbContextAsync(ct);
        var (state, now) = (writer.State, writer.Now);
        var visible = Permissions.VisibleRollouts(me.Person, state);
        var (handed, unseen, _) = await AskingAsync(me, visible, new QueueFilter(rolloutId), state, now, shared: false, ct);
        List<ApprovalRequest> found = [];
        foreach (var rollout in Permissions.OneByOne(visible, rolloutId)) found.AddRange(await All(db, rollout, status, before).Take(limit + 1).ToListAsync(ct));
        if (handed.Count > 0) found.AddRange(await All(db, rolloutId, status, before).Where(a => handed.Contains(a.Seq)).Take(limit + 1).ToListAsync(ct));
        if (status is null or ApprovalStatus.Pending) foreach (var key in unseen) found.AddRange(await Asking(All(db, null, ApprovalStatus.Pending, before), key).Take(limit + 1).ToListAsync(ct));
        found = [.. found.DistinctBy(a => a.Seq).OrderByDescending(a => a.Seq).Take(limit + 1)];
        var views = (await ApprovalView.LoadAsync(db, [.. found.Take(limit)], state, me, writer.Now, ct)).Where(v => (visible?.Contains(v.RolloutId) ?? true) || Opens(me, v.MyStanding, v.OwnerId, v.Moves.Select(m => m.PersonId)));
        return new Platform.Web.Wire.Page<ApprovalView>([.. views], found.Count > limit ? found[limit - 1].Seq.ToString(CultureInfo.InvariantCulture) : null);
    }
}
