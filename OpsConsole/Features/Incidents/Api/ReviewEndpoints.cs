using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Evals;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Incidents.Api;

/// <summary>The review of an incident: <c>GET</c> and <c>PUT incidents/{id}/review</c>, its actions and what they become, and that it is agreed on.</summary>
internal static class ReviewEndpoints
{
    private static readonly Dictionary<string, EvalExpected> Expecteds = new() { ["deny"] = EvalExpected.Deny, ["approve"] = EvalExpected.Approve };
    private static readonly Dictionary<string, EvalCategory> Categories = Enum.GetValues<EvalCategory>().ToDictionary(c => JsonNamingPolicy.SnakeCaseLower.ConvertName(c.ToString()));
    private static readonly Dictionary<string, RuleOutcome> Outcomes = Enum.GetValues<RuleOutcome>().ToDictionary(o => o.ToString().ToLowerInvariant());

    public static void Map(WebApplication app)
    {
        var review = app.MapGroup("/api/v1/incidents/{id}/review").ForPeople("incidents").WithTags("Incidents");
        review.MapGet("", FindAsync).Produces<ReviewView>();
        review.MapPut("/{section}", WriteAsync).Produces<ReviewView>();
        review.MapPost("/publish", PublishAsync).Produces<ReviewView>();
        review.MapPost("/actions", AddAsync).Produces<ReviewView>();
        review.MapPost("/actions/{action}/done", TickAsync).Produces<ReviewView>();
        review.MapPost("/actions/{action}/reopen", ReopenAsync).Produces<ReviewView>();
        // What it becomes is written where it stands then, so a token needs the scope of that place too; the sources show what was asked.
        var lessons = app.MapGroup("/api/v1/incidents/{id}/review").WithTags("Incidents");
        lessons.MapGet("/lessons", SourcesAsync).ForPeopleWithAll("incidents", "decisions").Produces<LessonSources>();
        lessons.MapPost("/actions/{action}/eval_case", KeepCaseAsync).ForPeopleWithAll("incidents", "rollouts", "decisions").Produces<ReviewView>();
        lessons.MapPost("/actions/{action}/rule", ProposeRuleAsync).ForPeopleWithAll("incidents", "rollouts", "decisions").Produces<ReviewView>();
        lessons.MapPost("/actions/{action}/runbook", ChangeRunbookAsync).ForPeopleWithAll("incidents", "rollouts").Produces<ReviewView>();
    }

    private static Task<IResult> FindAsync(string id, HttpContext http, ReviewDesk desk, CancellationToken ct) => AnswerAsync(id, http, desk, Done.Value, ct);

    private static async Task<IResult> WriteAsync(string id, string section, HttpContext http, JsonBody body, ReviewDesk desk, CancellationToken ct)
    {
        if (IfMatch.Missing(http.Request)) return new Fault(FaultKind.PreconditionRequired, "if_match.required", "Send If-Match with the review's ETag, so that nobody's words are overwritten unseen.").ToHttp();
        var read = await body.ReadAsync(f => f.Text("text", IncidentReview.LongestSection) ?? "");
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, http, desk, await desk.WriteAsync(http.Person()!, id, section, read.Value, IfMatch.Version(http.Request, 'v')), ct);
    }

    private static async Task<IResult> PublishAsync(string id, HttpContext http, ReviewDesk desk, CancellationToken ct) => await AnswerAsync(id, http, desk, await desk.PublishAsync(http.Person()!, id), ct);

    private static async Task<IResult> AddAsync(string id, HttpContext http, JsonBody body, ReviewDesk desk, CancellationToken ct)
    {
        var read = await body.ReadAsync(f =>
        {
            var (text, owner, due) = (f.Text("text", IncidentAction.LongestText, required: true), f.Text("owner", 200, required: true), f.Text("due_on", 10, required: true));
            if (!DateOnly.TryParseExact(due, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && due is not null) f.Refuse("due_on", "must be a day such as 2026-03-31.");
            return (Text: text ?? "", Owner: owner ?? "", Due: day);
        });
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, http, desk, await desk.AddActionAsync(http.Person()!, id, read.Value.Text, read.Value.Owner, read.Value.Due), ct);
    }

    private static async Task<IResult> TickAsync(string id, string action, HttpContext http, ReviewDesk desk, CancellationToken ct) => await AnswerAsync(id, http, desk, await desk.TickAsync(http.Person()!, id, action, true), ct);

    private static async Task<IResult> ReopenAsync(string id, string action, HttpContext http, ReviewDesk desk, CancellationToken ct) => await AnswerAsync(id, http, desk, await desk.TickAsync(http.Person()!, id, action, false), ct);

    private static async Task<IResult> SourcesAsync(string id, HttpContext http, LessonDesk lessons, CancellationToken ct)
    {
        var sources = await lessons.SourcesAsync(http.Person()!, id, ct);
        return sources.Fault?.ToHttp() ?? Results.Json(sources.Value, Wire.Json);
    }

    private static async Task<IResult> KeepCaseAsync(string id, string action, HttpContext http, JsonBody body, ReviewDesk desk, LessonDesk lessons, CancellationToken ct)
    {
        var read = await body.ReadAsync(f => (Decision: f.Text("decision", 100, required: true) ?? "", Expected: f.Word("expected", Expecteds) ?? EvalExpected.Deny, Category: f.Word("category", Categories) ?? EvalCategory.PolicySensitive, Reason: f.Text("reason", required: true) ?? ""));
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, http, desk, await lessons.KeepCaseAsync(http.Person()!, id, action, read.Value.Decision, read.Value.Expected, read.Value.Category, read.Value.Reason), ct);
    }

    /// <summary><c>when</c>: conditions as in the matrix; <c>resource</c>: only for the same type of resource (true unless said).</summary>
    private static async Task<IResult> ProposeRuleAsync(string id, string action, HttpContext http, JsonBody body, ReviewDesk desk, LessonDesk lessons, CancellationToken ct)
    {
        var read = await body.ReadAsync(f => (Decision: f.Text("decision", 100, required: true) ?? "", Outcome: f.Word("outcome", Outcomes, required: true) ?? RuleOutcome.Deny, Resource: f.Flag("resource") ?? true, When: f.Any("when"), Why: f.Text("why") ?? ""));
        if (read.Fault is { } bad) return bad.ToHttp();
        var when = read.Value.When is { ValueKind: not JsonValueKind.Undefined } list ? MatrixJson.ParseConditions(list, "when") : Array.Empty<Condition>();
        if (when.Fault is { } wrong) return wrong.ToHttp();
        return await AnswerAsync(id, http, desk, (await lessons.ProposeRuleAsync(http.Person()!, id, action, read.Value.Decision, read.Value.Resource, when.Value, read.Value.Outcome, read.Value.Why, ct)).Then<Done>(_ => Done.Value), ct);
    }

    /// <summary><c>row</c> is a scenario's id; without it a new one called <c>scenario</c> is added. <c>was</c>: what the response said.</summary>
    private static async Task<IResult> ChangeRunbookAsync(string id, string action, HttpContext http, JsonBody body, ReviewDesk desk, LessonDesk lessons, CancellationToken ct)
    {
        var read = await body.ReadAsync(f => (Row: f.Text("row", 100), Scenario: f.Text("scenario"), Response: f.Text("response", required: true) ?? "", Was: f.Text("was")));
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, http, desk, await lessons.ChangeRunbookAsync(http.Person()!, id, action, read.Value.Row, read.Value.Scenario, read.Value.Response, read.Value.Was), ct);
    }

    private static async Task<IResult> AnswerAsync(string id, HttpContext http, ReviewDesk desk, Result<Done> done, CancellationToken ct)
    {
        if (done.Fault is { } refused) return refused.ToHttp();
        var view = await desk.FindAsync(http.Person()!, id, ct);
        if (view.Fault is { } hidden) return hidden.ToHttp();
        http.Response.Headers.ETag = $"\"v{view.Value.Version}\"";
        return Results.Json(view.Value, Wire.Json);
    }
}
