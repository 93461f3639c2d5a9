using System.Buffers;
using System.Security.Cryptography;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions.Api;

/// <summary>What agents call (protocols.md, section N): ask, wait, claim, report, cancel.</summary>
internal static class DecisionEndpoints
{
    public static void Map(WebApplication app)
    {
        // Looked up once: a handler that asks for services gets a scope with every request.
        var (decisions, address) = (app.Services.GetRequiredService<DecisionService>(), app.Services.GetRequiredService<PublicAddress>());
        app.MapPost("/api/v1/decisions", (HttpContext http, JsonBody body) => AskAsync(http, body, decisions, address)).ForAgents().Takes<AskRequest>().Produces<AnswerResponse>().Produces<AnswerResponse>(202).WithName("ask");
        app.MapGet("/api/v1/decisions/{id}", WaitAsync).ForAgentsAndPeople("decisions").Produces<AnswerResponse>().WithName("wait");
        app.MapPost("/api/v1/decisions/{id}/claim", ClaimAsync).ForAgents().Takes<ClaimRequest>().Produces<AnswerResponse>().WithName("claim");
        app.MapPost("/api/v1/decisions/{id}/outcome", ReportAsync).ForAgentsAndPeople("decisions").Takes<OutcomeRequest>().Produces<OutcomeResponse>().WithName("report");
        app.MapPost("/api/v1/decisions/{id}/cancel", CancelAsync).ForAgents().Produces<AnswerResponse>().WithName("cancel");
    }

    private static async Task<IResult> AskAsync(HttpContext http, JsonBody body, DecisionService decisions, PublicAddress address)
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
        var answer = result.Value;
        if (answer.Replay is not null)
        {
            http.Response.Headers["Idempotency-Replayed"] = "true";
            // The stored answer says 'pending' for ever; whoever waits is told how it stands.
            if (wait is null || await FindReplayedAsync(answer, me, decisions, http.RequestAborted) is not { } stored) return new AnswerResult(answer, address, DecisionWire.IsPending(answer));
            answer = stored;
        }
        if (wait is { } hold)
        {
            http.Response.Headers["Preference-Applied"] = $"wait={(int)hold.TotalSeconds}";
            if (answer.Decision.Outcome == Outcome.Pending) answer = await decisions.WaitAsync(answer.Decision.Id, me.AgentId, hold, http.RequestAborted) ?? answer;
        }
        return new AnswerResult(answer, address, answer.Decision.Outcome == Outcome.Pending);
    }

    private static Func<Answer, string> Rendering(string baseUrl) => answer => DecisionWire.ToText(answer, baseUrl);

    private static Task<Answer?> FindReplayedAsync(Answer answer, AgentCaller me, DecisionService decisions, CancellationToken ct)
        => decisions.FindAsync(System.Text.Json.JsonDocument.Parse(answer.Replay!).RootElement.GetProperty("id").GetString()!, me.AgentId, ct);

    private static async Task<IResult> WaitAsync(string id, HttpContext http, DecisionService decisions, PublicAddress address, CancellationToken ct)
    {
        if (!Prefer.TryWait(http, out var wait)) return Prefer.Wrong.ToHttp();
        var agentId = http.Agent()?.AgentId;
        Answer? answer;
        if (wait is { } hold)
        {
            http.Response.Headers["Preference-Applied"] = $"wait={(int)hold.TotalSeconds}";
            answer = await decisions.WaitAsync(id, agentId, hold, ct);
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

    private static async Task<IResult> ReportAsync(string id, HttpContext http, JsonBody body, DecisionService decisions, CancellationToken ct)
    {
        if (await decisions.FindAsync(id, http.Agent()?.AgentId, ct) is null) return Fault.NotFound("decision").ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } wrong) return wrong.ToHttp();
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
    {
        var response = httpContext.Response;
        if (pending)
        {
            response.StatusCode = StatusCodes.Status202Accepted;
            response.Headers.Location = "/api/v1/decisions/" + (answer.Replay is null ? answer.Decision.Id : System.Text.Json.JsonDocument.Parse(answer.Replay).RootElement.GetProperty("id").GetString());
        }
        if (pending || retry) response.Headers.RetryAfter = "5";
        response.ContentType = "application/json; charset=utf-8";
        var body = DecisionWire.ToUtf8(answer, answer.Approval is null ? "" : address.Link(httpContext, ""));
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
        return response.BodyWriter.FlushAsync().AsTask();
    }
}
