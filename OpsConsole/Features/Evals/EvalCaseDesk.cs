using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Evals;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Decisions;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Evals;

/// <summary>Cases kept from rejected requests and from incidents, for evals to come. Signals <c>eval-cases:&lt;rollout&gt;</c>.</summary>
public sealed class EvalCaseDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    private const string Editors = "Eval cases are removed by the rollout's owners, its engineering owner, its risk lead, a facilitator or an admin.";
    private const int MostReason = 2_000;
    // Of a table: each may have arguments and context of some hundred KB.
    internal const int RowsAtOnce = 20;

    public static string Topic(string rolloutId) => "eval-cases:" + rolloutId;

    /// <summary>Keeps what was rejected, in the change that rejects it. Once per request; a second time changes nothing.</summary>
    /// <param name="body">The ask as it is on record.</param>
    /// <param name="arguments">As they were rejected.</param>
    public static async Task KeepAsync(ChangeScope scope, Actor by, ApprovalRequest approval, JsonElement body, JsonElement arguments, string? reasonCode, string? reason, CancellationToken ct)
    {
        if (await scope.Db.EvalCases.AnyAsync(c => c.Seq == approval.Seq, ct)) return;
        var kept = new EvalCase(approval.Seq, Ids.Rename(approval.Id, "evc"), approval.RolloutId, approval.AgentId, approval.Id, null, approval.Action, CallOf(body, arguments), EvalExpected.Deny, EvalCase.Suggest(reasonCode), reasonCode, reason, by.Id, scope.Now);
        Add(scope, by, kept, new { approval = approval.Id, category = Word(kept.Category) });
    }

    /// <summary>Keeps a decision that an incident was about, or (without one) a shadow sample. Once per decision: where it is kept already, that case is given and nothing changes.</summary>
    /// <param name="body">The ask as it is on record.</param>
    /// <param name="arguments">As they were decided on.</param>
    public static async Task<EvalCase> KeepAsync(ChangeScope scope, Actor by, DecisionRecord decision, JsonElement body, JsonElement arguments, string? incidentId, EvalExpected expected, EvalCategory category, string reason, CancellationToken ct)
    {
        if (await scope.Db.EvalCases.SingleOrDefaultAsync(c => c.Seq == decision.Seq && c.RemovedAt == null, ct) is { } known) return known;
        // What was taken out of the list makes room for it.
        await scope.Db.EvalCases.Where(c => c.Seq == decision.Seq).ExecuteDeleteAsync(ct);
        var kept = new EvalCase(decision.Seq, Ids.Rename(decision.Id, "evc"), decision.RolloutId, decision.AgentId, null, incidentId, decision.Action, CallOf(body, arguments), expected, category, null, reason, by.Id, scope.Now);
        Add(scope, by, kept, new { incident = incidentId, decision = decision.Id, expected = expected.ToString().ToLowerInvariant(), category = Word(category) });
        return kept;
    }

    private static void Add(ChangeScope scope, Actor by, EvalCase kept, object details)
    {
        scope.Db.EvalCases.Add(kept);
        scope.Audit(by, "eval_case.kept", kept.Id, details, rolloutId: kept.RolloutId, decisionSeq: kept.Seq);
        scope.Signal(Topic(kept.RolloutId));
    }

    private static string CallOf(JsonElement body, JsonElement arguments)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in ((string, JsonElement)[])[("resource", AskReader.Child(body, "resource")), ("arguments", arguments), ("context", AskReader.Child(body, "context")), ("reasoning", AskReader.Child(body, "reasoning"))])
            {
                if (value.ValueKind == JsonValueKind.Undefined) continue;
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Word(EvalCategory category) => JsonNamingPolicy.SnakeCaseLower.ConvertName(category.ToString());

    public Fault? MaySee(PersonCaller caller, string rolloutId) => Sight.Rollout(writer.State, caller, rolloutId).Fault;

    public Fault? MayRemove(PersonCaller caller, string rolloutId) => Sight.Rollout(writer.State, caller, rolloutId, Permissions.MayEdit, Editors).Fault;

    /// <summary>Newest first; <c>after</c> is the <c>next</c> of a page. Whoever sees the rollout sees its cases.</summary>
    public async Task<Result<Wire.Page<EvalCaseView>>> ListAsync(PersonCaller caller, string rolloutId, PageQuery page, CancellationToken ct)
    {
        if (MaySee(caller, rolloutId) is { } hidden) return hidden;
        var before = long.MaxValue;
        if (page.After is not null && !long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out before)) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await Kept(db, rolloutId, before).Take(page.Limit + 1).ToListAsync(ct);
        return Wire.PageOf(rows, page.Limit, c => c.Seq.ToString(CultureInfo.InvariantCulture), View);
    }

    internal static IQueryable<EvalCase> Kept(OpsDbContext db, string rolloutId, long before)
        => db.EvalCases.AsNoTracking().Where(c => c.RolloutId == rolloutId && c.RemovedAt == null && c.Seq < before).OrderByDescending(c => c.Seq);

    /// <summary>Every case that is kept, as a table for a spreadsheet, some rows at a time; objects stand in it as JSON. Throws where the caller may not see them any more: a table that breaks off must not look whole.</summary>
    public async IAsyncEnumerable<string> CsvAsync(PersonCaller caller, string rolloutId, [EnumeratorCancellation] CancellationToken ct)
    {
        const string lineBreak = "\r\n";
        yield return Csv.Write([["id", "action", "resource", "arguments", "context", "expected", "category", "reason_code", "reason", "agent", "approval_id", "by", "at", "incident_id"]], lineBreak);
        string? after = null;
        do
        {
            var page = await ListAsync(caller, rolloutId, new PageQuery(after, RowsAtOnce), ct);
            if (page.Fault is { } fault) throw new InvalidOperationException(fault.Message);
            yield return Csv.Write([.. page.Value.Items.Select(c => (string[])[c.Id, c.Action, c.Resource?.GetRawText() ?? "", c.Arguments.ValueKind == JsonValueKind.Undefined ? "{}" : c.Arguments.GetRawText(), c.Context?.GetRawText() ?? "", c.Expected,
                Word(c.Category), c.ReasonCode ?? "", c.Reason ?? "", c.AgentName, c.ApprovalId ?? "", c.By, c.At.ToString("O", CultureInfo.InvariantCulture), c.IncidentId ?? ""])], lineBreak);
            after = page.Value.Next;
        }
        while (after is not null);
    }

    /// <summary>Takes a case out of the list; the log says who and why. Faults: not found, forbidden, <c>field.invalid</c>.</summary>
    public Task<Result<Done>> RemoveAsync(PersonCaller caller, string rolloutId, string id, string reason) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (Sight.Rollout(scope.State, caller, rolloutId, Permissions.MayEdit, Editors).Fault is { } refused) return refused;
        if (TextRules.Wrong("reason", reason, MostReason, required: true) is { } wrong) return wrong;
        if (!Ids.TrySeq(id, "evc", out var seq) || await scope.Db.EvalCases.SingleOrDefaultAsync(c => c.Seq == seq, ct) is not { } found || found.Id != id || found.RolloutId != rolloutId || found.RemovedAt is not null) return Fault.NotFound("eval case");
        found.Remove(scope.Now);
        scope.Audit(caller.Actor, "eval_case.removed", id, payload: new { reason = reason.Trim() }, rolloutId: rolloutId);
        scope.Signal(Topic(rolloutId));
        return Done.Value;
    });

    private EvalCaseView View(EvalCase kept)
    {
        var state = writer.State;
        return EvalCaseView.Of(kept, state.Agents.TryGetValue(kept.AgentId, out var agent) ? agent.Name : kept.AgentId, state.Directory.NameOf(kept.CreatedBy));
    }
}
