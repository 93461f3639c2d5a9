using System.Net;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

public abstract class AccessApiTests(bool postgres) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync(new HostSettings { Postgres = postgres, Time = _time, More = new Dictionary<string, string?> { ["OpsConsole:Limits:SignInsPerMinute"] = "1000" } });
    public Task DisposeAsync() => _host.DisposeAsync();

    private Task<System.Text.Json.JsonElement> TokenAsync(string email, string password, int expect = 201, string[]? scopes = null)
        => ConsoleHost.PostAsync(_host.Nobody, "/api/v1/tokens", new { email, password, scopes = scopes ?? ["*"] }, expect);

    [Fact]
    public async Task People_CreatedTwice_AreTheSamePerson()
    {
        var first = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/people", new { email = "dana@example.com", name = "Dana", roles = new[] { "approver", "member" } }, 201);
        var again = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/people", new { email = "DANA@example.com", name = "Other", roles = Array.Empty<string>() });
        Assert.Equal(first.GetProperty("id").GetString(), again.GetProperty("id").GetString());
        Assert.Equal("Dana", again.GetProperty("name").GetString());
        Assert.Equal("invited", again.GetProperty("status").GetString());
        var list = await ConsoleHost.GetAsync(_host.Admin, "/api/v1/people");
        Assert.Equal(2, list.GetProperty("items").GetArrayLength());
        // the newer link replaces the older one
        await ConsoleHost.PostAsync(_host.Nobody, $"/api/v1/invitations/{first.GetProperty("invitation").GetProperty("code").GetString()}/accept", new { password = "twelve tall pines" }, 404);
    }

    [Fact]
    public async Task Invitation_WorksOnceAndOnlyForAWhile()
    {
        var code = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/people", new { email = "dana@example.com" }, 201)).GetProperty("invitation").GetProperty("code").GetString();
        var weak = await ConsoleHost.PostAsync(_host.Nobody, $"/api/v1/invitations/{code}/accept", new { password = "password1234" }, 400);
        Assert.Equal("password", weak.GetProperty("field").GetString());
        await ConsoleHost.PostAsync(_host.Nobody, $"/api/v1/invitations/{code}/accept", new { password = "twelve tall pines" });
        await ConsoleHost.PostAsync(_host.Nobody, $"/api/v1/invitations/{code}/accept", new { password = "another tall pine" }, 404);
        await TokenAsync("dana@example.com", "twelve tall pines");

        var late = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/people", new { email = "erin@example.com" }, 201)).GetProperty("invitation").GetProperty("code").GetString();
        _time.Skip(TimeSpan.FromDays(8));
        await ConsoleHost.PostAsync(_host.Nobody, $"/api/v1/invitations/{late}/accept", new { password = "twelve tall pines" }, 404);
    }

    [Fact]
    public async Task People_WithoutTheRoleOrTheScope_AreRefusedBeforeTheBodyIsRead()
    {
        var (_, member) = await _host.PersonAsync("max@example.com", "member");
        await ConsoleHost.PostAsync(member, "/api/v1/people", new { nonsense = true }, 403);
        await ConsoleHost.GetAsync(member, "/api/v1/people", 403);
        await ConsoleHost.PostAsync(member, "/api/v1/groups", new { name = "x" }, 403);
        var narrow = _host.As((await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, scopes: ["approvals"])).GetProperty("token").GetString()!);
        var refused = await ConsoleHost.PostAsync(narrow, "/api/v1/people", new { nonsense = true }, 403);
        Assert.Equal("scope.missing", refused.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("""{"email":"no-address"}""", "email")]
    [InlineData("""{"email":"a@b.c","roles":["king"]}""", "roles[0]")]
    [InlineData("""{"email":"a@b.c","surprise":1}""", "surprise")]
    [InlineData("""{"name":"x"}""", "email")]
    [InlineData("""{"email":"\u0430dmin@example.com"}""", "email")]
    [InlineData("""{"email":"admin@ex\uff41mple.com"}""", "email")]
    [InlineData("""{"email":"ad\u200bmin@example.com"}""", "email")]
    [InlineData("""{"email":"a@b@c.com"}""", "email")]
    [InlineData("""{"email":"d@example.com","name":"Dana \u202egro.elpmaxe"}""", "name")]
    [InlineData("""{"email":"d@example.com","name":"Da\u200bna"}""", "name")]
    [InlineData("""{"email":"d@example.com","name":"Da\nna"}""", "name")]
    public async Task People_WithAWrongField_AreRefusedNamingIt(string body, string field)
    {
        var refused = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/people", System.Text.Json.JsonDocument.Parse(body).RootElement, 400);
        Assert.Equal(field, refused.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Groups_SetTheirMembersAndRefuseStrangers()
    {
        await _host.PersonAsync("dana@example.com", "approver");
        var unknown = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/groups", new { name = "leads", members = new[] { "dana@example.com", "who@example.com" } }, 400);
        Assert.Equal("members[1]", unknown.GetProperty("field").GetString());
        var made = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/groups", new { name = "leads", members = new[] { "dana@example.com" } }, 201);
        var same = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/groups", new { name = "Leads", members = Array.Empty<string>() });
        Assert.Equal(made.GetProperty("id").GetString(), same.GetProperty("id").GetString());
        Assert.Equal(0, same.GetProperty("members").GetArrayLength());
        Assert.Equal(1, (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/groups")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Groups_NamesThatLookAlike_AreOneOrRefused()
    {
        var made = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/groups", new { name = "leads" }, 201);
        var wide = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/groups", new { name = "\uff4c\uff45\uff41\uff44\uff53" });
        Assert.Equal(made.GetProperty("id").GetString(), wide.GetProperty("id").GetString());
        foreach (var name in (string[])["le\u200bads", "\u202eleads", "lead\uff1as", "le\tads"]) await ConsoleHost.PostAsync(_host.Admin, "/api/v1/groups", new { name }, 400);
        var id = _host.Writer.State.Directory.People.Keys.Single();
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/people/{id}", new { name = "\u202enimda" }, 400);
    }

    [Fact]
    public async Task Token_RevokesItselfOnly_UnlessItMayAdministrate()
    {
        var (_, max) = await _host.PersonAsync("max@example.com", "member");
        async Task<(string Id, HttpClient Client)> MakeAsync(params string[] scopes)
        {
            var made = await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, scopes: scopes);
            return (made.GetProperty("id").GetString()!, _host.As(made.GetProperty("token").GetString()!));
        }

        var (narrow, wide, other) = (await MakeAsync("toolkit"), await MakeAsync("*"), await MakeAsync("people"));
        var refused = await ConsoleHost.SendAsync(narrow.Client, HttpMethod.Delete, "/api/v1/tokens/" + other.Id, null, 403);
        Assert.Equal("scope.missing", refused.GetProperty("code").GetString());
        await ConsoleHost.GetAsync(other.Client, "/api/v1/people");
        await ConsoleHost.SendAsync(max, HttpMethod.Delete, "/api/v1/tokens/" + other.Id, null, 404);
        await ConsoleHost.SendAsync(wide.Client, HttpMethod.Delete, "/api/v1/tokens/" + other.Id, null, 204);
        await ConsoleHost.GetAsync(other.Client, "/api/v1/people", 401);
        await ConsoleHost.SendAsync(narrow.Client, HttpMethod.Delete, "/api/v1/tokens/" + narrow.Id, null, 204);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PasswordChange_RevokesTokensWhereAsked(bool revoke)
    {
        var account = (Features.Access.AccountService)_host.Services.GetService(typeof(Features.Access.AccountService))!;
        var me = new Core.Access.PersonCaller(_host.Writer.State.Directory.People.Values.Single(), null, "session");
        Assert.True((await account.ChangePasswordAsync(me, ConsoleHost.AdminPassword, "seven quiet herons wade", revoke, default)).Ok);
        await ConsoleHost.GetAsync(_host.Admin, "/api/v1/people", revoke ? 401 : 200);
        await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, 401);
        await TokenAsync(ConsoleHost.AdminEmail, "seven quiet herons wade");
    }

    [Fact]
    public async Task LastAdmin_CannotBeDisabledOrLoseTheRole()
    {
        var id = _host.Writer.State.Directory.People.Keys.Single();
        var refused = await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/people/{id}", new { disabled = true }, 409);
        Assert.Equal("admin.last", refused.GetProperty("code").GetString());
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/people/{id}", new { roles = new[] { "member" } }, 409);
        await _host.PersonAsync("second@example.com", "admin");
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/people/{id}", new { roles = new[] { "member" } }, 200);
        await ConsoleHost.GetAsync(_host.Admin, "/api/v1/people", 403);
    }

    [Fact]
    public async Task Tokens_WrongPasswordsLockTheAccount_RightOnesDoNot()
    {
        for (var i = 0; i < 6; i++) await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);
        for (var i = 0; i < 4; i++) await TokenAsync(ConsoleHost.AdminEmail, "wrong wrong wrong", 401);
        await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);   // the count starts anew
        for (var i = 0; i < 5; i++) await TokenAsync(ConsoleHost.AdminEmail, "wrong wrong wrong", 401);
        await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, 401);
        _time.Skip(TimeSpan.FromMinutes(16));
        await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);
        await TokenAsync("nobody@example.com", "wrong wrong wrong", 401);
    }

    [Fact]
    public async Task Token_Unknown_Revoked_Expired_IsRefused()
    {
        await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, 400, ["everything"]);
        var made = await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, scopes: ["people"]);
        var client = _host.As(made.GetProperty("token").GetString()!);
        await ConsoleHost.GetAsync(client, "/api/v1/people");
        var (_, other) = await _host.PersonAsync("max@example.com", "member");
        await ConsoleHost.SendAsync(other, HttpMethod.Delete, $"/api/v1/tokens/{made.GetProperty("id").GetString()}", null, 404);
        await ConsoleHost.SendAsync(client, HttpMethod.Delete, $"/api/v1/tokens/{made.GetProperty("id").GetString()}", null, 204);
        await ConsoleHost.GetAsync(client, "/api/v1/people", 401);

        var lasting = _host.As((await TokenAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, scopes: ["people"])).GetProperty("token").GetString()!);
        _time.Skip(TimeSpan.FromDays(91));
        await ConsoleHost.GetAsync(lasting, "/api/v1/people", 401);
        await ConsoleHost.GetAsync(_host.As("opp_admin_wrongwrongwrongwrongwrongwrongwrongwrongwrong"), "/api/v1/people", 401);
    }

    [Fact]
    public async Task Disabled_RevokesTokensForGood()
    {
        var (id, client) = await _host.PersonAsync("max@example.com", "auditor");
        await ConsoleHost.GetAsync(client, "/api/v1/people");
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/people/{id}", new { disabled = true }, 200);
        await ConsoleHost.GetAsync(client, "/api/v1/people", 401);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/people/{id}", new { disabled = false }, 200);
        await ConsoleHost.GetAsync(client, "/api/v1/people", 401);
    }

    [Fact]
    public async Task Session_EndsAfterIdleTime_AfterTwelveHours_AndWhenTheStampChanges()
    {
        using var browser = new SignedIn(_host.NewClient());
        Task<HttpResponseMessage> Alive() => browser.Client.PostAsync("/account/keep-alive", null);

        Assert.Equal(HttpStatusCode.Redirect, (await browser.SignInAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword)).StatusCode);
        for (var i = 0; i < 11; i++)
        {
            _time.Skip(TimeSpan.FromMinutes(25));
            Assert.Equal(HttpStatusCode.NoContent, (await Alive()).StatusCode);
        }
        _time.Skip(TimeSpan.FromMinutes(31));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Alive()).StatusCode);

        await browser.SignInAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);
        for (var i = 0; i < 28; i++)
        {
            _time.Skip(TimeSpan.FromMinutes(25));
            Assert.Equal(HttpStatusCode.NoContent, (await Alive()).StatusCode);
        }
        _time.Skip(TimeSpan.FromMinutes(25));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Alive()).StatusCode);

        await browser.SignInAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);
        Assert.Equal(HttpStatusCode.NoContent, (await Alive()).StatusCode);
        var account = (Features.Access.AccountService)_host.Services.GetService(typeof(Features.Access.AccountService))!;
        await account.SignOutEverywhereAsync(new(_host.Writer.State.Directory.People.Values.Single(), null, "session"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Alive()).StatusCode);
    }

    [Fact]
    public async Task SignIn_WrongAndForeignReturnAddress_StaysHere()
    {
        using var browser = new SignedIn(_host.NewClient());
        using var wrong = await browser.SignInAsync(ConsoleHost.AdminEmail, "wrong wrong wrong");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("E-mail or password is wrong", await wrong.Content.ReadAsStringAsync());
        using var right = await browser.SignInAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, "//evil.example");
        Assert.Equal("/", right.Headers.Location!.OriginalString.Replace("http://localhost", "", StringComparison.Ordinal));
        var cookie = right.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("opsconsole=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=lax", cookie);
    }

    [Fact]
    public async Task LastUse_IsWrittenByTheMinute()
    {
        await ConsoleHost.GetAsync(_host.Admin, "/api/v1/people");
        await ((Features.Access.CredentialUseWriter)_host.Services.GetService(typeof(Features.Access.CredentialUseWriter))!).FlushAsync();
        var tokens = (Features.Access.TokenService)_host.Services.GetService(typeof(Features.Access.TokenService))!;
        var listed = await tokens.ListAsync(new(_host.Writer.State.Directory.People.Values.Single(), null, "session"), default);
        Assert.NotNull(Assert.Single(listed).LastUsedAt);
    }
}

public sealed class AccessApiSqliteTests() : AccessApiTests(postgres: false);

public sealed class AccessApiPostgresTests() : AccessApiTests(postgres: true);
