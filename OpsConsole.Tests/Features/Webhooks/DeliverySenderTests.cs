using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Webhooks;

public sealed class DeliverySenderTests
{
    [Fact]
    public async Task ManyDueAtOnce_OnlyWhatGoesOutIsMadeReady()
    {
        await using var data = await DataFixture.CreateAsync(Provider.Sqlite);
        const int due = 11;
        await DataFixture.Must(data.Writer.ChangeAsync<Done>((scope, _) =>
        {
            for (var i = 0; i < due; i++) scope.Db.NoticeDeliveries.Add(NoticeDelivery.ToPerson($"ndl_{i}", "per_1", "waits", [i], scope.Now, scope.Now));
            return Task.FromResult<Result<Done>>(Done.Value);
        }));
        using var sender = new Sender(data);
        await sender.StartAsync(default);
        await Until.True(() => sender.Started == Sender.MostOfOne, "the first are under way");
        Assert.Equal([Sender.MostOfOne], sender.Prepared);
        sender.Answer.SetResult(new AttemptResult(250, "Taken.", null, 1));
        await Until.True(async () => await data.ReadAsync(db => db.NoticeDeliveries.CountAsync(d => d.State == DeliveryState.Delivered)) == due, "all are delivered");
        Assert.Equal(due, sender.Prepared.Sum());
        await sender.StopAsync(default);
    }

    private sealed class Sender(DataFixture data) : DeliverySender<NoticeDelivery>([], data.Writer, data.Database, new Signals(TimeProvider.System, NullLogger<Signals>.Instance), data.Time, NullLogger.Instance)
    {
        public readonly TaskCompletionSource<AttemptResult> Answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public readonly ConcurrentQueue<int> Prepared = [];
        public int Started;

        protected override Task<bool> FeedAsync(CancellationToken ct) => Task.FromResult(false);

        protected override Task<IReadOnlyDictionary<string, Func<CancellationToken, Task<AttemptResult>>>> PrepareAsync(ChangeScope scope, IReadOnlyList<NoticeDelivery> due, CancellationToken ct)
        {
            if (due.Count > 0) Prepared.Enqueue(due.Count);
            return Task.FromResult<IReadOnlyDictionary<string, Func<CancellationToken, Task<AttemptResult>>>>(due.ToDictionary(d => d.Id, _ => (Func<CancellationToken, Task<AttemptResult>>)SendAsync));
        }

        private Task<AttemptResult> SendAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref Started);
            return Answer.Task.WaitAsync(ct);
        }

        protected override Task SettledAsync(ChangeScope scope, NoticeDelivery delivery, AttemptResult result, CancellationToken ct) => Task.CompletedTask;
    }
}
