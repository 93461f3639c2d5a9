using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Platform.Realtime;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Audit;

public sealed class AuditCheckTests
{
    [Fact]
    public async Task Stop_AtAnyMoment_NeverFails()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        var check = new AuditCheck(new AuditVerifier(data.Database), new Signals(TimeProvider.System, NullLogger<Signals>.Instance), new Lifetime(), NullLogger<AuditCheck>.Instance);
        for (var i = 0; i < 200; i++)
        {
            var run = check.StartAsync();
            if (i % 2 == 0) check.Stop();
            while (!run.IsCompleted)
            {
                await Task.Yield();
                if (check.State.Running is null) check.Stop();   // it has ended, its task has not
            }
            Assert.True(i % 2 == 0 || await run is { Intact: true } || check.State.Failed is not null);
        }
        check.Stop();
        Assert.NotNull(await check.StartAsync());
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;
        public CancellationToken ApplicationStopping => CancellationToken.None;
        public CancellationToken ApplicationStopped => CancellationToken.None;
        public void StopApplication() { }
    }
}
