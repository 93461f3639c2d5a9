using System.Globalization;
using System.Security.Cryptography;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>The e-mail that asks somebody to sign a week's review: with a link, and where the rollout says so with the review itself.</summary>
public sealed class ReviewMailTests : IAsyncLifetime
{
    private readonly SmtpSink _sink = new();
    private MemoFixture _f = default!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _f.Host.DisposeAsync();
        await _sink.DisposeAsync();
    }

    private async Task StartAsync(string? browser = null)
    {
        var settings = new Dictionary<string, string?>
        {
            ["OpsConsole:PublicBaseUrl"] = "https://ops.example.com", ["OpsConsole:Mail:Host"] = "127.0.0.1", ["OpsConsole:Mail:Port"] = _sink.Port.ToString(CultureInfo.InvariantCulture), ["OpsConsole:Mail:Security"] = "none", ["OpsConsole:Mail:From"] = "ops@example.com",
        };
        if (browser is not null) settings["OpsConsole:Toolkit:Browser"] = browser;
        _f = await MemoFixture.BuildAsync(more: settings);
        await SendAsync(_f.Admin, HttpMethod.Patch, _f.Path, new { owners = new { workflow_owner = "dana@example.com" } }, 200);
    }

    private async Task<List<SunkMail>> AskedAsync(int count)
    {
        bool Asks(SunkMail mail) => mail.Subject.StartsWith("A weekly review", StringComparison.Ordinal);
        await Until.True(() => _sink.Mails.Count(Asks) >= count, "whoever may sign is asked");
        return [.. _sink.Mails.Where(Asks)];
    }

    private Task AttachAsync(bool attach) => SendAsync(_f.Admin, HttpMethod.Patch, _f.Path, new { review = new { day = "monday", at = "09:00", due_days = 4, attach } }, 200);

    [Fact]
    public async Task Mail_HasALink_AndTheReviewOnlyWhereTheRolloutSaysSo_OnRecordOnceForAll()
    {
        await StartAsync();
        await _f.WeeksAsync(1, signLast: false);
        Assert.All(await AskedAsync(2), m => Assert.Null(m.File));
        Assert.Empty((await GetAsync(_f.Owner, _f.Path + "/toolkit/exports")).EnumerateArray());
        _sink.Mails.Clear();
        await _f.SignWeekAsync();

        await AttachAsync(true);
        Assert.True((await GetAsync(_f.Owner, _f.Path)).GetProperty("review").GetProperty("attach").GetBoolean());
        await _f.WeeksAsync(1, signLast: false);
        var mails = await AskedAsync(2);
        Assert.Equal(["dana@example.com", "owner@example.com"], mails.Select(m => m.To).Order(StringComparer.Ordinal));
        var (name, content) = mails[0].File!.Value;
        Assert.EndsWith(MemoFixture.Word((await GetAsync(_f.Owner, _f.Path + "/reviews")).GetProperty("reviews")[0], "week") + ".pdf", name, StringComparison.Ordinal);
        Assert.Equal("%PDF-", System.Text.Encoding.ASCII.GetString(content, 0, 5));
        Assert.All(mails, m => Assert.Equal(content, m.File!.Value.Content));   // printed once
        Assert.All(mails, m => Assert.Contains("It is attached as it stood", m.Words, StringComparison.Ordinal));
        var export = Assert.Single((await GetAsync(_f.Owner, _f.Path + "/toolkit/exports")).EnumerateArray());
        Assert.Equal((Convert.ToHexStringLower(SHA256.HashData(content)), "console"), (MemoFixture.Word(export, "sha256"), MemoFixture.Word(export, "by_name")));
    }

    [Fact]
    public async Task WhereNothingCanBePrinted_TheMailGoesWithItsLink()
    {
        await StartAsync(browser: "/nowhere/chromium");
        await AttachAsync(true);
        await _f.WeeksAsync(1, signLast: false);
        var mail = (await AskedAsync(1))[0];
        Assert.Null(mail.File);
        Assert.Contains("https://ops.example.com/rollouts/", mail.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("attached", mail.Words, StringComparison.Ordinal);
    }
}
