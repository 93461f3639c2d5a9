using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Authority;
using OpsConsole.Features.Decisions;

namespace OpsConsole.Features.Approvals;

/// <summary>
/// What the past says about a request: what is unusual in it, how others like it ended, what its agent did last, whether its undo is worth anything. For a request that the
/// reader has found. Every query walks one index and reads a bounded number of rows, so that it costs the same after a million decisions.
/// </summary>
public sealed class HistoryReader(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, TimeProvider time)
{
    /// <summary>How many earlier calls a request is held against.</summary>
    public const int Most = 200;
    // Of an action's decisions: other agents, and what was denied, are among them.
    private const int Deepest = 400;
    private const int Shown = 10;
    // Arguments may have 64 KB each; a table about them needs no more than this.
    private const int MostCharacters = 2_000_000;

    private sealed record Row(long Seq, string Id, DateTimeOffset At, string AgentId, Outcome Outcome, AskMode Mode, string? RuleId, string? ResourceType, string? ResourceId, long ArgumentsSeq, ReportStatus? Report);

    public async Task<RequestHistory> OfAsync(PersonCaller me, ApprovalView request, CancellationToken ct)
    {
        if (!Ids.TrySeq(request.Id, "apr", out var seq)) throw new ArgumentException("Not the id of a request.", nameof(request));
        await using var db = await factory.CreateDbContextAsync(ct);
        var ended = await Ended(db, request.AgentId, request.Action, seq).Take(Most).Select(a => new { a.Seq, a.Id, a.Status, At = a.DecidedAt ?? a.RequestedAt }).ToListAsync(ct);
        var status = ended.ToDictionary(a => a.Seq, a => a.Status);
        // Those that waited for people, and those that ran alone: an agent that is mostly asked about has few of the second among everybody's.
        var rows = await Rows(OfAction(db, request.Action, seq).Take(Deepest)).ToListAsync(ct);
        var known = rows.Select(r => r.Seq).ToHashSet();
        var waited = ended.Where(a => a.Status is ApprovalStatus.Approved or ApprovalStatus.Edited && !known.Contains(a.Seq)).Select(a => a.Seq).ToList();
        if (waited.Count > 0) rows.AddRange(await Rows(db.Decisions.AsNoTracking().Where(d => waited.Contains(d.Seq))).ToListAsync(ct));
        List<Row> letGo = [.. rows.Where(r => r.AgentId == request.AgentId && r is { Outcome: Outcome.Allow, Mode: AskMode.Live }).OrderByDescending(r => r.Seq).Take(Most)];
        var arguments = await ArgumentsAsync(db, letGo, ct);
        List<Row> compared = [.. letGo.Where(r => arguments.ContainsKey(r.ArgumentsSeq))];
        var similar = compared.FirstOrDefault(r => r.RuleId == request.Rule && r.Report is not (ReportStatus.Failed or ReportStatus.Skipped));
        var repeats = compared.FirstOrDefault(r => r.ResourceType == request.ResourceType && r.ResourceId == request.ResourceId && r.Report is not (ReportStatus.Failed or ReportStatus.Skipped) && JsonElement.DeepEquals(arguments[r.ArgumentsSeq], request.Arguments));
        var twin = (await Waiting(db, request.AgentId).Take(Most).Select(a => new { a.Seq, a.Id, a.Digest }).ToListAsync(ct)).Find(a => a.Seq != seq && CallDigest.ToWire(a.Digest) == request.Digest);
        var register = await db.Rollouts.AsNoTracking().Where(r => r.Id == request.RolloutId).Select(r => r.Catalogue).SingleOrDefaultAsync(ct);
        // Written through the same reader, so it parses.
        var catalogue = register is null ? ActionCatalogue.Empty : ActionCatalogue.Parse(JsonElement.Parse(register)).Value;
        var history = new RequestHistory(compared.Count, UnusualValues.Find(request.Arguments, [.. Enumerable.Reverse(compared).Select(r => arguments[r.ArgumentsSeq])]),
            Call(similar),
            [.. ended.Take(Shown).Select(a => new LikeThis(a.Id, a.Status.ToString().ToLowerInvariant(), a.At))], await LastAsync(db, request.AgentId, seq, ct), await UndoAsync(db, request, catalogue, seq, ct), await ProposedAsync(db, request.Id, ct), catalogue.Find(request.Action)?.ArgumentsSchema, Call(repeats), twin?.Id);
        // When somebody said yes, not when it was asked.
        SimilarCall? Call(Row? row) => row is null ? null : new SimilarCall(row.Id, ended.Find(a => a.Seq == row.Seq)?.At ?? row.At, Word(status.GetValueOrDefault(row.Seq)), Word(row.Report), arguments[row.ArgumentsSeq]);

        return MaySee(writer.State, me, request) ? history : history with { Similar = null, Repeats = null, Twin = null, Like = [], Last = [], Proposed = [], OnlyThis = true };
    }

    /// <summary>What an agent waits for, soonest due first.</summary>
    internal static IQueryable<ApprovalRequest> Waiting(OpsDbContext db, string agentId) => db.Approvals.AsNoTracking().Where(a => a.AgentId == agentId && a.Status == ApprovalStatus.Pending).OrderBy(a => a.ExpiresAt).ThenBy(a => a.Seq);

    /// <summary>Whether a reader of a request may see its rollout, and so the other calls of its agent. Who was handed it, stands in, or owns the agent may see it and not the rollout.</summary>
    internal static bool MaySee(ConsoleState state, PersonCaller me, ApprovalView request)
        => state.Rollouts.TryGetValue(request.RolloutId, out var rollout) && Permissions.MaySee(me.Person, rollout, state.Directory);

    /// <summary>Requests of an agent for an action that ended, newest first.</summary>
    internal static IQueryable<ApprovalRequest> Ended(OpsDbContext db, string agentId, string action, long before)
        => db.Approvals.AsNoTracking().Where(a => a.AgentId == agentId && a.Action == action && a.Status != ApprovalStatus.Pending && a.Seq < before).OrderByDescending(a => a.Seq);

    /// <summary>Decisions about an action, newest first.</summary>
    internal static IQueryable<DecisionRecord> OfAction(OpsDbContext db, string action, long before) => db.Decisions.AsNoTracking().Where(d => d.Action == action && d.Seq < before).OrderByDescending(d => d.Seq);

    /// <summary>An agent's decisions, newest first.</summary>
    internal static IQueryable<DecisionRecord> OfAgent(OpsDbContext db, string agentId, long before) => db.Decisions.AsNoTracking().Where(d => d.AgentId == agentId && d.Seq < before).OrderByDescending(d => d.Seq);

    private static IQueryable<Row> Rows(IQueryable<DecisionRecord> decisions) => decisions.Select(d => new Row(d.Seq, d.Id, d.At, d.AgentId, d.Outcome, d.Mode, d.RuleId, d.ResourceType, d.ResourceId, d.ArgumentsSeq, d.ReportStatus));

    // By their place in the log, newest first, until enough was read; erased ones are left out.
    private static async Task<Dictionary<long, JsonElement>> ArgumentsAsync(OpsDbContext db, IReadOnlyList<Row> rows, CancellationToken ct)
    {
        var seqs = rows.Select(r => r.ArgumentsSeq).ToList();
        Dictionary<long, JsonElement> found = [];
        var read = 0;
        await foreach (var payload in db.Payloads.AsNoTracking().Where(p => seqs.Contains(p.Seq)).OrderByDescending(p => p.Seq).Select(p => new { p.Seq, p.Body }).AsAsyncEnumerable().WithCancellation(ct))
        {
            var arguments = AskReader.Child(JsonElement.Parse(payload.Body), "arguments");
            found[payload.Seq] = arguments.ValueKind == JsonValueKind.Object ? arguments : JsonElement.Parse("{}");
            if ((read += payload.Body.Length) > MostCharacters) break;
        }
        return found;
    }

    private static async Task<IReadOnlyList<LastDecision>> LastAsync(OpsDbContext db, string agentId, long before, CancellationToken ct)
    {
        var rows = await OfAgent(db, agentId, before).Take(Shown).Select(d => new { d.Seq, d.Id, d.At, d.Action, d.ResourceId, d.Outcome, d.ReportStatus, d.Late }).ToListAsync(ct);
        var seqs = rows.Select(r => r.Seq).ToList();
        var asked = await db.Approvals.AsNoTracking().Where(a => seqs.Contains(a.Seq)).Select(a => new { a.Seq, a.Status }).ToDictionaryAsync(a => a.Seq, a => a.Status, ct);
        return [.. rows.Select(d => new LastDecision(d.Id, d.At, d.Action, d.ResourceId, DecisionWire.Word(d.Outcome), asked.TryGetValue(d.Seq, out var s) ? s.ToString().ToLowerInvariant() : d.Outcome == Outcome.Allow ? "alone" : null, Word(d.ReportStatus), d.Late))];
    }

    /// <summary>Holds the agent's plan to undo it against the register, the matrix in force and what the agent did with that action before.</summary>
    private async Task<Reversibility> UndoAsync(OpsDbContext db, ApprovalView request, ActionCatalogue catalogue, long before, CancellationToken ct)
    {
        var window = request.UndoWindow is { } iso && IsoDuration.TryParse(iso, out var length) ? length : TimeSpan.Zero;
        var (plan, action) = (request.Undo.EnumerateObject().Any(), AskReader.Member(request.Undo, "action"));
        if (action is null || !writer.State.Agents.TryGetValue(request.AgentId, out var agent)) return Reversibility.Of(new UndoGround(request.Reversible, window, plan, null, null, null, null, 0, 0));
        var call = new PolicyCall
        {
            Action = action, ResourceType = request.ResourceType, ResourceId = request.ResourceId, ResourceAttributes = request.ResourceAttributes, Arguments = AskReader.Child(request.Undo, "arguments"),
            Confidence = request.Confidence, OnBehalfOf = request.OnBehalfOf, Patterns = new PatternBudget(Stopwatch.GetTimestamp, Stopwatch.Frequency / 40),
        };
        var ruling = UndoAnswer.Of(call, agent, time.GetUtcNow());
        var done = await OfAction(db, call.Action, before).Take(Deepest).Select(d => new { d.AgentId, d.Outcome, d.Mode, d.ReportStatus }).ToListAsync(ct);
        var ran = done.Where(d => d.AgentId == request.AgentId && d is { Outcome: Outcome.Allow, Mode: AskMode.Live }).ToList();
        var succeeded = ran.Count(d => d.ReportStatus == ReportStatus.Succeeded);
        return Reversibility.Of(new UndoGround(request.Reversible, window, plan, action, catalogue.Actions.Count == 0 ? null : catalogue.Find(action) is not null, ruling.Outcome, ruling.Reasons[0].Message, succeeded, ran.Count - succeeded));
    }

    private async Task<IReadOnlyList<RuleProposedFrom>> ProposedAsync(OpsDbContext db, string id, CancellationToken ct)
    {
        var entries = await About(db, id).Take(Most).Select(e => new { e.Seq, e.Leaf }).ToListAsync(ct);
        return [.. entries.Select(e => LogEvent.Of(e.Seq, e.Leaf, null)).OfType<LogEvent>().Where(e => e.Event == RuleProposals.Event).Select(e => new RuleProposedFrom(e.Word("row") ?? "", writer.State.Directory.NameOf(e.Actor[(e.Actor.IndexOf(':') + 1)..]), e.At))];
    }

    /// <summary>What the log says about a request, oldest first; with the condition of the index, word for word.</summary>
    internal static IQueryable<AuditEntry> About(OpsDbContext db, string id) => db.Audit.AsNoTracking().Where(e => e.Object == id && e.Event != "decision.asked").OrderBy(e => e.Seq);

    private static string Word(ApprovalStatus status) => status is ApprovalStatus.Approved or ApprovalStatus.Edited ? status.ToString().ToLowerInvariant() : "alone";
    private static string? Word(ReportStatus? status) => status?.ToString().ToLowerInvariant();
}
