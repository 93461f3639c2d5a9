using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Features.Notices;
using OpsConsole.Features.Webhooks;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteNoticeTests() : NoticeTests(postgres: false)
{
    [Fact]
    public async Task Lists_WalkTheirIndexes()
    {
        await using var db = Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContext();
        foreach (var (plan, index) in new[]
        {
            (await QueryPlan.OfAsync(db, NoticeInbox.List(db, "p", true, 5).Take(3)), "ix_notices_unread"), (await QueryPlan.OfAsync(db, NoticeInbox.List(db, "p", false, 5).Take(3)), "sqlite_autoindex_notices_1"),
            (await QueryPlan.OfAsync(db, NoticeDesk.After(NoticeDesk.Mails(db, "p"), "ndl_5").Take(3)), "ix_notice_deliveries_person"), (await QueryPlan.OfAsync(db, NoticeDesk.After(ChatDesk.Sent(db, "c"), "ndl_5").Take(3)), "ix_notice_deliveries_endpoint"),
        })
        {
            QueryPlan.AssertOrdered(plan);
            Assert.Contains(index, plan);
        }
        // Not by the rows' own order: that would go through every ask.
        Assert.Contains("ix_audit_event", await QueryPlan.OfAsync(db, NoticeFeed.Entries(db, 5, 5_000)));
    }
}

public sealed class PostgresNoticeTests() : NoticeTests(postgres: true)
{
    [Fact]
    public async Task TwoInstances_OnOneDatabase_TellOnce()
    {
        var settings = Host.Services.GetRequiredService<IConfiguration>();
        await using var second = await StartAsync(new HostSettings
        {
            SetUp = false, Time = Time, Services = s => s.AddSingleton<IOutbound>(Box),
            More = new Dictionary<string, string?>(Settings()) { ["OpsConsole:Data:Provider"] = "postgres", ["ConnectionStrings:Postgres"] = settings["ConnectionStrings:Postgres"], ["OpsConsole:Data:Directory"] = Host.Folder },
        });
        const int asks = 8;
        for (var i = 0; i < asks; i++) await PostAsync(i % 2 == 0 ? Spine.Agent : second.As(Spine.AgentKey), "/api/v1/decisions", new { action = "refund.create", arguments = new { amount = 300 + i }, confidence = 0.9 }, 202);
        await Until.True(() => Count(DeliveryState.Delivered) == 2 * asks, "all are on record");
        Time.Skip(Delivery.Lease + TimeSpan.FromSeconds(1));   // whatever one of them took and did not tell is due again
        await Spine.RefundAsync(290, 202);
        await Until.True(() => Count(DeliveryState.Delivered) == 2 * asks + 2 && Read(db => db.NoticeDeliveries.All(d => d.DueAt == null)), "nothing is due any more");
        Assert.Equal(2 * asks + 2, Sink.Mails.Select(m => m.Header("Message-ID")).Distinct().Count());
        Assert.Equal(2 * asks + 2, Sink.Mails.Count);
    }
}

/// <summary>People are told, with a mail server that answers as it is told: who, of what, when, and what is in it.</summary>
public abstract class NoticeTests(bool postgres) : NoticeFixture(postgres)
{
    [Fact]
    public async Task Request_IsToldToWhoIsAsked_ByInboxAndMail_WithNothingOfItsArguments()
    {
        var asked = await Spine.RefundAsync(420, 202);
        await MailedAsync(2);
        Assert.Equal(["dana@example.com", "lee@example.com"], Sink.Mails.Select(m => m.To).Order());
        var mail = Sink.Mails.First(m => m.To == "dana@example.com");
        Assert.Equal("Waits for you: refund.create · Support", mail.Subject);
        Assert.Equal("<https://ops.example.com/account/notifications>", mail.Header("List-Unsubscribe"));
        Assert.Contains("https://ops.example.com/approvals/" + Apr(asked), mail.Words);
        foreach (var secret in (string[])["420", "8812", "charged"]) Assert.DoesNotContain(secret, mail.Words);

        var notice = Assert.Single(await NoticesAsync(Spine.Dana));
        Assert.Equal(("waits", true, Apr(asked), "pending", "Support"), (notice.GetProperty("kind").GetString(), notice.GetProperty("asked").GetBoolean(), notice.GetProperty("approval_id").GetString(), notice.GetProperty("status").GetString(), notice.GetProperty("rollout_name").GetString()));
        Assert.Empty(await NoticesAsync(Host.Admin));   // an admin is not asked by being one
        Assert.Empty(await NoticesAsync(Spine.Owner));
        Assert.Equal(1, (await GetAsync(Spine.Dana, "/api/v1/me/notices/unread")).GetProperty("unread").GetInt32());
        await PostAsync(Spine.Dana, $"/api/v1/me/notices/{Spine.Id(notice)}/read", null, 204);
        Assert.Equal(0, (await GetAsync(Spine.Dana, "/api/v1/me/notices/unread")).GetProperty("unread").GetInt32());
        Assert.Equal(1, (await GetAsync(Spine.Lee, "/api/v1/me/notices/unread")).GetProperty("unread").GetInt32());
        await PostAsync(Spine.Owner, $"/api/v1/me/notices/{Spine.Id(notice)}/read", null, 404);

        // Decided: nobody need look any more.
        await Spine.DecideAsync(Spine.Dana, asked, new { verdict = "approve" });
        await Until.True(() => Read(db => db.Notices.All(n => n.ReadAt != null)), "the other's is read by itself");
        Assert.Equal("approved", Assert.Single(await NoticesAsync(Spine.Lee)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Sequence_TheNextIsToldWhenItIsTheirTurn()
    {
        var asked = await PostAsync(Spine.Agent, "/api/v1/decisions", new { action = "mail.send", arguments = new { to = "x@example.com" }, confidence = 0.9 }, 202);
        await MailedAsync(1);
        Assert.Equal("dana@example.com", Sink.Mails.Single().To);
        await Spine.DecideAsync(Spine.Dana, asked, new { verdict = "approve" });
        await MailedAsync(2);
        Assert.Equal("lee@example.com", Sink.Mails.Last().To);
        Assert.Single(await NoticesAsync(Spine.Dana));
    }

    [Fact]
    public async Task Reminder_IsTold_AndExpiry_ToWhoAnswersForTheRollout_AndNothingTwice()
    {
        await Spine.RefundAsync(420, 202);
        await MailedAsync(2);
        Time.Skip(TimeSpan.FromMinutes(8));
        await MailedAsync(4);
        Assert.Equal("Still waits for you: refund.create · Support", Sink.Mails.Last().Subject);
        Time.Skip(TimeSpan.FromMinutes(8));
        await Until.True(() =>
        {
            Time.Skip(TimeSpan.FromSeconds(1));   // the clock may have been about to wait, and looks again after thirty
            return Read(db => db.Notices.Any(n => n.Kind == NoticeKind.Expired || n.Kind == NoticeKind.Escalated));
        }, "its end is told");
        Assert.Equal(Read(db => db.Notices.Select(n => new { n.PersonId, n.Seq }).ToList()).Distinct().Count(), Read(db => db.Notices.Count()));
    }

    [Fact]
    public async Task DecidedBeforeItIsSent_IsNotMailed_AndTheLogSaysWhy()
    {
        Sink.Answer = "451 later";
        var asked = await Spine.RefundAsync(420, 202);
        await Until.True(() => Volatile.Read(ref Sink.Tried) >= 2, "both were tried");
        await Spine.DecideAsync(Spine.Dana, asked, new { verdict = "reject", reason = "no" });
        Sink.Answer = "250 OK";
        Time.Skip(TimeSpan.FromSeconds(10));
        await Until.True(() => Count(DeliveryState.Stopped) == 2, "both are stopped");
        Assert.Empty(Sink.Mails);
        var log = (await GetAsync(Spine.Lee, "/api/v1/me/notifications/deliveries")).GetProperty("items");
        Assert.Equal(("waits", "stopped", "Not sent: decided.", 1), (log[0].GetProperty("event").GetString(), log[0].GetProperty("state").GetString(), log[0].GetProperty("says").GetString(), log.GetArrayLength()));
        await GetAsync(Spine.Owner, "/api/v1/me/notifications/deliveries");
        await PostAsync(Spine.Owner, $"/api/v1/me/notifications/deliveries/{Spine.Id(log[0])}/replay", null, 404);
    }

    [Fact]
    public async Task RefusingServer_IsTriedByTheSchedule_IsADeadLetter_AndSentAgain()
    {
        Sink.Answer = "550 no";
        await PostAsync(Host.Admin, "/api/v1/me/notifications/test", null, 202);
        for (var attempt = 1; attempt <= RetrySchedule.Delays.Count; attempt++)
        {
            var made = attempt;
            await Until.True(() => Read(db => db.DeliveryAttempts.Count()) == made, $"attempt {made} is on record");
            if (attempt < RetrySchedule.Delays.Count) Time.Skip(RetrySchedule.Delays[attempt] * (1 + RetrySchedule.Jitter));
        }
        await Until.True(() => Count(DeliveryState.Failed) == 1, "it is a dead letter");
        Assert.Equal(RetrySchedule.Delays.Count, Sink.Tried);
        Sink.Answer = "250 OK";
        var dead = (await GetAsync(Host.Admin, "/api/v1/me/notifications/deliveries")).GetProperty("items")[0];
        Assert.Equal((550, "The mail server answered 550."), (dead.GetProperty("status").GetInt32(), dead.GetProperty("says").GetString()));
        await PostAsync(Host.Admin, $"/api/v1/me/notifications/deliveries/{Spine.Id(dead)}/replay", null, 202);
        await MailedAsync(1);
        Assert.Equal("A test from OpsConsole", Sink.Mails.Single().Subject);
    }

    [Fact]
    public async Task QuietHours_GatherIntoOneMail_OfWhatStillWaits_AndHighBreaksThrough()
    {
        var now = Time.GetUtcNow();
        string Clock(double hours) => now.AddHours(hours).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        foreach (var (person, atOnce) in new[] { (Spine.Dana, false), (Spine.Lee, true) })
        {
            var saved = await SendAsync(person, HttpMethod.Put, "/api/v1/me/notifications", new { email = new { kinds = new[] { "waits" } }, time_zone = "UTC", quiet_hours = new { from = Clock(-1), to = Clock(0.1) }, high_at_once = atOnce }, 200);
            Assert.Equal(Clock(0.1), saved.GetProperty("quiet_hours").GetProperty("to").GetString());
        }
        var first = await NoteAsync("low");
        await Spine.RefundAsync(420, 202);   // a write without a word about its consequence is of high consequence
        await Spine.RefundAsync(430, 202);
        await MailedAsync(2);
        Assert.All(Sink.Mails, m => Assert.Equal("lee@example.com", m.To));
        await Until.True(() => Read(db => db.NoticeDeliveries.Count(d => d.Event == NoticeDelivery.Digest)) >= 1, "it is gathered");
        await Spine.DecideAsync(Spine.Lee, first, new { verdict = "approve" });
        await Spine.RefundAsync(440, 202);
        await Until.True(() => Read(db => db.NoticeDeliveries.Where(d => d.PersonId == DanaId).AsEnumerable().Sum(d => d.Seqs.Count)) == 4, "dana's four are in one");
        Time.Skip(TimeSpan.FromMinutes(7));
        await Until.True(() => Sink.Mails.Any(m => m.To == "dana@example.com"), "the quiet is over");
        var digest = Assert.Single(Sink.Mails, m => m.To == "dana@example.com");
        Assert.Equal("3 notices, 3 of high consequence", digest.Subject);
        Assert.Contains("1 other was decided meanwhile.", digest.Words);
    }

    [Fact]
    public async Task Preferences_AreChecked_AndFollowingTellsWhoIsNotAsked()
    {
        var plain = await GetAsync(Spine.Owner, "/api/v1/me/notifications");
        Assert.Equal(("asked", "off", "08:00"), (plain.GetProperty("follow").GetString(), plain.GetProperty("digest").GetString(), plain.GetProperty("digest_at").GetString()));
        foreach (var wrong in (object[])[new { follow = "mute" }, new { follow = "x" }, new { email = new { kinds = new[] { "nonsense" } } }, new { email = new { } }, new { quiet_hours = new { from = "22:00", to = "22:00" } }, new { quiet_hours = new { from = "25:00", to = "07:00" } }, new { time_zone = "../etc" }, new { digest_at = "8" }, new { rollouts = new { x = "sometimes" } }, new { sms = true }])
            Assert.StartsWith("field.", (await SendAsync(Spine.Owner, HttpMethod.Put, "/api/v1/me/notifications", wrong, 400)).GetProperty("code").GetString());
        await PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
        await SendAsync(Spine.Owner, HttpMethod.Put, "/api/v1/me/notifications", new { follow = "asked", rollouts = new Dictionary<string, string> { [Spine.Rollout] = "all" }, email = new { kinds = Array.Empty<string>() } }, 200);
        await Spine.RefundAsync(420, 202);
        await Until.True(() => Read(db => db.Notices.Count(n => n.PersonId == Spine.OwnerId)) == 1, "the follower is told");
        Assert.False(Assert.Single(await NoticesAsync(Spine.Owner)).GetProperty("asked").GetBoolean());
        await MailedAsync(2);
        Assert.DoesNotContain(Sink.Mails, m => m.To == "owner@example.com");
        Assert.Contains(Read(db => db.Audit.Where(a => a.Event == "person.notifications_set").Select(a => a.Leaf).ToList()), l => l.Contains(Spine.OwnerId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Question_IsToldToTheOwner_AndItsAnswerToWhoIsAsked()
    {
        var asked = await Spine.RefundAsync(420, 202);
        await MailedAsync(2);
        var question = (await Spine.DecideAsync(Spine.Dana, asked, new { verdict = "ask", reason = "Which invoice, 4711?", to = "owner" })).GetProperty("questions")[0];
        await MailedAsync(3);
        Assert.Equal(("owner@example.com", "A question waits for you: refund.create · Support"), (Sink.Mails.Last().To, Sink.Mails.Last().Subject));
        Assert.Equal("pending", Assert.Single(await NoticesAsync(Spine.Owner)).GetProperty("status").GetString());
        Assert.DoesNotContain("4711", Sink.Mails.Last().Words);
        await PostAsync(Spine.Owner, $"/api/v1/approvals/{Apr(asked)}/answer", new { question = Spine.Id(question), answer = "The second one." });
        await MailedAsync(5);
        Assert.Equal(["dana@example.com", "lee@example.com"], Sink.Mails.Skip(3).Select(m => m.To).Order());
    }

    [Fact]
    public async Task NobodyEligible_IsToldToWhoAnswersForTheRollout()
    {
        foreach (var email in (string[])["dana@example.com", "lee@example.com"]) await SendAsync(Host.Admin, HttpMethod.Patch, "/api/v1/people/" + Host.Writer.State.Directory.ByEmail[email].Id, new { disabled = true }, 200);
        var asked = await Spine.RefundAsync(420, 202);
        await MailedAsync(1);
        Assert.Equal(AdminEmail, Sink.Mails.First().To);
        var notice = Assert.Single(await NoticesAsync(Host.Admin));   // once, although it waits and is escalated at the same time
        Assert.Equal((Apr(asked), "escalated", true), (notice.GetProperty("approval_id").GetString(), notice.GetProperty("kind").GetString(), notice.GetProperty("asked").GetBoolean()));
        Assert.Equal(1, Read(db => db.NoticeDeliveries.Count()));
    }

    [Fact]
    public async Task Flood_IsGatheredBeyondTwentyAnHour()
    {
        for (var i = 0; i < NoticePreferences.MostAnHour + 4; i++) await Spine.RefundAsync(300 + i, 202);
        await MailedAsync(2 * NoticePreferences.MostAnHour);
        await Until.True(() => Read(db => db.NoticeDeliveries.Where(d => d.Event == NoticeDelivery.Digest).AsEnumerable().Sum(d => d.Seqs.Count)) == 8, "the others are gathered");
        Assert.Equal(2 * NoticePreferences.MostAnHour, Sink.Mails.Count);
        Assert.Equal(2, Read(db => db.NoticeDeliveries.Count(d => d.Event == NoticeDelivery.Digest)));
    }

    [Fact]
    public async Task Flood_BesideADailyDigest_IsMailedAtTheFullHour_NotWithTomorrows()
    {
        await SendAsync(Spine.Dana, HttpMethod.Put, "/api/v1/me/notifications", new { digest = "daily", digest_at = Time.GetUtcNow().AddHours(-2).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture), time_zone = "UTC" }, 200);
        await NoteAsync("low");
        await Until.True(() => Read(db => db.NoticeDeliveries.Any(d => d.PersonId == DanaId && d.Event == NoticeDelivery.Digest)), "tomorrow's digest is open");
        for (var i = 0; i < NoticePreferences.MostAnHour + 1; i++) await Spine.RefundAsync(300 + i, 202);
        await Until.True(() => Read(db => db.Notices.Count(n => n.PersonId == DanaId)) == NoticePreferences.MostAnHour + 2, "all are told");
        var digests = Read(db => db.NoticeDeliveries.Where(d => d.PersonId == DanaId && d.Event == NoticeDelivery.Digest).OrderBy(d => d.DueAt).ToList());
        Assert.Equal([Time.GetUtcNow().AddHours(1).Hour, Time.GetUtcNow().AddHours(-2).Hour], digests.Select(d => d.DueAt!.Value.Hour));
        Assert.Equal([2, 1], digests.Select(d => d.Seqs.Count));
    }

    [Fact]
    public async Task ManyUnreadOfLowConsequence_SilenceThemselves_AndNotWhatIsOfHigh()
    {
        await Host.Writer.ChangeAsync<Done>((scope, _) =>
        {
            for (var i = 0; i < Notice.MostUnread; i++) scope.Db.Notices.Add(new Notice(DanaId, Telling.Waits(-1 - i, "apr_old", scope.Now), Spine.Rollout, false, true));
            return Task.FromResult<Result<Done>>(Done.Value);
        });
        var low = await NoteAsync("low");
        var high = await Spine.RefundAsync(420, 202);
        await Until.True(() => Sink.Mails.Any(m => m.To == "dana@example.com"), "it is mailed");
        Assert.Contains(Apr(high), Assert.Single(Sink.Mails, m => m.To == "dana@example.com").Words);
        var told = await NoticesAsync(Spine.Dana);
        Assert.Contains(told, n => n.GetProperty("approval_id").GetString() == Apr(high));
        Assert.DoesNotContain(told, n => n.GetProperty("approval_id").GetString() == Apr(low));
    }

    [Fact]
    public async Task LongDigest_NamesWhatIsOfHighConsequenceFirst_AndCountsTheOthers()
    {
        Time.Skip(TimeSpan.FromMinutes(44));   // a refund is to wait for six minutes only
        await SendAsync(Spine.Dana, HttpMethod.Put, "/api/v1/me/notifications", new { digest = "hourly", high_at_once = false }, 200);
        for (var i = 0; i < MailText.MostLookedAt + 3; i++) await NoteAsync("low " + i);
        var high = await Spine.RefundAsync(420, 202);
        await Until.True(() => Read(db => db.NoticeDeliveries.Where(d => d.PersonId == DanaId).AsEnumerable().Sum(d => d.Seqs.Count)) == MailText.MostLookedAt + 4, "all are gathered");
        Time.Skip(ToNextHour);
        await Until.True(() => Sink.Mails.Any(m => m.To == "dana@example.com"), "it is mailed");
        var digest = Assert.Single(Sink.Mails, m => m.To == "dana@example.com");
        Assert.Equal($"{MailText.MostLookedAt + 4} notices, 1 of high consequence", digest.Subject);
        Assert.Contains($"{MailText.MostLookedAt + 4 - MailText.MostLines} more are in your notices.", digest.Words);
        Assert.Contains(Apr(high), digest.Words);
    }
}
