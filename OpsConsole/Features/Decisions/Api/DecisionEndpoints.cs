using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Shadow;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions.Api;

/// <summary>What agents call (protocols.md, section N): ask, wait, claim, report, cancel.</summary>
internal static class DecisionEndpoints
{
    public static void Map(WebApplication app)
    {
        // Looked up once: a handler that asks for services gets a scope with every request.
        var (decisions, standing, address) = (app.Services.GetRequiredService<DecisionService>(), app.Services.GetRequiredService<StandingCallers>(), app.Services.GetRequiredService<PublicAddress>());
        app.MapPost("/api/v1/decisions", (HttpContext http, JsonBody body) => AskAsync(http, body, decisions, standing, address)).ForAgents().Takes<AskRequest>().Produces<AnswerResponse>().Produces<AnswerResponse>(202).WithName("ask");
        app.MapGet("/api/v1/decisions/{id}", WaitAsync).ForAgentsAndPeople("decisions").Produces<AnswerResponse>().WithName("wait");
        app.MapPost("/api/v1/decisions/{id}/claim", ClaimAsync).ForAgents().Takes<ClaimRequest>().Produces<AnswerResponse>().WithName("claim");
        app.MapPost("/api/v1/decisions/{id}/outcome", ReportAsync).ForAgentsAndPeople("decisions").Takes<OutcomeRequest>().Produces<OutcomeResponse>().WithName("report");
        app.MapPost("/api/v1/decisions/{id}/answer", AnswerAsync).ForAgents().Takes<AnswerRequest>().Produces<AnswerResponse>().WithName("answer");
        app.MapPost("/api/v1/decisions/{id}/cancel", CancelAsync).ForAgents().Produces<AnswerResponse>().WithName("cancel");
    }

    private static async Task<IResult> AskAsync(HttpContext http, JsonBody body, DecisionService decisions, StandingCallers standing, PublicAddress address)
    {
        var me = http.Agent()!;
        var key = http.Request.Headers["Idempotency-Key"].ToString().Trim('"');
        if (key.Length > 255 || key.Any(char.IsControl)) return Fault.Invalid("field.invalid", "The Idempotency-Key is at most 255 printable characters.", "Idempotency-Key").ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } wrong) return wrong.ToHttp();
        if (!Prefer.TryWait(http, out var wait)) return Prefer.Wrong.ToHttp();
        var idempotency = key.Length == 0 ? null : new IdempotencyClaim(key, SHA256.HashData(body.Raw.Span));
        var result = await decisions.AskAsync(me, read.Value, http.Request.Headers.TraceParent, idempotency, idempotency is null ? null : Rendering(address.Link(http, "")));
        if (result.Fault is { } fault) return fault.ToHttp();
        Answer answer;
        if (result.Value is Replayed replayed)
        {
            http.Response.Headers["Idempotency-Replayed"] = "true";
            // The stored answer says 'pending' for ever; whoever waits is told how it stands.
            if (wait is null || await decisions.FindAsync(replayed.Id, me.AgentId, http.RequestAborted) is not { } stored) return new ReplayResult(replayed);
            answer = stored;
        }
        else answer = (Answer)result.Value;
        if (wait is { } hold)
        {
            http.Response.Headers["Preference-Applied"] = $"wait={(int)hold.TotalSeconds}";
            if (answer.Decision.Outcome == Outcome.Pending)
            {
                var waited = await decisions.WaitAsync(answer.Decision.Id, me.AgentId, hold, d => Refusal(http, d, decisions, standing), http.RequestAborted);
                if (waited.Fault is { } gone) return gone.ToHttp();
                answer = waited.Value;
            }
        }
        return new AnswerResult(answer, address, answer.Decision.Outcome == Outcome.Pending);
    }

    private static Func<Answer, string> Rendering(string baseUrl) => answer => DecisionWire.ToText(answer, baseUrl);

    // Whoever is told something is looked at once more: a key or a right may have gone since the call came in.
    private static Fault? Refusal(HttpContext http, DecisionRecord decision, DecisionService decisions, StandingCallers standing)
        => http.Agent() is { } agent ? standing.Still(agent) ? null : StandingCallers.Unproven
         : standing.Still(http.Person()!) is not { } person ? StandingCallers.Unproven
         : decisions.MaySee(person, decision) ? null : Fault.NotFound("decision");

    private static async Task<IResult> WaitAsync(string id, HttpContext http, DecisionService decisions, StandingCallers standing, PublicAddress address, CancellationToken ct)
    {
        if (!Prefer.TryWait(http, out var wait)) return Prefer.Wrong.ToHttp();
        var agentId = http.Agent()?.AgentId;
        Answer? answer;
        if (wait is { } hold)
        {
            http.Response.Headers["Preference-Applied"] = $"wait={(int)hold.TotalSeconds}";
            var waited = await decisions.WaitAsync(id, agentId, hold, d => Refusal(http, d, decisions, standing), ct);
            if (waited.Fault is { } fault) return fault.ToHttp();
            answer = waited.Value;
        }
        else answer = await decisions.FindAsync(id, agentId, ct);
        if (answer is null || (http.Person() is { } person && !decisions.MaySee(person, answer.Decision))) return Fault.NotFound("decision").ToHttp();
        return new AnswerResult(answer, address, pending: false, retry: answer.Decision.Outcome == Outcome.Pending);
    }

    private static async Task<IResult> ClaimAsync(string id, HttpContext http, JsonBody body, DecisionService decisions, PublicAddress address)
    {
        var me = http.Agent()!;
        if (await decisions.FindAsync(id, me.AgentId, http.RequestAborted) is null) return Fault.NotFound("decision").ToHttp();
        var read = await body.ReadAsync(optional: true);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var fields = new Fields(read.Value);
        var (arguments, preconditions) = (fields.Object("arguments"), fields.Object("preconditions"));
        if (fields.Finish() is { } invalid) return invalid.ToHttp();
        var result = await decisions.ClaimAsync(me, id, arguments, preconditions);
        return result.Fault is { } fault ? fault.ToHttp() : new AnswerResult(result.Value, address, pending: false);
    }

    private static async Task<IResult> ReportAsync(string id, HttpContext http, JsonBody body, DecisionService decisions, ShadowDesk shadow, CancellationToken ct)
    {
        if (await decisions.FindAsync(id, http.Agent()?.AgentId, ct) is null) return Fault.NotFound("decision").ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } wrong) return wrong.ToHttp();
        if (AskReader.Child(read.Value, "human").ValueKind != System.Text.Json.JsonValueKind.Undefined) return await HumanAsync(id, http, read.Value, shadow);
        Result<Report> report;
        try
        {
            report = ReportReader.Read(read.Value);
        }
        catch (FormatException e)
        {
            return Fault.Invalid("field.invalid", "The body has no canonical form: " + e.Message).ToHttp();
        }
        if (report.Fault is { } invalid) return invalid.ToHttp();
        var result = http.Agent() is { } me ? await decisions.ReportAsync(me, id, report.Value) : await decisions.ReconcileAsync(http.Person()!, id, report.Value, ct);
        return result.Fault is { } fault ? fault.ToHttp() : Results.Json(new OutcomeResponse(result.Value.DecisionId, result.Value.Status.ToString().ToLowerInvariant(), result.Value.Late), Wire.Json);
    }

    // A shadow sample's outcome is what people did: nothing ran, so it has no status, and a report with one still says that the agent acted anyway.
    private static async Task<IResult> HumanAsync(string id, HttpContext http, System.Text.Json.JsonElement body, ShadowDesk shadow)
    {
        var fields = new Fields(body);
        var human = new Fields(fields.Object("human"), "human");
        var request = HumanRequest.Of(human);
        if (fields.Finish() is { } wrong) return wrong.ToHttp();
        if (human.Finish() is { } invalid) return invalid.ToHttp();
        var done = http.Agent() is { } me ? await shadow.RecordAsync(me, id, request) : await shadow.RecordAsync(http.Person()!, id, request);
        return done.Fault?.ToHttp() ?? Results.Json(done.Value, Wire.Json);
    }

    private static async Task<IResult> AnswerAsync(string id, HttpContext http, JsonBody body, DecisionService decisions, PublicAddress address, CancellationToken ct)
    {
        var me = http.Agent()!;
        if (await decisions.FindAsync(id, me.AgentId, ct) is null) return Fault.NotFound("decision").ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var fields = new Fields(read.Value);
        var (question, answer) = (fields.Text("question", 100, required: true), fields.Text("answer", AskBack.LongestAnswer, required: true));
        if (fields.Finish() is { } invalid) return invalid.ToHttp();
        var result = await decisions.AnswerAsync(me, id, question!, answer!, ct);
        return result.Fault is { } fault ? fault.ToHttp() : new AnswerResult(result.Value, address, pending: false, retry: result.Value.Decision.Outcome == Outcome.Pending);
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext http, JsonBody body, DecisionService decisions, PublicAddress address)
    {
        if (await decisions.FindAsync(id, http.Agent()!.AgentId, http.RequestAborted) is null) return Fault.NotFound("decision").ToHttp();
        var read = await body.ReadAsync(optional: true);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var fields = new Fields(read.Value);
        fields.Text("reason", 2_000);
        if (fields.Finish() is { } invalid) return invalid.ToHttp();
        var result = await decisions.CancelAsync(http.Agent()!, id);
        return result.Fault is { } fault ? fault.ToHttp() : new AnswerResult(result.Value, address, pending: false);
    }
}

/// <summary>An answer: 200, or 202 with Location and Retry-After for a new pending one.</summary>
internal sealed class AnswerResult(Answer answer, PublicAddress address, bool pending, bool retry = false) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
        => WriteAsync(httpContext.Response, DecisionWire.ToUtf8(answer, answer.Approval is null ? "" : address.Link(httpContext, "")), answer.Decision.Id, pending, pending || retry);

    public static Task WriteAsync(HttpResponse response, ReadOnlySpan<byte> body, string decisionId, bool accepted, bool retry)
    {
        if (accepted)
        {
            response.StatusCode = StatusCodes.Status202Accepted;
            response.Headers.Location = "/api/v1/decisions/" + decisionId;
        }
        if (retry) response.Headers.RetryAfter = "5";
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
        return response.BodyWriter.FlushAsync().AsTask();
    }
}

/// <summary>An earlier answer once more, as it was.</summary>
internal sealed class ReplayResult(Replayed replayed) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => AnswerResult.WriteAsync(httpContext.Response, Encoding.UTF8.GetBytes(replayed.Body), replayed.Id, replayed.Pending, replayed.Pending);
}
