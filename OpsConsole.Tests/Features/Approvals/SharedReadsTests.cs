using Microsoft.EntityFrameworkCore;
using OpsConsole.Data;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals;

public sealed class SharedReadsTests
{
    private const string AskDana = """{"rules":[{"id":"R","action":"*","outcome":"approve","approvers":["user:dana@example.com"]}]}""";

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Read_ByManyAtOnce_IsOneRead_UntilARequestMoves(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync(AskDana);
        var (shared, reads) = (new SharedReads(data.Database, data.Writer), 0);
        async Task<IReadOnlyList<long>> WaitingAsync(OpsDbContext db, CancellationToken ct)
        {
            Interlocked.Increment(ref reads);
            return await db.Approvals.Select(a => a.Seq).ToListAsync(ct);
        }
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => shared.ReadAsync("all", WaitingAsync, default)));
        Assert.All(all, Assert.Empty);
        Assert.Equal(1, reads);

        // Whoever has the answer of an ask sees it.
        for (var n = 1; n <= 20; n++)
        {
            await data.DecideAsync();
            Assert.Equal(n, (await shared.ReadAsync("all", WaitingAsync, default)).Count);
        }
        Assert.Equal(21, reads);
        Assert.Equal(20, (await shared.ReadAsync("others", WaitingAsync, default)).Count);
        Assert.Equal(22, reads);
    }

    [Fact]
    public async Task Read_ThatFails_OrWhoseReaderLeaves_IsNotKept()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync(AskDana);
        var shared = new SharedReads(data.Database, data.Writer);
        await Assert.ThrowsAsync<InvalidOperationException>(() => shared.ReadAsync<long>("one", (_, _) => throw new InvalidOperationException("gone"), default));
        Assert.Equal([1], await shared.ReadAsync<long>("one", (_, _) => Task.FromResult<IReadOnlyList<long>>([1]), default));

        var (open, left) = (new TaskCompletionSource<IReadOnlyList<long>>(), new CancellationTokenSource());
        var first = shared.ReadAsync("two", (_, _) => open.Task, left.Token);
        var second = shared.ReadAsync("two", (_, _) => open.Task, default);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        open.SetResult([2]);
        Assert.Equal([2], await second);
    }
}
