using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Data.Writer;

/// <summary>A database that fails: nothing is given, everybody is told, and the console recovers by itself.</summary>
public sealed class DatabaseFailureTests
{
    [Theory]
    [InlineData(Provider.Sqlite, "begin")]
    [InlineData(Provider.Sqlite, "insert")]
    [InlineData(Provider.Sqlite, "commit")]
    [InlineData(Provider.Sqlite, "committed")]
    [InlineData(Provider.Postgres, "begin")]
    [InlineData(Provider.Postgres, "insert")]
    [InlineData(Provider.Postgres, "commit")]
    [InlineData(Provider.Postgres, "committed")]
    public async Task Ask_DatabaseFails_IsUnavailableAndRecovers(Provider provider, string step)
    {
        FaultyStore? store = null;
        await using var fixture = await (await DataFixture.CreateAsync(provider, inner => store = new FaultyStore(inner))).SeedAsync(caps: """{"decisions":{"day":3}}""");
        var changes = 0;
        fixture.Writer.HealthChanged += () => Interlocked.Increment(ref changes);
        store!.Fault = s => s == step ? provider == Provider.Sqlite ? new SqliteException("database or disk is full", 13) : new NpgsqlException("gone", new IOException()) : null;
        var failed = await fixture.AskAsync(fixture.Ask());
        Assert.Equal(("database.unavailable", FaultKind.Unavailable), (failed.Fault!.Code, failed.Fault.Kind));
        Assert.False(fixture.Writer.Health.Up);
        Assert.Equal(fixture.Time.GetUtcNow(), fixture.Writer.Health.Since);
        store.Fault = _ => null;
        await fixture.PassUntilAsync(() => fixture.Writer.Health.Up, "recovery without anybody asking");
        Assert.Equal(2, changes);
        // What was committed although nobody could be told so is there, and counted; nothing else is.
        var kept = step == "committed" ? 1 : 0;
        Assert.Equal(kept, await fixture.ReadAsync(db => db.Decisions.CountAsync()));
        for (var i = kept; i < 3; i++) Assert.Equal(Outcome.Allow, (await fixture.DecideAsync()).Outcome);
        Assert.Equal("cap.decisions.day", (await fixture.DecideAsync()).Reasons[0].Code);
        await fixture.VerifyAsync();
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Ask_WhileTheDatabaseIsDown_IsToldAndNotKeptWaiting(Provider provider)
    {
        FaultyStore? store = null;
        await using var fixture = await (await DataFixture.CreateAsync(provider, inner => store = new FaultyStore(inner))).SeedAsync();
        store!.Fault = s => s == "begin" ? new SqliteException("I/O error", 10) : null;
        var asks = Enumerable.Range(0, 50).Select(_ => fixture.AskAsync(fixture.Ask())).ToList();
        await fixture.PassUntilAsync(() => asks.All(a => a.IsCompleted), "answers");
        Assert.All(await Task.WhenAll(asks), r => Assert.Equal("database.unavailable", r.Fault!.Code));
    }

    [Theory]
    [InlineData(Provider.Sqlite, "insert")]
    [InlineData(Provider.Sqlite, "commit")]
    [InlineData(Provider.Postgres, "insert")]
    [InlineData(Provider.Postgres, "commit")]
    public async Task Alert_DatabaseFailsWhileItIsWritten_ComesWithTheNextTry(Provider provider, string step)
    {
        FaultyStore? store = null;
        await using var fixture = await (await DataFixture.CreateAsync(provider, inner => store = new FaultyStore(inner))).SeedAsync("""{"rules":[]}""");
        var decision = await fixture.DecideAsync();
        store!.Fault = s => s == step ? new SqliteException("I/O error", 10) : null;
        Assert.Equal("database.unavailable", (await fixture.ReportAsync(decision)).Fault!.Code);
        store.Fault = _ => null;
        await fixture.PassUntilAsync(() => fixture.Writer.Health.Up, "recovery");
        Assert.Equal(0, await fixture.ReadAsync(db => db.Alerts.CountAsync()));
        Assert.Equal("decision.not_allowed", (await fixture.ReportAsync(decision)).Fault!.Code);
        Assert.Equal(1, await fixture.ReadAsync(db => db.Alerts.CountAsync()));
        await fixture.VerifyAsync();
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Pause_CommitArrivedAndTheConsoleDied_HoldsForTheNextOne(Provider provider)
    {
        FaultyStore? store = null;
        await using var fixture = await (await DataFixture.CreateAsync(provider, inner => store = new FaultyStore(inner))).SeedAsync(caps: """{"decisions":{"day":1,"pause":true}}""");
        await fixture.DecideAsync();
        // Nothing runs after this commit, as if the process had been killed right behind it.
        store!.Fault = s => s == "committed" ? new SqliteException("I/O error", 10) : null;
        Assert.Equal("database.unavailable", (await fixture.AskAsync(fixture.Ask())).Fault!.Code);
        Assert.Equal(1, await fixture.ReadAsync(db => db.Alerts.CountAsync()));
        Assert.True((await fixture.ReadAsync(db => db.Agents.SingleAsync())).Paused);
        store.Fault = _ => null;
        await fixture.PassUntilAsync(() => fixture.Writer.Health.Up, "recovery");
        Assert.Equal("paused", (await fixture.DecideAsync()).Reasons[0].Code);
        await fixture.VerifyAsync();
    }

    [Fact]
    public async Task Stop_WhileABatchIsTriedOneByOne_AnswersEverybody()
    {
        FaultyStore? store = null;
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Sqlite, inner => store = new FaultyStore(inner))).SeedAsync();
        var (begins, stop) = (0, Task.CompletedTask);
        using var go = new SemaphoreSlim(0);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = fixture.Writer.ChangeAsync<Done>(async (_, ct) =>
        {
            begun.SetResult();
            await go.WaitAsync(ct);
            return Done.Value;
        });
        await begun.Task;
        store!.Fault = s =>
        {
            if (s == "insert") return begins == 0 ? null : new InvalidOperationException("poison");
            if (s != "begin" || ++begins < 2) return null;
            stop = fixture.Writer.StopAsync(CancellationToken.None);   // the batch failed, and its first item is tried alone
            return new OperationCanceledException();
        };
        var asks = Enumerable.Range(0, 5).Select(_ => fixture.AskAsync(fixture.Ask())).ToList();
        go.Release();
        await held;
        var answered = Task.WhenAll(asks);
        await Until.True(() => answered.IsCompleted, "an answer for everybody");
        Assert.All(await answered, r => Assert.Equal("database.unavailable", r.Fault!.Code));
        await stop;
    }

    [Fact]
    public async Task Postgres_ConnectionsEnded_NextIsUnavailableThenWell()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync();
        var before = await fixture.VerifyAsync();
        await fixture.Postgres.BreakConnectionsAsync();
        Assert.Equal("database.unavailable", (await fixture.AskAsync(fixture.Ask())).Fault!.Code);
        await fixture.PassUntilAsync(() => fixture.Writer.Health.Up, "recovery");
        Assert.Equal(Outcome.Allow, (await fixture.DecideAsync()).Outcome);
        NpgsqlConnection.ClearAllPools();
        Assert.Equal(before + 1, await fixture.VerifyAsync());
    }

    [Fact]
    public async Task Postgres_ConnectionsRefused_IsUnavailableUntilTheyAreNot()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync();
        await fixture.Postgres.SetReachableAsync(false);
        for (var i = 0; i < 3; i++)
        {
            var ask = fixture.AskAsync(fixture.Ask());
            await fixture.PassUntilAsync(() => ask.IsCompleted, "an answer");
            Assert.Equal("database.unavailable", (await ask).Fault!.Code);
            Assert.False(fixture.Writer.Health.Up);
        }
        await fixture.Postgres.SetReachableAsync(true);
        await fixture.PassUntilAsync(() => fixture.Writer.Health.Up, "recovery");
        Assert.Equal(Outcome.Allow, (await fixture.DecideAsync()).Outcome);
    }

    [TmpfsFact]
    public async Task Sqlite_DiskFull_IsUnavailableUntilThereIsSpace()
    {
        var folder = Directory.CreateTempSubdirectory("opsconsole-full-").FullName;
        Tmpfs.Mount(folder, "4m");
        try
        {
            await using var fixture = await (await DataFixture.CreateAsync(Provider.Sqlite, folder: folder)).SeedAsync("""{"rules":[]}""");
            var given = 0;
            var big = "{\"x\":\"" + new string('x', 60_000) + "\"}";
            Result<OpsConsole.Core.Decisions.Answer> last;
            do last = await fixture.AskAsync(fixture.Ask(arguments: big)); while (last.Ok && ++given < 1_000);
            Assert.Equal("database.unavailable", last.Fault!.Code);
            Assert.False(fixture.Writer.Health.Up);
            Tmpfs.Resize(folder, "64m");
            await fixture.PassUntilAsync(() => fixture.Writer.Health.Up, "recovery");
            await fixture.DecideAsync(arguments: big);
            Assert.Equal(given + 1, await fixture.ReadAsync(db => db.Decisions.CountAsync()));
            await fixture.VerifyAsync();
        }
        finally
        {
            Tmpfs.Unmount(folder);
            Directory.Delete(folder);
        }
    }
}

/// <summary>A small file system in memory, to fill up.</summary>
internal static class Tmpfs
{
    public static void Mount(string folder, string size) => Run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder);
    public static void Resize(string folder, string size) => Run("mount", "-o", "remount,size=" + size, folder);
    public static void Unmount(string folder) => Run("umount", folder);

    public static readonly Lazy<string?> ReasonToSkip = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("opsconsole-mount-").FullName;
        try
        {
            Mount(folder, "1m");
            Unmount(folder);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return "needs the right to mount a tmpfs";
        }
        finally
        {
            Directory.Delete(folder);
        }
    });

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program}: {error}");
    }
}

[AttributeUsage(AttributeTargets.Method)]
public sealed class TmpfsFactAttribute : FactAttribute
{
    public TmpfsFactAttribute() => Skip = Tmpfs.ReasonToSkip.Value;
}
