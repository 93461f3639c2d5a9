using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Reviews.Api;

/// <summary><c>rollouts/{id}/memos</c>: the scale memos, one of them, its texts, and what becomes of it.</summary>
internal static class ScaleMemoEndpoints
{
    private static readonly Dictionary<string, MemoVerdict> Verdicts = Enum.GetValues<MemoVerdict>().ToDictionary(v => v.ToString().ToLowerInvariant());
    private static readonly Fault Unmatched = new(FaultKind.PreconditionRequired, "if_match.required", "Send If-Match with the memo's ETag, so that nobody's words are overwritten, submitted or signed unseen.");

    public static void Map(WebApplication app)
    {
        var memos = app.MapGroup("/api/v1/rollouts/{id}/memos").ForPeople("reviews").WithTags("Scale memos");
        memos.MapGet("", SeriesAsync).Produces<MemoSeries>();
        memos.MapPost("", DraftAsync).Produces<ScaleMemoView>(201).WithDescription("Begins a memo. While one is written or waits for the sponsor there is no other.");
        memos.MapGet("/{memo}", FindAsync).Produces<ScaleMemoView>();
        memos.MapPut("/{memo}/sections/{section}", WriteAsync).Produces<ScaleMemoView>();
        memos.MapPost("/{memo}/submit", SubmitAsync).Produces<ScaleMemoView>().WithDescription("Freezes the evidence and puts the memo before the sponsor.");
        memos.MapPost("/{memo}/withdraw", WithdrawAsync).Produces<ScaleMemoView>();
        memos.MapPost("/{memo}/take-back", TakeBackAsync).Produces<ScaleMemoView>().WithDescription("The sponsor takes an approval back: gate D falls, if it rests on it.");
        // Gate D rests on it, so a token needs the scope of gates as well.
        app.MapPost("/api/v1/rollouts/{id}/memos/{memo}/verdict", DecideAsync).ForPeopleWithAll("reviews", "rollouts").WithTags("Scale memos").Produces<ScaleMemoView>()
            .WithDescription("{\"verdict\":\"approve | hold | decline\",\"words\":\"…\",\"acknowledge\":[\"override_rate=0.9\"]}: approving names each threshold that was changed after the fact, with the value that it has now.");
    }

    private static async Task<IResult> SeriesAsync(string id, HttpContext http, ScaleMemoReader reader, CancellationToken ct)
    {
        var found = await reader.SeriesAsync(http.Person()!, id, ct);
        return found.Fault?.ToHttp() ?? Results.Json(found.Value, Wire.Json);
    }

    private static async Task<IResult> DraftAsync(string id, HttpContext http, JsonBody body, ScaleMemoDesk desk, ScaleMemoReader reader, CancellationToken ct)
    {
        var read = await body.ReadAsync(_ => true, optional: true);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var drafted = await desk.DraftAsync(http.Person()!, id);
        return drafted.Fault?.ToHttp() ?? await AnswerAsync(id, drafted.Value, http, reader, () => Task.FromResult<Result<Done>>(Done.Value), ct, StatusCodes.Status201Created);
    }

    private static Task<IResult> FindAsync(string id, string memo, HttpContext http, ScaleMemoReader reader, CancellationToken ct) => AnswerAsync(id, memo, http, reader, () => Task.FromResult<Result<Done>>(Done.Value), ct);

    private static async Task<IResult> WriteAsync(string id, string memo, string section, HttpContext http, JsonBody body, ScaleMemoDesk desk, ScaleMemoReader reader, CancellationToken ct)
    {
        if (IfMatch.Missing(http.Request) || IfMatch.Version(http.Request, 'v') is not { } seen) return Unmatched.ToHttp();
        var read = await body.ReadAsync(f => f.Text("text", ScaleMemo.LongestSection) ?? "");
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, memo, http, reader, () => desk.WriteAsync(http.Person()!, memo, section, read.Value, seen), ct);
    }

    private static async Task<IResult> SubmitAsync(string id, string memo, HttpContext http, ScaleMemoDesk desk, ScaleMemoReader reader, CancellationToken ct)
        => IfMatch.Missing(http.Request) || IfMatch.Version(http.Request, 'v') is not { } seen ? Unmatched.ToHttp() : await AnswerAsync(id, memo, http, reader, () => desk.SubmitAsync(http.Person()!, id, memo, seen, ct), ct);

    private static async Task<IResult> WithdrawAsync(string id, string memo, HttpContext http, JsonBody body, ScaleMemoDesk desk, ScaleMemoReader reader, CancellationToken ct)
    {
        var read = await body.ReadAsync(f => f.Text("words", ScaleMemo.MostWords, required: true) ?? "");
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, memo, http, reader, () => desk.WithdrawAsync(http.Person()!, memo, read.Value), ct);
    }

    private static async Task<IResult> TakeBackAsync(string id, string memo, HttpContext http, JsonBody body, ScaleMemoDesk desk, ScaleMemoReader reader, CancellationToken ct)
    {
        var read = await body.ReadAsync(f => f.Text("words", ScaleMemo.MostWords, required: true) ?? "");
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, memo, http, reader, () => desk.TakeBackAsync(http.Person()!, memo, read.Value), ct);
    }

    private static async Task<IResult> DecideAsync(string id, string memo, HttpContext http, JsonBody body, ScaleMemoDesk desk, ScaleMemoReader reader, CancellationToken ct)
    {
        if (IfMatch.Missing(http.Request) || IfMatch.Version(http.Request, 'v') is not { } seen) return Unmatched.ToHttp();
        var read = await body.ReadAsync(f => new MemoDecision(f.Word("verdict", Verdicts, required: true) ?? default, f.Text("words", ScaleMemo.MostWords, required: true) ?? "", f.Texts("acknowledge", 20, 100) ?? []));
        return read.Fault?.ToHttp() ?? await AnswerAsync(id, memo, http, reader, () => desk.DecideAsync(http.Person()!, id, memo, read.Value, seen), ct);
    }

    // Whoever does not see the memo, or asks for it under another rollout, learns nothing of it.
    private static async Task<IResult> AnswerAsync(string id, string memo, HttpContext http, ScaleMemoReader reader, Func<Task<Result<Done>>> change, CancellationToken ct, int status = StatusCodes.Status200OK)
    {
        if (!await reader.SeesAsync(http.Person()!, id, memo, ct)) return Fault.NotFound("memo").ToHttp();
        if ((await change()).Fault is { } fault) return fault.ToHttp();
        var found = await reader.FindAsync(http.Person()!, id, memo, ct);
        if (found.Fault is { } gone) return gone.ToHttp();
        http.Response.Headers.ETag = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\"v{found.Value.Version}\"");
        return Results.Json(found.Value, Wire.Json, statusCode: status);
    }
}
