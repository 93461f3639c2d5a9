using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Data;
using OpsConsole.Features.Access;
using OpsConsole.Startup;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>Who is shut out by wrong passwords and who is not, and what goes on record of it. Addresses come as a proxy passes them on.</summary>
public abstract class SignInTests(bool postgres) : IAsyncLifetime
{
    private const string Home = "198.51.100.7", Wrong = "wrong wrong wrong";
    private readonly HandTime _time = new(DateTimeOffset.UtcNow);
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync(new HostSettings
    {
        Postgres = postgres, Time = _time,
        More = new Dictionary<string, string?> { ["OpsConsole:Limits:SignInsPerMinute"] = "1000", ["OpsConsole:Proxies:0"] = "127.0.0.1", ["OpsConsole:Proxies:1"] = "127.0.0.2" },
    });

    public Task DisposeAsync() => _host.DisposeAsync();

    private async Task<HttpStatusCode> TryAsync(string forwardedFor, string password, string email = ConsoleHost.AdminEmail)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens") { Content = JsonContent.Create(new { email, password, scopes = new[] { "*" } }) };
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        using var response = await _host.Nobody.SendAsync(request);
        return response.StatusCode;
    }

    [Fact]
    public async Task WrongPasswords_LockTheAddressTheyComeFrom_AndNobodyElse()
    {
        for (var i = 0; i < LockOut.MostFailures; i++) Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("203.0.113.9", Wrong));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("203.0.113.9", ConsoleHost.AdminPassword));
        Assert.Equal(HttpStatusCode.Created, await TryAsync(Home, ConsoleHost.AdminPassword));
        _time.Advance(LockOut.LockedFor + TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Created, await TryAsync("203.0.113.9", ConsoleHost.AdminPassword));
    }

    [Fact]
    public async Task WrongPasswords_FromOneNetworkOfIPv6_CountTogether()
    {
        for (var i = 0; i < LockOut.MostFailures; i++) await TryAsync($"2001:db8:1:2::{i + 1}", Wrong);
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("2001:db8:1:2:ffff::9", ConsoleHost.AdminPassword));
        Assert.Equal(HttpStatusCode.Created, await TryAsync("2001:db8:1:3::1", ConsoleHost.AdminPassword));
    }

    [Fact]
    public async Task WrongPasswords_FromManyAddresses_SlowDownUnfamiliarOnes_UntilUnlocked()
    {
        Assert.Equal(HttpStatusCode.Created, await TryAsync(Home, ConsoleHost.AdminPassword));
        await GuessAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("192.0.2.1", ConsoleHost.AdminPassword));
        Assert.Equal(HttpStatusCode.Created, await TryAsync(Home, ConsoleHost.AdminPassword));
        Assert.Equal(HttpStatusCode.Created, await TryAsync("192.0.2.1", ConsoleHost.AdminPassword));   // the owner's success ended it

        await GuessAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("192.0.2.2", ConsoleHost.AdminPassword));
        Assert.True((await Unlocking.UnlockAsync(_host.Writer, ConsoleHost.AdminEmail)).Ok);
        Assert.Equal(HttpStatusCode.Created, await TryAsync("192.0.2.2", ConsoleHost.AdminPassword));
        Assert.False((await Unlocking.UnlockAsync(_host.Writer, "nobody@example.com")).Ok);
    }

    /// <summary>As many wrong passwords as slow the account down; only the last one is really typed.</summary>
    private async Task GuessAsync()
    {
        Assert.True((await _host.Writer.ChangeAsync<Core.Shared.Done>(async (scope, ct) =>
        {
            (await scope.Db.Users.SingleAsync(ct)).AccessFailedCount = LockOut.MostForAccount - 1;
            return Core.Shared.Done.Value;
        })).Ok);
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("203.0.113.9", Wrong));
    }

    [Fact]
    public void AccountDelay_Grows_UpToTheLock()
    {
        Assert.Equal(TimeSpan.Zero, LockOut.AccountDelay(LockOut.MostForAccount - 1));
        Assert.Equal(TimeSpan.FromSeconds(1), LockOut.AccountDelay(LockOut.MostForAccount));
        Assert.Equal(TimeSpan.FromSeconds(8), LockOut.AccountDelay(LockOut.MostForAccount + 3));
        Assert.Equal(LockOut.LockedFor, LockOut.AccountDelay(1_000_000));
    }

    [Fact]
    public async Task Address_IsTheLastProxysWord_NotTheClients()
    {
        for (var i = 0; i < LockOut.MostFailures; i++) await TryAsync($"6.6.6.{i}, 127.0.0.1", Wrong);
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("6.6.6.99, 127.0.0.1", ConsoleHost.AdminPassword));
    }

    [Fact]
    public async Task Refusals_SayWhereTheyCameFrom_AndUnknownNamesDoNotFillTheLog()
    {
        await TryAsync("203.0.113.9", Wrong);
        var (leaf, payload) = (await RefusalsAsync()).Single();
        Assert.Equal("password", leaf.GetProperty("actor").GetProperty("auth").GetString());
        Assert.Equal("203.0.113.9", payload.GetProperty("address").GetString());

        for (var i = 0; i < 10; i++) await TryAsync($"203.0.113.{i}", Wrong, "nobody@example.com");
        Assert.Equal(2, (await RefusalsAsync()).Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        await TryAsync("203.0.113.10", Wrong, "nobody@example.com");
        (leaf, payload) = (await RefusalsAsync())[^1];
        Assert.Equal(("unknown", 10), (leaf.GetProperty("object").GetString(), leaf.GetProperty("details").GetProperty("attempts").GetInt32()));
        Assert.Equal(10, payload.GetProperty("addresses").GetArrayLength());
        Assert.DoesNotContain("nobody@example.com", payload.GetRawText());
    }

    private async Task<List<(JsonElement Leaf, JsonElement Payload)>> RefusalsAsync()
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        var rows = await db.Audit.AsNoTracking().Where(a => a.Event == "session.refused").OrderBy(a => a.Seq).Join(db.Payloads, a => a.Seq, p => p.Seq, (a, p) => new { a.Leaf, p.Body }).ToListAsync();
        return [.. rows.Select(r => (JsonElement.Parse(r.Leaf), JsonElement.Parse(r.Body)))];
    }
}

public sealed class SignInSqliteTests() : SignInTests(postgres: false)
{
    [Fact]
    public async Task Page_ReachedFromAnother_SaysThatItLeadsBack()
    {
        await using var host = await ConsoleHost.StartAsync();
        Assert.Contains("Sign in to go on to that page.", await host.Nobody.GetStringAsync("/account/sign-in?returnUrl=%2Faudit%3Fpage%3D2"));
        foreach (var plain in (string[])["", "?returnUrl=%2F", "?returnUrl=%2F%2Fevil.example"]) Assert.DoesNotContain("to that page", await host.Nobody.GetStringAsync("/account/sign-in" + plain));
    }

    [Fact]
    public async Task Command_UnlocksBesideTheRunningConsole()
    {
        await using var host = await ConsoleHost.StartAsync();
        for (var i = 0; i < LockOut.MostFailures; i++) await ConsoleHost.PostAsync(host.Nobody, "/api/v1/tokens", new { email = ConsoleHost.AdminEmail, password = "wrong wrong wrong", scopes = new[] { "*" } }, 401);
        await ConsoleHost.PostAsync(host.Nobody, "/api/v1/tokens", new { email = ConsoleHost.AdminEmail, password = ConsoleHost.AdminPassword, scopes = new[] { "*" } }, 401);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("OpsConsole:Data:Directory", host.Folder)]).Build();
        Assert.Equal(1, (await AccountCommand.RunAsync(["account", "unlock", "nobody@example.com"], configuration)).Code);
        Assert.Equal(1, (await AccountCommand.RunAsync(["account", "lock"], configuration)).Code);
        Assert.Equal(0, (await AccountCommand.RunAsync(["account", "unlock", ConsoleHost.AdminEmail], configuration)).Code);
        await ConsoleHost.PostAsync(host.Nobody, "/api/v1/tokens", new { email = ConsoleHost.AdminEmail, password = ConsoleHost.AdminPassword, scopes = new[] { "*" } }, 201);
    }

    [Fact]
    public async Task DataFolder_IsTheConsolesAlone()
    {
        if (OperatingSystem.IsWindows()) return;
        await using var host = await ConsoleHost.StartAsync();
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        foreach (var path in (string[])[host.Folder, Path.Combine(host.Folder, "keys"), .. Directory.EnumerateFiles(host.Folder)]) Assert.True((File.GetUnixFileMode(path) & others) == 0, $"{path}: {File.GetUnixFileMode(path)}");
        Assert.True(File.Exists(Path.Combine(host.Folder, "opsconsole.db-wal")));
    }
}

public sealed class SignInPostgresTests() : SignInTests(postgres: true);
