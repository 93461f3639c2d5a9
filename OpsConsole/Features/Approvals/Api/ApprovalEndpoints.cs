using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals.Api;

/// <summary>For people and scripts that decide (protocols.md, section N, 'Who decides').</summary>
internal static class ApprovalEndpoints
{
    internal enum Word { Approve, Edit, Reject, Ask, Reassign, Escalate }

    /// <summary>What a body says: a verdict or a question back.</summary>
    internal sealed record Said(VerdictRequest? Verdict, AskBackRequest? Question = null);

    private static readonly Dictionary<string, Word> Words = new() { ["approve"] = Word.Approve, ["edit"] = Word.Edit, ["reject"] = Word.Reject, ["ask"] = Word.Ask, ["reassign"] = Word.Reassign, ["escalate"] = Word.Escalate };
    private static readonly Dictionary<string, Turn> Asked = new() { ["agent"] = Turn.Agent, ["owner"] = Turn.Owner };
    private static readonly Dictionary<string, ApprovalStatus> Statuses = Enum.GetValues<ApprovalStatus>().ToDictionary(s => s.ToString().ToLowerInvariant());

    public static void Map(WebApplication app)
    {
        app.MapGet("/api/v1/approvals", ListAsync).ForPeople("approvals").Produces<Wire.Page<ApprovalView>>().WithName("list approvals");
        app.MapGet("/api/v1/approvals/{id}", FindAsync).ForPeople("approvals").Produces<ApprovalView>().WithName("get approval");
        app.MapGet("/api/v1/approvals/{id}/history", HistoryAsync).ForPeople("approvals").Produces<RequestHistory>().WithName("get approval history");
        app.MapPost("/api/v1/approvals/bulk", BulkEndpoint.DecideAsync).ForPeople("approvals").Takes<BulkEndpoint.BulkRequest>().Produces<BulkResult>().WithName("decide approvals alike");
        app.MapPost("/api/v1/approvals/{id}/decision", DecideAsync).ForPeople("approvals").Takes<DecisionRequest>().Produces<ApprovalView>().WithName("decide approval");
        // Not server-sent events: SignalR's clients put the token into the address for them, and tokens are taken from the header only.
        app.MapHub<ApprovalHub>("/hubs/approvals", o => o.Transports = HttpTransportType.WebSockets | HttpTransportType.LongPolling).ForPeople("approvals");
    }

    private static async Task<IResult> ListAsync(HttpContext http, ApprovalInbox inbox, string? status, string? rollout, string? after, string? limit, [AsParameters] QueueQuery queue, CancellationToken ct)
    {
        if (Paging.Limit(limit) is not { } rows) return Paging.WrongLimit.ToHttp();
        if (queue.Asked)
        {
            if (status is not (null or "pending")) return Fault.Invalid("field.invalid", "sort, search, agent, action, rule, consequence, due_within and mine look at what waits: leave status out, or say pending.", "status").ToHttp();
            var filter = queue.Read(rollout);
            if (filter.Fault is { } wrong) return wrong.ToHttp();
            var waiting = await inbox.ListQueueAsync(http.Person()!, filter.Value, after, rows, ct);
            return waiting.Fault is { } refused ? refused.ToHttp() : Results.Json(waiting.Value, Wire.Json);
        }
        ApprovalStatus? wanted = null;
        if (status is not null)
        {
            if (!Statuses.TryGetValue(status, out var known)) return Fault.Invalid("field.invalid", $"status must be one of: {string.Join(", ", Statuses.Keys)}.", "status").ToHttp();
            wanted = known;
        }
        var result = await inbox.ListAsync(http.Person()!, wanted, rollout, after, rows, ct);
        return result.Fault is { } fault ? fault.ToHttp() : Results.Json(result.Value, Wire.Json);
    }

    private static async Task<IResult> FindAsync(string id, HttpContext http, ApprovalInbox inbox, CancellationToken ct)
    {
        var result = await inbox.FindAsync(http.Person()!, id, ct);
        return result.Fault is { } fault ? fault.ToHttp() : Results.Json(result.Value, Wire.Json);
    }

    private static async Task<IResult> HistoryAsync(string id, HttpContext http, ApprovalInbox inbox, HistoryReader history, CancellationToken ct)
    {
        var view = await inbox.FindAsync(http.Person()!, id, ct);
        return view.Fault is { } fault ? fault.ToHttp() : Results.Json(await history.OfAsync(http.Person()!, view.Value, ct), Wire.Json);
    }

    private static async Task<IResult> DecideAsync(string id, HttpContext http, JsonBody body, ApprovalInbox inbox, ApprovalService approvals, AskBackDesk questions, CancellationToken ct)
    {
        var me = http.Person()!;
        var view = await inbox.FindAsync(me, id, ct);
        if (view.Fault is { } hidden) return hidden.ToHttp();
        var voted = view.Value.Votes.Any(v => v.PersonId == me.Id) || view.Value.Moves.Any(m => m.PersonId == me.Id);
        if (!voted && view.Value.MyStanding is Standing.None) return Fault.Forbidden(view.Value.MyStandingWhy!, "approval.not_decider").ToHttp();
        if (!voted && view.Value.MyStanding is Standing.NotYet) return Fault.Forbidden(view.Value.MyStandingWhy!, "approval.not_your_turn").ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var said = Read(read.Value);
        if (said.Fault is { } invalid) return invalid.ToHttp();
        var result = await TakeAsync(me, id, said.Value, approvals, questions, ct);
        return result.Fault is { } fault ? fault.ToHttp() : Results.Json(result.Value, Wire.Json);
    }

    internal static Task<Result<ApprovalView>> TakeAsync(PersonCaller me, string id, Said said, ApprovalService approvals, AskBackDesk questions, CancellationToken ct)
        => said.Question is { } question ? questions.AskAsync(me, id, question, ct) : approvals.DecideAsync(me, id, said.Verdict!);

    internal static Result<Said> Read(JsonElement body)
    {
        var fields = new Fields(body);
        var word = fields.Word("verdict", Words, required: true);
        var reason = fields.Text("reason", required: word == Word.Ask);
        var code = fields.Text("reason_code");
        var arguments = fields.Object("arguments");
        var to = fields.Text("to");
        var version = fields.Whole("version", 1, long.MaxValue);
        var keep = fields.Flag("eval_case") ?? false;
        if (keep && word != Word.Reject) fields.Refuse("eval_case", "belongs to the verdict 'reject': only what was rejected is kept as a case.");
        if (word == Word.Edit && arguments.ValueKind == JsonValueKind.Undefined) fields.Refuse("arguments", "are required for an edit: the whole new arguments, not only what changes.");
        if (word != Word.Edit && arguments.ValueKind == JsonValueKind.Object) fields.Refuse("arguments", "belong to the verdict 'edit'; this verdict decides on the arguments as shown.");
        if (word == Word.Ask && to is not null && !Asked.ContainsKey(to)) fields.Refuse("to", $"must be one of: {string.Join(", ", Asked.Keys)}.");
        if (word is not (Word.Ask or Word.Reassign) && to is not null) fields.Refuse("to", "belongs to the verdicts 'ask' and 'reassign'.");
        if (fields.Finish() is { } fault) return fault;
        return word == Word.Ask
            ? new Said(null, new AskBackRequest(reason!.Trim(), to is null ? Turn.Agent : Asked[to], version))
            : new Said(new VerdictRequest(word switch { Word.Edit => Verdict.Edit, Word.Reject => Verdict.Reject, Word.Reassign => Verdict.Reassign, Word.Escalate => Verdict.Escalate, _ => Verdict.Approve }, reason, code, arguments.ValueKind == JsonValueKind.Object ? arguments : null, version, to, keep));
    }

    /// <summary>A verdict, or with <c>ask</c> a question (<c>reason</c>) back <c>to</c> the agent or its owner; <c>reassign</c> hands it on <c>to</c> a person or group, <c>escalate</c> asks more people. <c>reason_code</c> is any word of up to 100 characters (the desk uses those of <see cref="ReasonCodes"/>); with <c>reject</c>, <c>eval_case</c> keeps what is rejected as a case. <c>version</c> is optional; a stale or contradicting one is 409 with the winning decision.</summary>
    public sealed record DecisionRequest(string Verdict, string? Reason, string? ReasonCode, JsonElement? Arguments, string? To, long? Version, bool? EvalCase);
}
