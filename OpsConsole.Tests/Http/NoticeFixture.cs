using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Features.Webhooks;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>A console with a mail server and chats that answer as they are told, and a rollout that asks; its clock begins ten minutes after the full hour.</summary>
public abstract class NoticeFixture(bool postgres) : IAsyncLifetime
{
    private protected readonly SkipTime Time = new();
    private protected readonly Postbox Box = new();
    private protected readonly SmtpSink Sink = new();

    protected ConsoleHost Host { get; private set; } = default!;
    protected Spine Spine { get; private set; } = default!;
    protected string DanaId { get; private set; } = "";

    private protected Dictionary<string, string?> Settings() => new()
    {
        ["OpsConsole:PublicBaseUrl"] = "https://ops.example.com", ["OpsConsole:Mail:Host"] = "127.0.0.1", ["OpsConsole:Mail:Port"] = Sink.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), ["OpsConsole:Mail:Security"] = "none", ["OpsConsole:Mail:From"] = "ops@example.com",
    };

    public async Task InitializeAsync()
    {
        Time.Skip(ToNextHour + TimeSpan.FromMinutes(10));   // what is gathered goes out at full hours
        Host = await StartAsync(new HostSettings { Postgres = postgres, Time = Time, Services = s => s.AddSingleton<IOutbound>(Box), More = Settings() });
        Spine = await Spine.BuildAsync(Host, Spine.Matrix.Replace("{ \"id\": \"R-7\"", "{ \"id\": \"R-8\", \"action\": \"quiet.note\", \"outcome\": \"approve\", \"consequence\": \"low\", \"approvers\": [\"group:leads\"], \"reversible\": true }, { \"id\": \"R-7\"", StringComparison.Ordinal));
        DanaId = Host.Writer.State.Directory.ByEmail["dana@example.com"].Id;
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await Sink.DisposeAsync();
    }

    private protected TimeSpan ToNextHour => TimeSpan.FromHours(1) - TimeSpan.FromTicks(Time.GetUtcNow().Ticks % TimeSpan.TicksPerHour);

    private protected Task<JsonElement> NoteAsync(string text) => PostAsync(Spine.Agent, "/api/v1/decisions", new { action = "quiet.note", arguments = new { text }, confidence = 0.9 }, 202);

    private protected Task MailedAsync(int count) => Until.True(() => Sink.Mails.Count >= count, $"{count} mails");
    private protected int Count(DeliveryState state) => Read(db => db.NoticeDeliveries.Count(d => d.State == state));

    private protected static string Apr(JsonElement asked) => asked.GetProperty("approval").GetProperty("id").GetString()!;

    private protected static async Task<IReadOnlyList<JsonElement>> NoticesAsync(HttpClient person) => [.. (await GetAsync(person, "/api/v1/me/notices")).GetProperty("items").EnumerateArray()];

    private protected T Read<T>(Func<OpsDbContext, T> read)
    {
        using var db = Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContext();
        return read(db);
    }
}
