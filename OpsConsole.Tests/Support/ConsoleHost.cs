using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Audit;
using OpsConsole.Platform.Web;
using OpsConsole.Support;

namespace OpsConsole.Tests.Support;

/// <summary>
/// The real program with a fresh database (a SQLite file, or a PostgreSQL database of its own) and an admin made by settings. As a class fixture it starts
/// with SQLite; for anything else use <see cref="StartAsync"/>. <see cref="Url"/> is set when it was started on a real port.
/// </summary>
public class ConsoleHost : IAsyncLifetime, IAsyncDisposable
{
    public const string AdminEmail = "admin@example.com", AdminPassword = "mellow otter paints a fence", AdminToken = "opp_admin_0123456789abcdefghijABCDEFGHIJ0123456789abc";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "opsconsole-test-" + Guid.NewGuid().ToString("N"));
    private readonly List<HttpClient> _clients = [];
    private readonly Dictionary<string, string> _passwords = new(StringComparer.OrdinalIgnoreCase) { [AdminEmail] = AdminPassword };
    private WebApplicationFactory<Program>? _factory;
    private PostgresDatabase? _postgres;
    private HostSettings _settings = new();

    public IServiceProvider Services => _factory!.Services;
    internal DurableWriter Writer => Services.GetRequiredService<DurableWriter>();
    public string Folder => _folder;
    /// <summary>Where it listens, without a slash at the end; null while everything stays inside the process.</summary>
    public string? Url { get; private set; }
    /// <summary>Calls with the admin's token.</summary>
    public HttpClient Admin { get; private set; } = default!;
    /// <summary>Calls without any credential; follows no redirects, keeps cookies.</summary>
    public HttpClient Nobody { get; private set; } = default!;

    public static async Task<ConsoleHost> StartAsync(HostSettings? settings = null)
    {
        var host = new ConsoleHost { _settings = settings ?? new HostSettings() };
        await host.InitializeAsync();
        return host;
    }

    public async Task InitializeAsync()
    {
        if (_settings.Postgres) _postgres = await Migrated.PostgresAsync();
        else if (!_settings.More.ContainsKey("OpsConsole:Data:Directory")) await Migrated.IntoAsync(_folder);
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(Configure);
        if (_settings.RealPort)
        {
            _factory.UseKestrel(0);
            _factory.StartServer();
        }
        Nobody = NewClient();
        if (_settings.RealPort) Url = Nobody.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Admin = As(AdminToken);
    }

    /// <summary>Ends the program; its data stay until this is disposed, its clients are gone.</summary>
    public async Task StopAsync()
    {
        foreach (var client in _clients) client.Dispose();
        _clients.Clear();
        await _factory!.DisposeAsync();
        _factory = null;
        // The program's own end disposes of its services too, and whoever comes to that second does not wait for the first: the folder may still be held.
        await Until.True(() => !HeldBySomebody(Path.Combine(_folder, "opsconsole.lock")), "the end of the program");
    }

    private static bool HeldBySomebody(string file)
    {
        if (!File.Exists(file)) return false;
        try
        {
            PrivateFiles.OpenAlone(file).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private void Configure(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        Dictionary<string, string?> settings = new()
        {
            ["OpsConsole:Data:Directory"] = _folder,
            ["Logging:LogLevel:Default"] = "Warning",
            ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",
        };
        if (_settings.RealPort) settings["urls"] = "http://127.0.0.1:0";
        if (_settings.SetUp)
        {
            settings["OpsConsole:Setup:AdminEmail"] = AdminEmail;
            settings["OpsConsole:Setup:AdminPassword"] = AdminPassword;
            settings["OpsConsole:Setup:AdminToken"] = AdminToken;
        }
        if (_postgres is not null)
        {
            settings["OpsConsole:Data:Provider"] = "postgres";
            settings["ConnectionStrings:Postgres"] = _postgres.ConnectionString;
        }
        settings["OpsConsole:Toolkit:PrintSeconds"] = "120";   // a print gives way to whatever else runs, and here that is a lot
        foreach (var (key, value) in _settings.More) settings[key] = value;
        foreach (var (key, value) in settings) builder.UseSetting(key, value);
        builder.ConfigureServices(services =>
        {
            if (_settings.Time is { } time) services.AddSingleton(time);
            services.PostConfigure<Microsoft.AspNetCore.Identity.PasswordHasherOptions>(o => o.IterationCount = 1_000);   // hundreds of people sign in; what a hash costs in earnest has its own test
            _settings.Services?.Invoke(services);
        });
    }

    /// <summary>A client with its own cookies that follows no redirects; without a credential.</summary>
    public HttpClient NewClient()
    {
        var client = _factory!.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true, BaseAddress = _factory!.ClientOptions.BaseAddress });
        client.Timeout = TimeSpan.FromMinutes(4);   // a large document beside two browsers on two processors
        _clients.Add(client);
        return client;
    }

    /// <summary>A client that sends this key or token.</summary>
    public HttpClient As(string credential)
    {
        var client = NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        return client;
    }

    /// <summary>Invites somebody, accepts the invitation and returns their id and a client that calls with a token of theirs (scope <c>*</c>).</summary>
    public async Task<(string Id, HttpClient Client)> PersonAsync(string email, params string[] roles)
    {
        var invited = await PostAsync(Admin, "/api/v1/people", new { email, name = email.Split('@')[0], roles }, 201);
        var password = "mellow otter paints a " + Guid.NewGuid().ToString("N");
        await PostAsync(Nobody, $"/api/v1/invitations/{invited.GetProperty("invitation").GetProperty("code").GetString()}/accept", new { password }, 200);
        _passwords[email] = password;
        var token = await PostAsync(Nobody, "/api/v1/tokens", new { email, password, scopes = new[] { "*" }, expires_in_days = 1 }, 201);
        return (invited.GetProperty("id").GetString()!, As(token.GetProperty("token").GetString()!));
    }

    /// <summary>The password of the admin, or of somebody made by <see cref="PersonAsync"/>.</summary>
    public string PasswordOf(string email) => _passwords[email];

    /// <summary>Posts (snake_case) and returns the answer's body; fails with that body when the status is another.</summary>
    public static Task<JsonElement> PostAsync(HttpClient client, string path, object? body, int expect = 200) => SendAsync(client, HttpMethod.Post, path, body, expect);

    public static Task<JsonElement> GetAsync(HttpClient client, string path, int expect = 200) => SendAsync(client, HttpMethod.Get, path, null, expect);

    public static async Task<JsonElement> SendAsync(HttpClient client, HttpMethod method, string path, object? body, int expect, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body, options: Wire.Json);
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == expect, $"{method} {path} answered {(int)response.StatusCode} instead of {expect}: {text}");
        return text.Length > 0 && text[0] is '{' or '[' ? JsonDocument.Parse(text).RootElement : default;
    }

    /// <summary>Whatever a test does through the console, its log is intact afterwards, and every row says what the log says.</summary>
    public virtual async Task DisposeAsync()
    {
        var report = _factory is not null && Writer.Health.Up ? await new AuditVerifier(Services.GetRequiredService<OpsDatabase>()).VerifyAsync(null, CancellationToken.None) : null;
        foreach (var client in _clients) client.Dispose();
        if (_factory is not null) await _factory.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
        Remove(_folder);
        Assert.True(report is null or { Intact: true }, "The log is not intact: " + string.Join("; ", report?.Broken ?? []));
    }

    // A reading that a page had under way may open the database once more while its folder goes: SQLite makes a file for that.
    private static void Remove(string folder)
    {
        for (var attempt = 0; Directory.Exists(folder); attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException) when (attempt < 5) { /* once more */ }
        }
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>How a <see cref="ConsoleHost"/> is started.</summary>
public sealed class HostSettings
{
    public bool Postgres { get; init; }
    /// <summary>Listen on a free port of 127.0.0.1, for browsers and sockets.</summary>
    public bool RealPort { get; init; }
    /// <summary>Make the admin by settings; without, the program prints a setup link.</summary>
    public bool SetUp { get; init; } = true;
    public TimeProvider? Time { get; init; }
    /// <summary>Settings by key, such as <c>OpsConsole:PublicBaseUrl</c>.</summary>
    public IReadOnlyDictionary<string, string?> More { get; init; } = new Dictionary<string, string?>();
    public Action<IServiceCollection>? Services { get; init; }
}
