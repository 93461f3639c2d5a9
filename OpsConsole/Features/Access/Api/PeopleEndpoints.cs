using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Access.Api;

public sealed record PersonRequest(string Email, string? Name, IReadOnlyList<string>? Roles);
public sealed record PersonChangeRequest(string? Name, IReadOnlyList<string>? Roles, bool? Disabled);
public sealed record InvitationResponse(string Code, string Url, DateTimeOffset ExpiresAt);
public sealed record PersonResponse(string Id, string Email, string Name, IReadOnlyList<string> Roles, string Status, IReadOnlyList<string> Groups, InvitationResponse? Invitation = null);
public sealed record AcceptRequest(string Password);
public sealed record JoinedResponse(string Id, string Email, string Name);
public sealed record GroupRequest(string Name, IReadOnlyList<string>? Members);

/// <summary>People, invitations and groups over HTTP.</summary>
internal static class PeopleEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapPost("/api/v1/people", Invite).ForPeople("people").Takes<PersonRequest>().Produces<PersonResponse>(201).Produces<PersonResponse>().WithTags("People");
        app.MapGet("/api/v1/people", List).ForPeople("people").Produces<Wire.Page<PersonResponse>>().WithTags("People");
        app.MapPatch("/api/v1/people/{id}", Change).ForPeople("people").Takes<PersonChangeRequest>().Produces<PersonResponse>().WithTags("People");
        app.MapPost("/api/v1/invitations/{code}/accept", Accept).AllowAnonymous().Takes<AcceptRequest>().Produces<JoinedResponse>().WithTags("People");
        app.MapPost("/api/v1/groups", SetGroup).ForPeople("people").Takes<GroupRequest>().Produces<GroupView>(201).Produces<GroupView>().WithTags("People");
        app.MapGet("/api/v1/groups", ListGroups).ForPeople("people").Produces<Wire.Page<GroupView>>().WithTags("People");
    }

    private static async Task<IResult> Invite(HttpContext http, JsonBody body, PeopleService people, PublicAddress address)
    {
        var me = http.Person()!;
        if (PeopleService.MayManage(me) is { } refused) return refused.ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } unread) return unread.ToHttp();
        var fields = new Fields(read.Value);
        var email = fields.Text("email", 254, required: true);
        var name = fields.Text("name", 200);
        var roles = Roles(fields);
        if (email is not null && !PeopleService.IsEmail(email)) fields.Refuse("email", "must be an e-mail address, an international domain in its xn-- form.");
        if (fields.Finish() is { } fault) return fault.ToHttp();
        var invited = await people.InviteAsync(me, email!, name, roles ?? ConsoleRoles.Member);
        if (invited.Fault is { } failed) return failed.ToHttp();
        var link = invited.Value.Invitation;
        var answer = Response(invited.Value.Person, link is null ? null : new InvitationResponse(link.Code, address.Link(http, "/invitations/" + link.Code), link.ExpiresAt));
        return Results.Json(answer, Wire.Json, statusCode: invited.Value.Created ? 201 : 200);
    }

    private static IResult List(HttpContext http, PeopleService people, string? after = null, string? limit = null)
        => Paged(people.List(http.Person()!), after, limit, p => p.Id, p => Response(p, null));

    private static async Task<IResult> Change(HttpContext http, string id, JsonBody body, PeopleService people)
    {
        var me = http.Person()!;
        if (PeopleService.MayManage(me) is { } refused) return refused.ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } unread) return unread.ToHttp();
        var fields = new Fields(read.Value);
        var name = fields.Text("name", 200);
        if (name is not null && string.IsNullOrWhiteSpace(name)) fields.Refuse("name", "must not be empty.");
        var (roles, disabled) = (Roles(fields), fields.Flag("disabled"));
        if (fields.Finish() is { } fault) return fault.ToHttp();
        var changed = await people.ChangeAsync(me, id, name, roles, disabled);
        return changed.Fault is { } failed ? failed.ToHttp() : Results.Json(Response(changed.Value, null), Wire.Json);
    }

    private static async Task<IResult> Accept(string code, JsonBody body, InvitationService invitations, CancellationToken ct)
    {
        var invitation = await invitations.FindAsync(code, ct);
        if (invitation.Fault is { } closed) return closed.ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } unread) return unread.ToHttp();
        var fields = new Fields(read.Value);
        var password = fields.Text("password", PasswordRules.Most * 2, required: true);
        if (fields.Finish() is { } fault) return fault.ToHttp();
        var joined = await invitations.AcceptAsync(code, password, ct);
        return joined.Fault is { } failed ? failed.ToHttp() : Results.Json(new JoinedResponse(joined.Value.Id, joined.Value.Email, joined.Value.Name), Wire.Json);
    }

    private static async Task<IResult> SetGroup(HttpContext http, JsonBody body, GroupService groups)
    {
        var me = http.Person()!;
        if (PeopleService.MayManage(me) is { } refused) return refused.ToHttp();
        var read = await body.ReadAsync();
        if (read.Fault is { } unread) return unread.ToHttp();
        var fields = new Fields(read.Value);
        var name = fields.Text("name", GroupService.LongestName, required: true);
        var members = fields.Texts("members", GroupService.MostMembers, 254);
        if (fields.Finish() is { } fault) return fault.ToHttp();
        var set = await groups.SetAsync(me, name!, members);
        return set.Fault is { } failed ? failed.ToHttp() : Results.Json(set.Value.Group, Wire.Json, statusCode: set.Value.Created ? 201 : 200);
    }

    private static IResult ListGroups(HttpContext http, GroupService groups, string? after = null, string? limit = null) => Paged(groups.List(http.Person()!), after, limit, g => g.Id, g => g);

    // Directory lists are in memory: ordered by name, continued behind the id that was last shown.
    private static IResult Paged<T, TOut>(Result<IReadOnlyList<T>> list, string? after, string? limit, Func<T, string> key, Func<T, TOut> map)
    {
        if (list.Fault is { } refused) return refused.ToHttp();
        var most = 100;
        if (limit is not null && (!int.TryParse(limit, System.Globalization.NumberStyles.None, null, out most) || most is < 1 or > 200)) return Fault.Invalid("field.invalid", "limit must be a whole number from 1 to 200.", "limit").ToHttp();
        var rows = list.Value;
        var start = 0;
        if (after is not null)
        {
            while (start < rows.Count && key(rows[start]) != after) start++;
            if (start == rows.Count) return Fault.Invalid("field.invalid", "after is not the 'next' of an earlier answer.", "after").ToHttp();
            start++;
        }
        return Results.Json(Wire.PageOf([.. rows.Skip(start).Take(most + 1)], most, key, map), Wire.Json);
    }

    private static PersonResponse Response(PersonView p, InvitationResponse? invitation) => new(p.Id, p.Email, p.Name, p.Roles, p.Status, p.Groups, invitation);

    private static ConsoleRoles? Roles(Fields fields)
    {
        if (fields.Texts("roles", 10, 40) is not { } words) return null;
        var roles = ConsoleRoles.None;
        for (var i = 0; i < words.Count; i++)
        {
            if (RoleNames.Console.TryGetValue(words[i], out var role)) roles |= role;
            else fields.Refuse($"roles[{i}]", $"must be one of: {string.Join(", ", RoleNames.Console.Keys)}.");
        }
        return roles;
    }
}
