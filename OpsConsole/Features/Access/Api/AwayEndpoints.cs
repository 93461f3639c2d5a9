using System.Globalization;
using OpsConsole.Core.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Access.Api;

public sealed record AbsenceRequest(DateTimeOffset From, DateTimeOffset Until, string? Delegate, string? Note);
public sealed record HoursRequest(string? TimeZone, IReadOnlyList<string>? Days, string? From, string? Until);

/// <summary>Absences and working hours over HTTP: one's own under <c>me</c>, for admins everybody's under <c>people/{id}</c>.</summary>
internal static class AwayEndpoints
{
    public static void Map(WebApplication app)
    {
        Map(app, "/api/v1/me", "approvals", "people");
        Map(app, "/api/v1/people/{id}", "people");
    }

    private static void Map(WebApplication app, string root, params string[] scopes)
    {
        app.MapGet(root + "/absences", ListAsync).ForPeople(scopes).Produces<Wire.Page<AbsenceView>>().WithTags("People");
        app.MapPost(root + "/absences", AddAsync).ForPeople(scopes).Takes<AbsenceRequest>().Produces<AbsenceView>(201).WithTags("People");
        app.MapDelete(root + "/absences/{absence}", RemoveAsync).ForPeople(scopes).Produces(204).WithTags("People");
        app.MapGet(root + "/hours", Hours).ForPeople(scopes).Produces<HoursView>().WithTags("People");
        app.MapPut(root + "/hours", SetHoursAsync).ForPeople(scopes).Takes<HoursRequest>().Produces<HoursView>().WithTags("People");
    }

    private static string Whose(HttpContext http) => http.GetRouteValue("id") as string ?? http.Person()!.Id;

    private static async Task<IResult> ListAsync(HttpContext http, AwayDesk desk, CancellationToken ct)
    {
        var found = await desk.ListAsync(http.Person()!, Whose(http), ct);
        return found.Fault is { } fault ? fault.ToHttp() : Results.Json(new Wire.Page<AbsenceView>(found.Value, null), Wire.Json);
    }

    private static async Task<IResult> AddAsync(HttpContext http, JsonBody body, AwayDesk desk)
    {
        if (desk.Find(http.Person()!, Whose(http)).Fault is { } hidden) return hidden.ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } unread) return unread.ToHttp();
        var fields = new Fields(read.Value);
        var (from, until, to, note) = (fields.Time("from"), fields.Time("until"), fields.Text("delegate", 254), fields.Text("note", AwayDesk.LongestNote));
        if (fields.Finish() is { } fault) return fault.ToHttp();
        if (from is null || until is null) return Core.Shared.Fault.Invalid("field.required", $"{(from is null ? "from" : "until")} is required.", from is null ? "from" : "until").ToHttp();
        var added = await desk.AddAsync(http.Person()!, Whose(http), from.Value, until.Value, to, note);
        return added.Fault is { } refused ? refused.ToHttp() : Results.Json(added.Value, Wire.Json, statusCode: 201);
    }

    private static async Task<IResult> RemoveAsync(HttpContext http, string absence, AwayDesk desk)
    {
        var removed = await desk.RemoveAsync(http.Person()!, Whose(http), absence);
        return removed.Fault is { } fault ? fault.ToHttp() : Results.NoContent();
    }

    private static IResult Hours(HttpContext http, AwayDesk desk)
    {
        var hours = desk.Hours(http.Person()!, Whose(http));
        return hours.Fault is { } fault ? fault.ToHttp() : Results.Json(hours.Value, Wire.Json);
    }

    private static async Task<IResult> SetHoursAsync(HttpContext http, JsonBody body, AwayDesk desk)
    {
        if (desk.Find(http.Person()!, Whose(http)).Fault is { } hidden) return hidden.ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } unread) return unread.ToHttp();
        var fields = new Fields(read.Value);
        var (zone, names) = (fields.Text("time_zone", 64), fields.Texts("days", 7, 3));
        var (from, until) = (Clock(fields, "from"), Clock(fields, "until"));
        var days = WorkDays.None;
        foreach (var name in names ?? [])
        {
            if (WorkingHours.DayNames.TryGetValue(name, out var day)) days |= day;
            else fields.Refuse("days", $"must be some of: {string.Join(", ", WorkingHours.DayNames.Keys)}.");
        }
        if (fields.Finish() is { } fault) return fault.ToHttp();
        var set = await desk.SetHoursAsync(http.Person()!, Whose(http), zone, days, from, until);
        return set.Fault is { } refused ? refused.ToHttp() : Results.Json(set.Value, Wire.Json);
    }

    private static TimeOnly? Clock(Fields fields, string name)
    {
        if (fields.Text(name, 5) is not { } text) return null;
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)) return at;
        fields.Refuse(name, "must be a time such as 09:00.");
        return null;
    }
}
