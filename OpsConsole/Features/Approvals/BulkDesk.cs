using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Approvals;

/// <summary>One of several requests, at the version that was looked at.</summary>
public sealed record BulkItem(string Id, long Version);

/// <param name="Verdict">Approve or reject; an edit is always of one.</param>
/// <param name="Looked">How long they were all on the screen; each gets its part of it. Null by the API.</param>
public sealed record BulkVerdict(IReadOnlyList<BulkItem> Items, Verdict Verdict, string? Reason, string? ReasonCode, TimeSpan? Looked = null);

/// <summary>What became of one of them: its status now, or why nothing was recorded.</summary>
public sealed record BulkOutcome(string Id, string? Status, string? Code, string? Message);

/// <param name="Bulk">Stands with each vote in the audit log.</param>
public sealed record BulkResult(string Bulk, int Decided, int Refused, IReadOnlyList<BulkOutcome> Items);

/// <summary>One that cannot be decided with the others.</summary>
public sealed record BulkLeftOut(string Id, string What, string Code, string Why);

/// <summary>What would be decided together, and what of the selection would not.</summary>
public sealed record BulkPreview(IReadOnlyList<ApprovalView> Requests, IReadOnlyList<BulkLeftOut> LeftOut, [property: JsonIgnore] RequestKind? Kind = null);

/// <summary>
/// Several requests, one look and one press: only where they are of one kind, of low consequence and the person's own last word (<see cref="BulkRules"/>). Each is then decided by itself, as if it were the only one,
/// bound to the version that was looked at: what changed meanwhile is refused, and the others are decided all the same.
/// </summary>
public sealed class BulkDesk(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, ApprovalService approvals, IConfiguration configuration)
{
    private const int LookedThrough = 200;
    private static readonly Fault NotAlike = Fault.Refused("bulk.not_alike", "These are not all of one kind: same agent, same rule of the same version, same action, arguments of the same shape. Decide them apart.", "items");

    /// <summary>How many may be decided together.</summary>
    public int Most { get; } = ApprovalOptions.From(configuration).BulkMost;

    /// <summary>The requests of the same kind as this one that may be decided with it, itself first, soonest due first, at most <see cref="Most"/>; none where it may not be decided with others at all.</summary>
    public async Task<IReadOnlyList<string>> AlikeAsync(PersonCaller me, string id, CancellationToken ct)
    {
        if (!Ids.TrySeq(id, "apr", out var seq)) return [];
        await using var db = await factory.CreateDbContextAsync(ct);
        var first = await db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.Seq == seq, ct);
        if (first is null || first.Id != id) return [];
        var near = await ApprovalInbox.Waiting(db, first.RolloutId, new QueueFilter(AgentId: first.AgentId, Action: first.Action), 0, null, writer.Now).Take(LookedThrough).ToListAsync(ct);
        var preview = await PreviewAsync(db, me, [first, .. near.Where(a => a.Seq != seq)], ct);
        return preview.Requests.Count > 0 && preview.Requests[0].Id == id ? [.. preview.Requests.Take(Most).Select(v => v.Id)] : [];
    }

    /// <summary>Looks at a selection: those of one kind with the first that may be decided, and the rest with the reason.</summary>
    public async Task<BulkPreview> PreviewAsync(PersonCaller me, IReadOnlyList<string> ids, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await PreviewAsync(db, me, await FindAsync(db, ids, ct), ct);
    }

    /// <summary>Decides them one by one. Faults, and nothing is decided: <c>field.invalid</c>, <c>bulk.too_many</c>, <c>bulk.not_alike</c>, <c>bulk.high_consequence</c> (422). What is wrong with one alone stands in its outcome.</summary>
    public async Task<Result<BulkResult>> DecideAsync(PersonCaller me, BulkVerdict bulk, CancellationToken ct)
    {
        if (bulk.Items.Count == 0) return Fault.Invalid("field.invalid", "items must name at least one request.", "items");
        if (bulk.Items.Count > Most) return Fault.Refused("bulk.too_many", $"At most {Most} requests are decided together.", "items");
        if (bulk.Items.DistinctBy(i => i.Id).Count() < bulk.Items.Count) return Fault.Invalid("field.invalid", "items must name each request once.", "items");
        if (bulk.Verdict is not (Verdict.Approve or Verdict.Reject)) return Fault.Invalid("field.invalid", "verdict must be approve or reject; anything else is of one request.", "verdict");
        if (bulk.Verdict == Verdict.Reject && string.IsNullOrWhiteSpace(bulk.Reason) && string.IsNullOrWhiteSpace(bulk.ReasonCode)) return Fault.Invalid("field.required", "reason or reason_code is required to reject several requests: the agent learns from it.", "reason");
        if (new VerdictRequest(bulk.Verdict, bulk.Reason, bulk.ReasonCode, null, null).Check() is { } wrong) return wrong;
        BulkPreview preview;
        await using (var db = await factory.CreateDbContextAsync(ct))
        {
            preview = await PreviewAsync(db, me, await FindAsync(db, [.. bulk.Items.Select(i => i.Id)], ct), ct);
        }
        if (preview.LeftOut.FirstOrDefault(l => l.Code == "bulk.high_consequence") is { } high) return Fault.Refused("bulk.high_consequence", $"{high.What}: {high.Why}", "items");
        if (preview.LeftOut.Any(l => l.Code == NotAlike.Code)) return NotAlike;

        var mark = new BulkMark(Secrets.NewId("blk"), bulk.Items.Count);
        List<BulkOutcome> outcomes = [];
        foreach (var item in bulk.Items)
        {
            if (preview.Requests.All(r => r.Id != item.Id))
            {
                var why = preview.LeftOut.FirstOrDefault(l => l.Id == item.Id);
                outcomes.Add(new(item.Id, null, why?.Code ?? "not_found", why?.Why ?? "There is no such approval."));
                continue;
            }
            var decided = await approvals.DecideAsync(me, item.Id, new VerdictRequest(bulk.Verdict, bulk.Reason, bulk.ReasonCode, null, item.Version) { Bulk = mark, Looked = bulk.Looked / bulk.Items.Count });
            outcomes.Add(decided.Fault is { } fault ? new(item.Id, null, fault.Code, fault.Message) : new(item.Id, decided.Value.Status, null, null));
        }
        return new BulkResult(mark.Id, outcomes.Count(o => o.Status is not null), outcomes.Count(o => o.Status is null), outcomes);
    }

    private static async Task<IReadOnlyList<ApprovalRequest>> FindAsync(OpsDbContext db, IReadOnlyList<string> ids, CancellationToken ct)
    {
        List<long> seqs = [.. ids.Select(id => Ids.TrySeq(id, "apr", out var seq) ? seq : 0)];
        var found = await db.Approvals.AsNoTracking().Where(a => seqs.Contains(a.Seq)).ToListAsync(ct);
        return [.. found.Where(a => ids.Contains(a.Id)).OrderBy(a => seqs.IndexOf(a.Seq))];
    }

    private async Task<BulkPreview> PreviewAsync(OpsDbContext db, PersonCaller me, IReadOnlyList<ApprovalRequest> requests, CancellationToken ct)
    {
        var state = writer.State;
        RequestKind? kind = null;
        List<ApprovalView> together = [];
        List<BulkLeftOut> leftOut = [];
        var views = (await ApprovalView.LoadAsync(db, requests, state, me, writer.Now, ct)).ToDictionary(v => v.Id);
        foreach (var request in requests)
        {
            if (!views.TryGetValue(request.Id, out var view) || !state.Rollouts.TryGetValue(request.RolloutId, out var rollout)) continue;
            if (view.MyStanding == Standing.None && !Permissions.MaySee(me.Person, rollout, state.Directory)) continue;   // not theirs to know of
            var refused = BulkRules.Refuse(request, me.Id, new Eligibility(view.MyStanding ?? Standing.None, view.MyStandingWhy ?? ""))
                ?? (view.EvidenceComplete ? null : Fault.Refused("approval.incomplete", "What was asked is no longer all stored, so nobody can judge it."));
            var own = new RequestKind(request.RolloutId, request.AgentId, request.Terms.RuleId, request.Terms.MatrixVersion, request.Action, view.ResourceType, BulkRules.Shape(view.Arguments) + BulkRules.Shape(view.ResourceAttributes));
            if (refused is null && (kind ??= own) != own) refused = NotAlike;
            if (refused is null) together.Add(view);
            else leftOut.Add(new(request.Id, VisibleText.Flatten($"{request.Action} {request.ResourceId}").Trim(), refused.Code, refused.Message));
        }
        return new BulkPreview(together, leftOut, kind);
    }
}
