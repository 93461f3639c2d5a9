using System.Net;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Data;
using OpsConsole.Features.Toolkit;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

public sealed class SqliteToolkitLinkTests() : ToolkitLinkTests(postgres: false)
{
    [Fact]
    public async Task Openings_OfOneAddress_AreLimited()
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { More = new Dictionary<string, string?> { ["OpsConsole:Limits:LinksPerMinute"] = "2" } });
        await ConsoleHost.GetAsync(host.Nobody, "/shared/one", 404);
        await ConsoleHost.GetAsync(host.Nobody, "/SHARED/two/", 404);
        using var refused = await host.Nobody.GetAsync("/shared/three");
        Assert.Equal((429, true), ((int)refused.StatusCode, refused.Headers.RetryAfter?.Delta > TimeSpan.FromSeconds(1)));
        await ConsoleHost.GetAsync(host.Admin, "/api/v1/rollouts");
    }
}

public sealed class PostgresToolkitLinkTests() : ToolkitLinkTests(postgres: true);

/// <summary>Links to exported files: who makes them, what they open, and when they no longer do.</summary>
public abstract class ToolkitLinkTests(bool postgres) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Team _team = default!;

    private ToolkitLinks Links => _host.Services.GetRequiredService<ToolkitLinks>();

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Postgres = postgres, Time = _time });
        _team = await Team.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Link_OpensTheFileForAnybody_UntilItExpires()
    {
        var file = File(3 * FilePart.MostBytes - 5);
        Assert.Equal("field.invalid", (await Links.ShareAsync(As("mia"), file, 31)).Fault!.Code);
        Assert.Equal(FaultKind.NotFound, (await Links.ShareAsync(As("xeno"), file, 1)).Fault!.Kind);
        Assert.Equal("toolkit.too_large_to_share", (await Links.ShareAsync(As("mia"), File(ToolkitLinks.MostBytes + 1), 1)).Fault!.Code);
        var link = (await Links.ShareAsync(As("mia"), file, 1)).Value;
        using (var opened = await _host.Nobody.GetAsync(link.Path))
        {
            Assert.Equal(("application/pdf", "toolkit.pdf", (long?)file.Content.Length), (opened.Content.Headers.ContentType!.MediaType, opened.Content.Headers.ContentDisposition!.FileName, opened.Content.Headers.ContentLength));
            Assert.Equal(file.Content, await opened.Content.ReadAsByteArrayAsync());
        }
        Assert.Equal([0, 1, 2], await ReadAsync(db => db.FileParts.OrderBy(p => p.Number).Select(p => p.Number).ToListAsync()));
        // Once more: the file is not kept twice. (The first address keeps its own end; its seal goes by the machine's clock.)
        var longer = (await Links.ShareAsync(As("mia"), file, 2)).Value;
        Assert.Equal(3, await ReadAsync(db => db.FileParts.CountAsync()));
        await OpensAsync(link.Path[..^3] + "abc", 404);
        _time.Skip(TimeSpan.FromHours(25));
        await OpensAsync(longer.Path);
        _time.Skip(TimeSpan.FromHours(25));
        await OpensAsync(longer.Path, 404);
    }

    [Fact]
    public async Task Links_OfARollout_AreNoMoreThanTwenty()
    {
        for (var i = 0; i < ToolkitLinks.MostShared; i++) Assert.True((await Links.ShareAsync(As("mia"), File(1), 1)).Ok);
        Assert.Equal("toolkit.shared_full", (await Links.ShareAsync(As("mia"), File(1), 1)).Fault!.Code);
    }

    [Fact]
    public async Task Link_ThatWasEnded_OpensNothingFromThenOn()
    {
        var file = File(9);
        var link = (await Links.ShareAsync(As("mia"), file, 30)).Value;
        await OpensAsync(link.Path);
        var listed = Assert.Single((await Links.ListAsync(As("rita"), _team.Spine.Rollout, default)).Value);
        Assert.Equal(("mia", "toolkit.pdf", file.ExportId, link.Until, 1), (listed.ByName, listed.File, listed.ExportId, listed.Until, listed.Opened));
        Assert.Equal(FaultKind.NotFound, (await Links.ListAsync(As("xeno"), _team.Spine.Rollout, default)).Fault!.Kind);
        Assert.Equal(FaultKind.NotFound, (await Links.EndAsync(As("xeno"), _team.Spine.Rollout, listed.Id)).Fault!.Kind);
        Assert.Equal(FaultKind.NotFound, (await Links.EndAsync(As("rita"), "rol_other", listed.Id)).Fault!.Kind);
        Assert.True((await Links.EndAsync(As("rita"), _team.Spine.Rollout, listed.Id)).Ok);
        await OpensAsync(link.Path, 404);
        Assert.Equal("toolkit.link_over", (await Links.EndAsync(As("rita"), _team.Spine.Rollout, listed.Id)).Fault!.Code);
        Assert.Empty((await Links.ListAsync(As("rita"), _team.Spine.Rollout, default)).Value);
        // The same file may have another link; the one that was ended stays so.
        await OpensAsync((await Links.ShareAsync(As("mia"), file, 30)).Value.Path);
        await OpensAsync(link.Path, 404);
        var entry = Assert.Single(await EntriesAsync("toolkit.unshared"));
        Assert.Equal((file.ExportId, "person:" + _team.People["rita"].Id), (entry.Object, entry.Actor));
    }

    [Fact]
    public async Task Openings_AreOnRecordOnceAMinute()
    {
        var link = (await Links.ShareAsync(As("mia"), File(9), 1)).Value;
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => OpensAsync(link.Path)));
        await OpensAsync(link.Path);
        Assert.Single(await EntriesAsync("toolkit.opened"));
        _time.Skip(TimeSpan.FromSeconds(61));
        await OpensAsync(link.Path);
        var listed = Assert.Single((await Links.ListAsync(As("mia"), _team.Spine.Rollout, default)).Value);
        var entries = await EntriesAsync("toolkit.opened");
        Assert.Equal((2, 2, entries[^1].At), (listed.Opened, entries.Count, listed.OpenedAt));
        Assert.Equal("""{"address":"local"}""", await ReadAsync(db => db.Payloads.Where(p => p.Seq == entries[0].Seq).Select(p => p.Body).SingleAsync()));
        await OpensAsync("/shared/nothing", 404);
        Assert.Equal(2, (await EntriesAsync("toolkit.opened")).Count);
    }

    [Fact]
    public async Task Link_OfSomebodyWhoMaySeeTheRolloutNoMore_OpensNothing()
    {
        var link = (await Links.ShareAsync(As("mia"), File(9), 1)).Value;
        await OpensAsync(link.Path);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + _team.People["mia"].Id, new { disabled = true }, 200);
        await OpensAsync(link.Path, 404);
        Assert.False(Assert.Single((await Links.ListAsync(As("rita"), _team.Spine.Rollout, default)).Value).MakerSees);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + _team.People["mia"].Id, new { disabled = false }, 200);
        await OpensAsync(link.Path);
    }

    // Half a file must not look whole.
    [Fact]
    public async Task File_ThatGoesWhileItIsRead_BreaksOff()
    {
        var link = (await Links.ShareAsync(As("mia"), File(2 * FilePart.MostBytes), 1)).Value;
        await _host.Writer.ChangeAsync<int>(async (scope, ct) => await scope.Db.FileParts.Where(p => p.Number == 1).ExecuteDeleteAsync(ct));
        await Assert.ThrowsAnyAsync<Exception>(() => _host.Nobody.GetByteArrayAsync(link.Path));
    }

    private ToolkitFile File(int bytes) => new("exp_" + Guid.NewGuid().ToString("N"), _team.Spine.Rollout, "toolkit.pdf", RandomNumberGenerator.GetBytes(bytes), new string('a', 64), []);

    private PersonCaller As(string name) => new(_host.Writer.State.Directory.People[_team.People[name].Id], null, "session");

    private async Task OpensAsync(string path, int expect = 200)
    {
        using var answer = await _host.Nobody.GetAsync(path);
        Assert.Equal(expect, (int)answer.StatusCode);
    }

    private Task<List<AuditEntry>> EntriesAsync(string name) => ReadAsync(db => db.Audit.AsNoTracking().Where(a => a.Event == name).OrderBy(a => a.Seq).ToListAsync());

    private async Task<T> ReadAsync<T>(Func<OpsDbContext, Task<T>> read)
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        return await read(db);
    }
}
