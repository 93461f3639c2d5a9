using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Features.Workshop;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Reviews.Api;

/// <summary><c>rollouts/{id}/reviews</c>: the series of weekly reviews, one of them, its sections, who took part, and how it ended.</summary>
internal static class WeeklyReviewEndpoints
{
    private static readonly Dictionary<string, ReviewVerdict> Verdicts = Enum.GetValues<ReviewVerdict>().ToDictionary(v => v.ToString().ToLowerInvariant());
    private static readonly Dictionary<string, Adjustment> Adjustments = Enum.GetValues<Adjustment>().ToDictionary(a => a.ToString().ToLowerInvariant());

    public static void Map(WebApplication app)
    {
        var reviews = app.MapGroup("/api/v1/rollouts/{id}/reviews").ForPeople("reviews").WithTags("Reviews");
        reviews.MapGet("", SeriesAsync).Produces<ReviewSeries>();
        reviews.MapPost("", OpenAsync).Produces<WeeklyReviewView>(201).WithDescription("Opens the review of a week that is over, such as {\"week\":\"2026-W46\"}; one that is open is simply answered.");
        reviews.MapGet("/{week}", FindAsync).Produces<WeeklyReviewView>();
        reviews.MapPut("/{week}/sections/{section}", WriteAsync).Produces<WeeklyReviewView>();
        reviews.MapGet("/{week}/sections/{section}/history", HistoryAsync).Produces<Wire.Page<PatchView>>();
        reviews.MapPost("/{week}/patches", PatchAsync).Takes<PatchRequest[]>().Produces<WeeklyReviewView>();
        reviews.MapPut("/{week}/attendees", AttendAsync).Produces<WeeklyReviewView>();
        // Adjust lowers a tier and stop pauses, so a token needs their scope as well.
        app.MapPost("/api/v1/rollouts/{id}/reviews/{week}/verdict", SignAsync).ForPeopleWithAll("reviews", "rollouts", "agents").WithTags("Reviews").Produces<WeeklyReviewView>();
    }

    private static async Task<IResult> SeriesAsync(string id, HttpContext http, WeeklyReviewReader reader, CancellationToken ct)
    {
        var found = await reader.SeriesAsync(http.Person()!, id, ct);
        return found.Fault?.ToHttp() ?? Results.Json(found.Value, Wire.Json);
    }

    private static async Task<IResult> OpenAsync(string id, HttpContext http, JsonBody body, WeeklyReviewDesk desk, WeeklyReviewReader reader, CancellationToken ct)
    {
        var read = await body.ReadAsync(f => f.Text("week", 8, required: true) ?? "");
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var opened = await desk.OpenAsync(http.Person()!, id, read.Value, ct);
        if (opened.Fault is { } fault) return fault.ToHttp();
        var found = await reader.FindAsync(http.Person()!, id, opened.Value, ct);
        if (found.Fault is { } gone) return gone.ToHttp();
        http.Response.Headers.ETag = Tag(found.Value);
        return Results.Json(found.Value, Wire.Json, statusCode: 201);
    }

    private static Task<IResult> FindAsync(string id, string week, HttpContext http, WeeklyReviewReader reader, CancellationToken ct) => AnswerAsync(id, week, http, reader, _ => Task.FromResult<Result<Done>>(Done.Value), ct);

    private static async Task<IResult> WriteAsync(string id, string week, string section, HttpContext http, JsonBody body, WeeklyReviewDesk desk, WeeklyReviewReader reader, CancellationToken ct)
    {
        if (IfMatch.Missing(http.Request) || IfMatch.Version(http.Request, 'v') is not { } seen) return Unmatched.ToHttp();
        var read = await body.ReadAsync(f => f.Text("text", WeeklyReview.LongestSection) ?? "");
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, week, http, reader, review => desk.WriteAsync(http.Person()!, review, section, read.Value, seen), ct);
    }

    private static async Task<IResult> HistoryAsync(string id, string week, string section, HttpContext http, WeeklyReviewDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } wrong) return wrong.ToHttp();
        var history = await desk.HistoryAsync(http.Person()!, id, week, section, page.Value, ct);
        return history.Fault?.ToHttp() ?? Results.Json(history.Value, Wire.Json);
    }

    private static async Task<IResult> PatchAsync(string id, string week, HttpContext http, JsonBody body, WeeklyReviewDesk desk, WeeklyReviewReader reader, CancellationToken ct)
    {
        var requests = (await body.ReadAsync()).Then(PatchRequest.Read);
        return requests.Fault?.ToHttp() ?? await AnswerAsync(id, week, http, reader, review => desk.PatchAsync(http.Person()!, review, requests.Value), ct);
    }

    private static async Task<IResult> AttendAsync(string id, string week, HttpContext http, JsonBody body, WeeklyReviewDesk desk, WeeklyReviewReader reader, CancellationToken ct)
    {
        var read = await body.ReadAsync(f => f.Texts("people") ?? []);
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, week, http, reader, review => desk.AttendAsync(http.Person()!, review, read.Value), ct);
    }

    private static async Task<IResult> SignAsync(string id, string week, HttpContext http, JsonBody body, WeeklyReviewDesk desk, WeeklyReviewReader reader, CancellationToken ct)
    {
        if (IfMatch.Missing(http.Request) || IfMatch.Version(http.Request, 'v') is not { } seen) return Unmatched.ToHttp();
        var read = await body.ReadAsync(f =>
        {
            return new SignRequest(f.Word("verdict", Verdicts, required: true) ?? default, f.Text("words", WeeklyReview.MostWords, required: true) ?? "", f.Texts("evidence") ?? [], f.Word("adjust", Adjustments), f.Text("grant_id", 64));
        });
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, week, http, reader, review => desk.SignAsync(http.Person()!, review, read.Value, seen), ct);
    }

    private static readonly Fault Unmatched = new(FaultKind.PreconditionRequired, "if_match.required", "Send If-Match with the review's ETag, so that nobody's words are overwritten, or signed, unseen.");

    private static async Task<IResult> AnswerAsync(string id, string week, HttpContext http, WeeklyReviewReader reader, Func<string, Task<Result<Done>>> change, CancellationToken ct)
    {
        var found = await reader.FindAsync(http.Person()!, id, week, ct);
        if (found.Fault is { } hidden) return hidden.ToHttp();
        if ((await change(found.Value.Id)).Fault is { } fault) return fault.ToHttp();
        found = await reader.FindAsync(http.Person()!, id, week, ct);
        if (found.Fault is { } gone) return gone.ToHttp();
        http.Response.Headers.ETag = Tag(found.Value);
        return Results.Json(found.Value, Wire.Json);
    }

    private static string Tag(WeeklyReviewView review) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\"v{review.Version}\"");
}
