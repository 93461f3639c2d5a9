using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Decisions;

/// <summary>One step of a decision's story.</summary>
/// <param name="Key">Stable within the story; stands in the page's address.</param>
/// <param name="Tone">allow, waits, denied, shadow or empty.</param>
/// <param name="Summary">What happened, in words of the console.</param>
/// <param name="Said">What a person or an agent said: untrusted.</param>
/// <param name="Payload">JSON to look at, or null.</param>
/// <param name="Seq">Its entry in the log, or null for what follows from other steps.</param>
/// <param name="Until">A moment that the summary ends in, said by <paramref name="UntilWords"/>; apart, because the reader's zone is not known here.</param>
public sealed record StoryStep(string Key, string Title, DateTimeOffset At, string Tone, string Summary, string? Said = null, string? SaidBy = null, string? Payload = null, long? Seq = null, DateTimeOffset? Until = null, string? UntilWords = null);

/// <summary>An entry of the log that proves a part of the story.</summary>
public sealed record StoryProof(long Seq, string Event, string LeafSha256, string Chain);

/// <summary>A system write as it was reported.</summary>
public sealed record StoryWrite(string System, string Record, string Operation, string? Before, string? After);

/// <summary>The version of the matrix that decided.</summary>
public sealed record StoryVersion(int Number, string PublishedBy, DateTimeOffset PublishedAt, string Reason, string Sha256);

/// <summary>How one proposal was judged: the ask, or an approver's edit.</summary>
/// <param name="StepKey">The <see cref="StoryStep.Key"/> it belongs to.</param>
/// <param name="Rules">The rows that were considered, up to and with the one that decided, told over the version in force then.</param>
/// <param name="DefaultOutcome">What that version says where no row matches.</param>
public sealed record StoryJudgement(string StepKey, IReadOnlyList<RuleTrace> Rules, string DefaultOutcome, StoryVersion? Version);

/// <summary>All that is known about a decision, in the order of time.</summary>
/// <param name="Judgements">The ask's, then one for each edit.</param>
public sealed record StoryView(DecisionView Decision, IReadOnlyList<StoryStep> Steps, IReadOnlyList<StoryJudgement> Judgements, IReadOnlyList<StoryWrite> Writes, IReadOnlyList<StoryProof> Proofs,
    bool MayReconcile, string? CostUsd, long? CostTokens)
{
    /// <summary>The log has more entries about it than are told here.</summary>
    public bool Cut { get; init; }
}

/// <summary>Tells what happened to a decision, from the log and the rows beside it.</summary>
public sealed class DecisionStory(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, TimeProvider time)
{
    private const int MostEntries = 200;

    /// <summary>Not found when there is none, or the person may not see its rollout.</summary>
    public async Task<Result<StoryView>> TellAsync(PersonCaller me, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (!Ids.TrySeq(id, "dec", out var seq)) return Fault.NotFound("decision");
        await using var db = await factory.CreateDbContextAsync(ct);
        var d = await db.Decisions.AsNoTracking().SingleOrDefaultAsync(x => x.Seq == seq, ct);
        if (d is null || d.Id != id || !state.Agents.TryGetValue(d.AgentId, out var agent) || !Permissions.MaySee(me.Person, agent.Rollout, state.Directory)) return Fault.NotFound("decision");
        var approval = await db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.Seq == seq, ct);
        var outcome = await db.Outcomes.AsNoTracking().SingleOrDefaultAsync(o => o.DecisionSeq == seq, ct);
        var log = await db.Audit.AsNoTracking().Where(a => a.Seq == seq).ToListAsync(ct);
        log.AddRange(await db.Audit.AsNoTracking().Where(a => a.DecisionSeq == seq).OrderBy(a => a.Seq).Take(MostEntries + 1).ToListAsync(ct));
        var cut = log.Count > MostEntries + 1;
        if (cut) log.RemoveAt(log.Count - 1);
        var seqs = log.Select(a => a.Seq).ToList();
        var payloads = await db.Payloads.AsNoTracking().Where(p => seqs.Contains(p.Seq)).ToDictionaryAsync(p => p.Seq, p => p.Body, ct);
        var judgements = await JudgementsAsync(db, d, log, payloads, state, ct);
        var steps = new StorySteps(d, approval, state, payloads);
        foreach (var entry in log.OrderBy(a => a.Seq)) steps.Add(entry);
        steps.Close(time.GetUtcNow());
        var reported = outcome is null ? default : Parse(payloads.GetValueOrDefault(outcome.AuditSeq));
        return new StoryView(DecisionView.Of(d, approval, state, ""), steps.All, judgements, Writes(reported),
            [.. log.OrderBy(a => a.Seq).Select(a => new StoryProof(a.Seq, a.Event, Convert.ToHexStringLower(AuditLeaf.LeafHash(System.Text.Encoding.UTF8.GetBytes(a.Leaf))), Convert.ToHexStringLower(a.Chain)))],
            Unreported(d, time.GetUtcNow()) && Permissions.MayManage(me.Person, agent), outcome?.CostUsd is { } usd ? Money.ToWire(usd) : null, outcome?.CostTokens) { Cut = cut };
    }

    // The ask was judged by the version of then, and each edit again by the version of its own moment.
    private static async Task<IReadOnlyList<StoryJudgement>> JudgementsAsync(OpsDbContext db, DecisionRecord d, IReadOnlyList<AuditEntry> log, Dictionary<long, string> payloads, ConsoleState state, CancellationToken ct)
    {
        var asked = Parse(payloads.GetValueOrDefault(d.Seq));
        var proposals = log.Where(e => e.Seq == d.Seq || e.Event == "approval.edited").OrderBy(e => e.Seq)
            .Select(e => (e.Seq, Version: Detail(e.Leaf, "matrix_version") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : d.MatrixVersion)).ToList();
        var numbers = proposals.Select(p => p.Version).Distinct().ToList();
        var versions = await db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == d.RolloutId && numbers.Contains(v.Number)).ToDictionaryAsync(v => v.Number, ct);
        var policies = versions.ToDictionary(v => v.Key, v => CompiledPolicy.Compile(MatrixJson.Parse(JsonElement.Parse(v.Value.Document)).Value, v.Key));
        return [.. proposals.Select(p =>
        {
            var policy = policies.GetValueOrDefault(p.Version);
            var call = AskReader.Call(asked, d.Action, AskReader.Child(Parse(payloads.GetValueOrDefault(p.Seq)), "arguments"));
            return new StoryJudgement(p.Seq == d.Seq ? "decided" : StorySteps.EditKey(p.Seq), policy?.Explain(call) ?? [], MatrixWords.Of(policy?.Document.Default ?? DefaultOutcome.Deny),
                versions.TryGetValue(p.Version, out var v) ? new StoryVersion(v.Number, state.Directory.NameOf(v.PublishedBy), v.PublishedAt, v.Reason, Convert.ToHexStringLower(v.Sha256)) : null);
        })];
    }

    /// <summary>The decisions of one run, oldest first, that the person may see: at most 500.</summary>
    public async Task<IReadOnlyList<RunLine>> RunAsync(PersonCaller me, string runId, CancellationToken ct)
    {
        var state = writer.State;
        var visible = Permissions.VisibleRollouts(me.Person, state);
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await db.Decisions.AsNoTracking().Where(d => d.RunId == runId).OrderBy(d => d.Seq).Take(500).ToListAsync(ct);
        if (visible is not null) rows = [.. rows.Where(d => visible.Contains(d.RolloutId))];
        var seqs = rows.Select(d => d.Seq).ToList();
        var approvals = await db.Approvals.AsNoTracking().Where(a => seqs.Contains(a.Seq)).ToDictionaryAsync(a => a.Seq, ct);
        var costs = await db.Outcomes.AsNoTracking().Where(o => seqs.Contains(o.DecisionSeq)).Select(o => new { o.DecisionSeq, o.Status, o.CostUsd, o.CostTokens }).ToDictionaryAsync(o => o.DecisionSeq, ct);
        return [.. rows.Select(d =>
        {
            var spent = costs.GetValueOrDefault(d.Seq);
            return new RunLine(DecisionView.Of(d, approvals.GetValueOrDefault(d.Seq), state, ""), spent is not null, Spent.Of(d.Outcome, spent?.Status, spent?.CostUsd, d.ReservedUsd), Spent.Of(d.Outcome, spent?.Status, spent?.CostTokens, d.ReservedTokens));
        })];
    }

    internal static bool Unreported(DecisionRecord d, DateTimeOffset now) => d is { ReportedAt: null, Outcome: Outcome.Allow, Mode: AskMode.Live, Write: true } && d.ValidUntil < now;

    private static IReadOnlyList<StoryWrite> Writes(JsonElement report)
    {
        var writes = AskReader.Child(report, "writes");
        return writes.ValueKind != JsonValueKind.Array ? [] : [.. writes.EnumerateArray().Select(w => new StoryWrite(AskReader.Member(w, "system") ?? "", AskReader.Member(w, "record") ?? "", AskReader.Member(w, "operation") ?? "", Raw(w, "before"), Raw(w, "after")))];

        static string? Raw(JsonElement write, string name) => AskReader.Child(write, name) is { ValueKind: not JsonValueKind.Undefined } value ? value.GetRawText() : null;
    }

    internal static JsonElement Parse(string? json) => json is null ? default : JsonElement.Parse(json);

    internal static JsonElement Detail(string? leaf, string name) => leaf is null ? default : AskReader.Child(AskReader.Child(Parse(leaf), "details"), name);
}

/// <summary>A decision of a run with what it cost.</summary>
/// <param name="Reported">The cost was reported; else it is what was reserved.</param>
/// <param name="Usd">Micro-dollars.</param>
public sealed record RunLine(DecisionView Decision, bool Reported, long Usd, long Tokens);
