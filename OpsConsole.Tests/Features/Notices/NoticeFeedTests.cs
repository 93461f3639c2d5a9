using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Notices;

/// <summary>An instance that has not heard yet of an agent that another one made.</summary>
public sealed class NoticeFeedTests
{
    private const string Asks = """{"rules":[{"id":"R","action":"*","effect":"write","consequence":"low","reversible":true,"outcome":"approve"}]}""";

    [Fact]
    public async Task AgentOfAnotherInstance_IsWaitedFor_AndToldOnce()
    {
        await using var data = await DataFixture.CreateAsync(Provider.Postgres);
        var late = await data.SecondWriterAsync();
        await data.SeedAsync(Asks);
        await data.DecideAsync();
        var feed = Feed(data, late);
        Assert.False(await feed.StepAsync(default));
        Assert.Equal(0, await NoticesAsync(data));
        await HearAsync(late);
        Assert.True(await feed.StepAsync(default));
        Assert.Equal(1, await NoticesAsync(data));
        Assert.False(await feed.StepAsync(default));
    }

    [Fact]
    public async Task AgentThatNeverComes_HoldsNothingUpForLong()
    {
        await using var data = await DataFixture.CreateAsync(Provider.Postgres);
        var late = await data.SecondWriterAsync();
        await data.SeedAsync(Asks);
        await data.DecideAsync();
        var feed = Feed(data, late);
        await feed.StepAsync(default);
        data.Time.Advance(NoticeRounds.Patience + TimeSpan.FromSeconds(1));
        await feed.StepAsync(default);
        await HearAsync(late);
        await feed.StepAsync(default);
        Assert.Equal(0, await NoticesAsync(data));   // it was passed by
        await data.DecideAsync();
        await feed.StepAsync(default);
        Assert.Equal(1, await NoticesAsync(data));
    }

    private static NoticeFeed Feed(DataFixture data, DurableWriter writer) => new(writer, data.Database, new NoticeRounds(writer, new NoMailer(), new PublicAddress(null), data.Time));

    private static Task<int> NoticesAsync(DataFixture data) => data.ReadAsync(db => db.Notices.CountAsync());

    /// <summary>With its next change an instance reads what others did.</summary>
    private static Task HearAsync(DurableWriter writer) => DataFixture.Must(writer.ChangeAsync<Done>((scope, _) =>
    {
        scope.Signal("heard");
        return Task.FromResult<Result<Done>>(Done.Value);
    }));

    private sealed class NoMailer : IMailer
    {
        public bool On => false;
        public Task<AttemptResult> SendAsync(string to, MailText mail, string messageId, Uri unsubscribe, CancellationToken ct) => throw new InvalidOperationException();
    }
}
