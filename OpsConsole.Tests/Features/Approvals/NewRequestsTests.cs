using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals;

public sealed class NewRequestsTests
{
    private const string Asks = """{"rules":[{"id":"R","action":"*","effect":"write","consequence":"low","reversible":true,"outcome":"approve"}]}""";

    [Fact]
    public async Task AgentOfAnotherInstance_IsWaitedFor_ForSomeSeconds_AndAnnouncedOnce()
    {
        await using var data = await DataFixture.CreateAsync(Provider.Postgres);
        var late = await data.SecondWriterAsync();
        await data.SeedAsync(Asks);
        PersonEntry[] dana = [data.Writer.State.Directory.People[data.OwnerId]];
        var requests = new NewRequests(data.Database, late);
        requests.StartFrom(data.Time.GetUtcNow());
        await data.DecideAsync("a.first");
        Assert.Empty(await requests.NextAsync(dana));
        Assert.True(requests.Waits);
        await HearAsync();
        Assert.Equal("a.first", Assert.Single(await requests.NextAsync(dana)).Request.Action);
        Assert.False(requests.Waits);
        Assert.Empty(await requests.NextAsync(dana));

        var other = new NewRequests(data.Database, await data.SecondWriterAsync());
        data.Time.Advance(TimeSpan.FromSeconds(1));
        other.StartFrom(data.Time.GetUtcNow());
        Assert.Empty(await other.NextAsync(dana));   // begins with what comes
        await data.DecideAsync("a.second");
        Assert.Equal("a.second", Assert.Single(await other.NextAsync(dana)).Request.Action);

        Task HearAsync() => DataFixture.Must(late.ChangeAsync<Done>((scope, _) =>
        {
            scope.Signal("heard");
            return Task.FromResult<Result<Done>>(Done.Value);
        }));
    }

    [Fact]
    public async Task AgentThatNeverComes_IsPassedBy()
    {
        await using var data = await DataFixture.CreateAsync(Provider.Postgres);
        var late = await data.SecondWriterAsync();
        await data.SeedAsync(Asks);
        PersonEntry[] dana = [data.Writer.State.Directory.People[data.OwnerId]];
        var requests = new NewRequests(data.Database, late);
        requests.StartFrom(data.Time.GetUtcNow());
        await data.DecideAsync();
        Assert.Empty(await requests.NextAsync(dana));
        data.Time.Advance(NewRequests.Patience + TimeSpan.FromSeconds(1));
        Assert.Empty(await requests.NextAsync(dana));
        Assert.False(requests.Waits);
    }
}
