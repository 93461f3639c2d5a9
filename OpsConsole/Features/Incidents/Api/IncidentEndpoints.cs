using System.Text.Json;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Incidents.Api;

/// <summary>Incidents for people, scripts and agents (protocols.md, section N). A change may carry <c>If-Match</c> with the version that was looked at; PATCH has to. What an agent reports may be answered with the incident that is open already (<see cref="IncidentDesk"/>), or with 429 where it repeats itself within a minute.</summary>
internal static class IncidentEndpoints
{
    private static readonly Dictionary<string, IncidentStatus> States = Enum.GetValues<IncidentStatus>().Where(s => s is not (IncidentStatus.Merged or IncidentStatus.Triage)).ToDictionary(IncidentView.Word);
    private static readonly Dictionary<string, IncidentRole> RoleWords = Enum.GetValues<IncidentRole>().ToDictionary(r => r.ToString().ToLowerInvariant());

    public static void Map(WebApplication app)
    {
        app.MapPost("/api/v1/incidents", OpenAsync).ForAgentsAndPeople("incidents").Takes<OpenIncidentRequest>().Produces<IncidentView>(201).WithName("report incident").WithTags("Incidents");
        var incidents = app.MapGroup("/api/v1/incidents").ForPeople("incidents").WithTags("Incidents");
        incidents.MapGet("", ListAsync).Produces<Wire.Page<IncidentView>>();
        incidents.MapGet("/{id}", FindAsync).Produces<IncidentStory>();
        incidents.MapPatch("/{id}", CorrectAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/acknowledge", AcknowledgeAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/let_go", LetGoAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/state", MoveAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/updates", SayAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/responses", RespondAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/responses/{response:long}/take_back", TakeBackAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/links", AddLinkAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/links/remove", UnlinkAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/merge", MergeAsync).Produces<IncidentView>();
        incidents.MapPost("/{id}/verify", VerifyAsync).Produces<IncidentView>();
    }

    private static async Task<IResult> OpenAsync(HttpContext http, JsonBody body, IncidentIntake desk)
    {
        var read = await body.ReadAsync(OpenIncidentRequest.Read);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var opened = http.Agent() is { } agent ? await desk.OpenAsync(agent, read.Value) : await desk.OpenAsync(http.Person()!, read.Value);
        return opened.Fault?.ToHttp() ?? Results.Json(opened.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IncidentReader desk, string? rollout, string? status, string? from, string? to, string? severity, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } wrong) return wrong.ToHttp();
        if (status is not (null or "open")) return Fault.Invalid("field.invalid", "status must be open, or left out.", "status").ToHttp();
        var log = LogFilter.Read(from, to, severity);
        if (log.Fault is { } unread) return unread.ToHttp();
        var list = await desk.ListAsync(http.Person()!, rollout, status == "open", log.Value, page.Value, ct);
        return list.Fault?.ToHttp() ?? Results.Json(list.Value, Wire.Json);
    }

    private static async Task<IResult> FindAsync(string id, HttpContext http, IncidentReader desk, CancellationToken ct)
    {
        var found = await desk.FindAsync(http.Person()!, id, ct);
        if (found.Fault is { } hidden) return hidden.ToHttp();
        http.Response.Headers.ETag = $"\"v{found.Value.Incident.Version}\"";
        return Results.Json(found.Value, Wire.Json);
    }

    private static async Task<IResult> CorrectAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk)
    {
        if (IfMatch.Missing(http.Request)) return new Fault(FaultKind.PreconditionRequired, "if_match.required", "Send If-Match with the incident's ETag, so that nobody's change is overwritten unseen.").ToHttp();
        var read = await body.ReadAsync(Change);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        return Answer(http, await desk.CorrectAsync(http.Person()!, id, read.Value, IfMatch.Version(http.Request, 'v')));
    }

    private static ChangeIncidentRequest Change(Fields f)
    {
        var times = new Dictionary<string, DateTimeOffset?>();
        if (f.Object("times") is { ValueKind: JsonValueKind.Object } given)
        {
            var inner = new Fields(given, "times");
            foreach (var member in given.EnumerateObject()) times[member.Name] = inner.Time(member.Name);
            if (inner.Finish() is { } wrong) f.Refuse("times", "is wrong: " + wrong.Message);
        }
        var roles = new Dictionary<IncidentRole, string>();
        if (f.Object("roles") is { ValueKind: JsonValueKind.Object } who)
        {
            var inner = new Fields(who, "roles");
            foreach (var (name, role) in RoleWords) if (who.TryGetProperty(name, out _)) roles[role] = inner.Text(name, 200) ?? "";
            if (inner.Finish() is { } wrong) f.Refuse("roles", "is wrong: " + wrong.Message);
        }
        IReadOnlyList<string>? records = f.Texts("records", Incident.MostAffected, 500), customers = f.Texts("customers", Incident.MostAffected, 500);
        return new(f.Text("title", Incident.LongestTitle), f.Text("text", Incident.LongestText), f.Word("severity", OpenIncidentRequest.Words), times, roles,
            records is null && customers is null ? null : [.. (records ?? []).Select(r => new Affected("record", r)).Concat((customers ?? []).Select(c => new Affected("customer", c)))]);
    }

    private static async Task<IResult> AcknowledgeAsync(string id, HttpContext http, IncidentDesk desk) => Answer(http, await desk.AcknowledgeAsync(http.Person()!, id));

    private static async Task<IResult> LetGoAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk)
    {
        var read = await body.ReadAsync(f => f.Text("reason", Incident.LongestText), optional: true);
        return read.Fault?.ToHttp() ?? Answer(http, await desk.LetGoAsync(http.Person()!, id, read.Value));
    }

    private static async Task<IResult> MoveAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk)
    {
        var read = await body.ReadAsync(f => (To: f.Word("state", States, required: true), Words: f.Text("words", Incident.LongestText)));
        return read.Fault?.ToHttp() ?? Answer(http, await desk.MoveAsync(http.Person()!, id, read.Value.To!.Value, read.Value.Words, IfMatch.Version(http.Request, 'v')));
    }

    private static async Task<IResult> SayAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk)
    {
        var read = await body.ReadAsync(f => (Text: f.Text("text", Incident.LongestText, required: true), Update: f.Flag("update") ?? false));
        return read.Fault?.ToHttp() ?? Answer(http, await desk.SayAsync(http.Person()!, id, read.Value.Text!, read.Value.Update));
    }

    private static async Task<IResult> RespondAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk)
    {
        var read = await body.ReadAsync(f => f.Word("response", ResponseKinds.Words, required: true));
        return read.Fault?.ToHttp() ?? Answer(http, await desk.RespondAsync(http.Person()!, id, read.Value!.Value));
    }

    private static async Task<IResult> TakeBackAsync(string id, long response, HttpContext http, IncidentDesk desk) => Answer(http, await desk.TakeBackAsync(http.Person()!, id, response));

    private static Task<IResult> AddLinkAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk) => LinkAsync(id, http, body, desk, true);
    private static Task<IResult> UnlinkAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk) => LinkAsync(id, http, body, desk, false);

    private static async Task<IResult> LinkAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk, bool linked)
    {
        var read = await body.ReadAsync(f => (Kind: f.Text("kind", 20, required: true) ?? "", Id: f.Text("id", 200, required: true) ?? ""));
        return read.Fault?.ToHttp() ?? Answer(http, await desk.LinkAsync(http.Person()!, id, read.Value.Kind, read.Value.Id, linked));
    }

    private static async Task<IResult> MergeAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk)
    {
        var read = await body.ReadAsync(f => f.Text("into", 40, required: true));
        return read.Fault?.ToHttp() ?? Answer(http, await desk.MergeAsync(http.Person()!, id, read.Value!));
    }

    private static async Task<IResult> VerifyAsync(string id, HttpContext http, JsonBody body, IncidentDesk desk)
    {
        var read = await body.ReadAsync(f => f.Text("words", Incident.LongestText, required: true));
        return read.Fault?.ToHttp() ?? Answer(http, await desk.VerifyAsync(http.Person()!, id, read.Value!));
    }

    private static IResult Answer(HttpContext http, Result<IncidentView> result)
    {
        if (result.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.ETag = $"\"v{result.Value.Version}\"";
        return Results.Json(result.Value, Wire.Json);
    }
}
