using System.Text;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Webhooks;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteChatTests() : ChatTests(postgres: false);

public sealed class PostgresChatTests() : ChatTests(postgres: true);

/// <summary>A rollout's chat channels: what they are told, when, how much of it, and who has to do with them.</summary>
public abstract class ChatTests(bool postgres) : NoticeFixture(postgres)
{
    private string Channels => $"/api/v1/rollouts/{Spine.Rollout}/channels";

    [Fact]
    public async Task ChatInItsQuietHours_IsSentWhatStillWaitsAtTheirEnd()
    {
        var here = TimeZoneInfo.ConvertTime(Time.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));   // the rollout's clocks
        string Clock(double hours) => here.AddHours(hours).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        await PostAsync(Host.Admin, Channels, new { kind = "slack", url = "https://hooks.slack.com/services/1", kinds = new[] { "waits" }, quiet_hours = new { from = Clock(-1), to = Clock(0.1) } }, 201);
        var first = await NoteAsync("a");
        await NoteAsync("b");
        await Spine.RefundAsync(420, 202);
        await Until.True(() => Box.Sent.Count == 1, "high consequence breaks through");
        await Spine.DecideAsync(Spine.Dana, first, new { verdict = "approve" });
        Time.Skip(TimeSpan.FromMinutes(7));
        await Until.True(() => Read(db => db.NoticeDeliveries.Count(d => d.EndpointId != NoticeDelivery.Mail && d.DueAt == null)) == 3, "the quiet is over");
        Assert.Equal(2, Box.Sent.Count);
        Assert.Equal("Not sent: decided.", Read(db => db.NoticeDeliveries.Single(d => d.EndpointId != NoticeDelivery.Mail && d.State == DeliveryState.Stopped).Says));
    }

    [Fact]
    public async Task Chats_AreTold_TheirAddressIsKeptProtected_AndWhoMayNotEditHasNothingOfIt()
    {
        const string slack = "https://hooks.slack.com/services/T0/B0/s3cr3t", teams = "https://prod.example.com/workflows/1?sig=s3cr3t";
        var added = await PostAsync(Host.Admin, Channels, new { kind = "slack", url = slack, kinds = new[] { "waits" } }, 201);
        var other = await PostAsync(Host.Admin, Channels, new { kind = "teams", url = teams, kinds = new[] { "waits" }, high_only = true }, 201);
        await NoteAsync("low");
        var asked = await Spine.RefundAsync(420, 202);
        await Until.True(() => Box.Sent.Count == 3, "slack has two, teams the one of high consequence");
        Assert.Equal([slack, slack, teams], Box.Sent.Select(m => m.To.AbsoluteUri).Order());
        Assert.All(Box.Sent, m => Assert.Equal("application/json", m.ContentType));
        var body = Encoding.UTF8.GetString(Box.Sent.Single(m => m.To.AbsoluteUri == teams).Body);
        Assert.Contains("https://ops.example.com/approvals/" + Apr(asked), body);
        foreach (var secret in (string[])["420", "8812", "charged"]) Assert.DoesNotContain(secret, body);
        await Until.True(() => Read(db => db.NoticeDeliveries.Count(d => d.State == DeliveryState.Delivered && d.EndpointId != NoticeDelivery.Mail)) == 3, "all are on record");
        var log = (await GetAsync(Host.Admin, $"{Channels}/{Spine.Id(added)}/deliveries?limit=1"));
        Assert.Equal(("waits", Apr(asked)), (log.GetProperty("items")[0].GetProperty("event").GetString(), log.GetProperty("items")[0].GetProperty("subject_id").GetString()));
        Assert.Single((await GetAsync(Host.Admin, $"{Channels}/{Spine.Id(added)}/deliveries?limit=1&after={log.GetProperty("next").GetString()}")).GetProperty("items").EnumerateArray());

        Assert.DoesNotContain("s3cr3t", (await GetAsync(Host.Admin, Channels)).GetRawText() + string.Join("\n", Read(db => db.ChatChannels.Select(c => c.Url).ToList())) + string.Join("\n", Read(db => db.Audit.Where(a => a.Event.StartsWith("channel.")).Select(a => a.Leaf).ToList())));
        foreach (var (who, status) in new[] { (Spine.Dana, 403), (Spine.Owner, 404) })
        {
            await GetAsync(who, Channels, status);
            await PostAsync(who, Channels, new { nonsense = 1 }, status);   // before the body is read
            await PostAsync(who, $"{Channels}/{Spine.Id(added)}/test", null, status);
            await GetAsync(who, $"{Channels}/{Spine.Id(added)}/deliveries", status);
        }
        Assert.Equal("field.invalid", (await PostAsync(Host.Admin, Channels, new { kind = "slack", url = "http://10.0.0.1/", kinds = new[] { "waits" } }, 400)).GetProperty("code").GetString());
        await PostAsync(Host.Admin, Channels, new { kind = "slack", url = slack, kinds = new[] { "asked_back" } }, 400);
        await SendAsync(Host.Admin, HttpMethod.Delete, $"{Channels}/{Spine.Id(other)}", null, 204);
        await SendAsync(Host.Admin, HttpMethod.Put, $"{Channels}/{Spine.Id(added)}", new { kinds = new[] { "expired" }, quiet_hours = new { from = "19:00", to = "08:00" } }, 200);
        await PostAsync(Host.Admin, $"{Channels}/{Spine.Id(added)}/test", null, 202);
        await Spine.RefundAsync(430, 202);
        await Until.True(() => Box.Sent.Count == 4, "only the test is sent");
        Assert.Contains("A test from OpsConsole", Encoding.UTF8.GetString(Box.Sent.Last().Body));
    }

    [Fact]
    public async Task ChatBeyondSixtyAnHour_IsToldOnceHowManyMoreCame_AndATestIsOneAMinute()
    {
        var added = await PostAsync(Host.Admin, Channels, new { kind = "slack", url = "https://hooks.slack.com/services/1", kinds = new[] { "waits" } }, 201);
        await PostAsync(Host.Admin, $"{Channels}/{Spine.Id(added)}/test", null, 202);
        Assert.Equal("channel.tested", (await PostAsync(Host.Admin, $"{Channels}/{Spine.Id(added)}/test", null, 409)).GetProperty("code").GetString());
        for (var i = 0; i < ChatChannel.MostAnHour + 4; i++) await NoteAsync("note " + i);   // the test counts as well
        await Until.True(() => Read(db => db.NoticeDeliveries.Where(d => d.EndpointId == Spine.Id(added) && d.Event == NoticeDelivery.Digest).AsEnumerable().Sum(d => d.Seqs.Count)) == 5, "the others are counted");
        await Until.True(() => Box.Sent.Count == ChatChannel.MostAnHour, "the first are told one by one");
        Time.Skip(ToNextHour);
        await Until.True(() => Box.Sent.Count == ChatChannel.MostAnHour + 1, "how many more came is told");
        var more = Encoding.UTF8.GetString(Box.Sent.Last().Body);
        Assert.Contains("5 more notices", more);
        Assert.Contains("https://ops.example.com/approvals?rollout=" + Spine.Rollout, more);
        await PostAsync(Host.Admin, $"{Channels}/{Spine.Id(added)}/test", null, 202);
    }

    [Fact]
    public async Task EscalatedAsItIsAsked_IsToldOnce_AlsoWhereOnlyTheOneIsWanted()
    {
        foreach (var email in (string[])["dana@example.com", "lee@example.com"]) await SendAsync(Host.Admin, HttpMethod.Patch, "/api/v1/people/" + Host.Writer.State.Directory.ByEmail[email].Id, new { disabled = true }, 200);
        foreach (var (path, kinds) in ((string, string[])[])[("1", ["waits"]), ("2", ["escalated"]), ("3", ["waits", "escalated"])]) await PostAsync(Host.Admin, Channels, new { kind = "slack", url = "https://hooks.slack.com/services/" + path, kinds }, 201);
        await Spine.RefundAsync(420, 202);
        await Until.True(() => Box.Sent.Count == 3, "each is told");
        Assert.Equal(3, Read(db => db.NoticeDeliveries.Count(d => d.EndpointId != NoticeDelivery.Mail)));
        Assert.Equal(["/services/1", "/services/2", "/services/3"], Box.Sent.Select(m => m.To.AbsolutePath).Order());
    }
}
