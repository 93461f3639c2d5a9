using System.Data.Common;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Audit;

/// <summary>Somebody with the rights of the database's owner deletes evidence or tells the story anew, and leaves the chain alone.</summary>
public abstract class AuditRowsTests(bool postgres) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private OpsDatabase Database => _host.Services.GetRequiredService<OpsDatabase>();

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync(new HostSettings { Postgres = postgres });
    public Task DisposeAsync() => _host.DisposeAsync();

    private Task<VerifyReport> VerifyAsync(KeptHead? kept = null) => new AuditVerifier(Database).VerifyAsync(null, CancellationToken.None, kept);

    [Fact]
    public async Task Verify_RowsThatDifferFromTheLog_NamesWhatWasChanged()
    {
        var (allowed, approved, rejected, edited, pending) = await StoryAsync();
        var intact = await VerifyAsync();
        Assert.True(intact.Intact, string.Join("; ", intact.Broken));
        Assert.Equal(new RowCounts(6, 5, 1, 1, 0), intact.Rows);
        Assert.Equal((await CountAsync("audit_payloads"), 0), (intact.Payloads, intact.Redacted));
        await DropTriggersAsync();

        (string Table, string Sql, long Seq, string Why)[] cases =
        [
            ("decisions", $"UPDATE decisions SET action = 'order.delete' WHERE seq = {allowed}", allowed, "the action of the decision"),
            ("decisions", $"UPDATE decisions SET rule_id = 'R-9' WHERE seq = {allowed}", allowed, "the rule of the decision"),
            ("decisions", $"UPDATE decisions SET on_behalf_of = 'boss@example.com' WHERE seq = {allowed}", allowed, "the person on whose behalf"),
            ("decisions", $"UPDATE decisions SET resource_id = '1' WHERE seq = {allowed}", allowed, "the resource"),
            ("decisions", $"UPDATE decisions SET agent_id = 'agt_other' WHERE seq = {allowed}", allowed, "the agent of the decision"),
            ("decisions", $"UPDATE decisions SET matrix_version = 7 WHERE seq = {allowed}", allowed, "the matrix version"),
            ("decisions", $"UPDATE decisions SET reported_at = NULL WHERE seq = {allowed}", allowed, "the report of the decision"),
            ("decisions", $"UPDATE decisions SET outcome = 0 WHERE seq = {rejected}", rejected, "the outcome of the decision"),
            ("decisions", $"UPDATE decisions SET outcome = 2 WHERE seq = {approved}", approved, "the outcome of the decision"),
            ("decisions", $"UPDATE decisions SET outcome = 0 WHERE seq = {pending}", pending, "the outcome of the decision"),
            ("decisions", $"UPDATE decisions SET digest = (SELECT digest FROM decisions WHERE seq = {allowed}) WHERE seq = {edited}", edited, "the digest of the decision"),
            ("decisions", $"DELETE FROM decisions WHERE seq = {allowed}", allowed, "its decision is missing"),
            ("approvals", $"DELETE FROM approvals WHERE seq = {rejected}", rejected, "its approval is missing"),
            ("approvals", $"UPDATE approvals SET votes = '[]' WHERE seq = {rejected}", rejected, "0 votes, but 1 were recorded"),
            ("approvals", $"UPDATE approvals SET votes = replace(votes, 'too much', 'as agreed') WHERE seq = {rejected}", rejected, "the reason of the vote"),
            ("approvals", $"UPDATE approvals SET votes = replace(votes, '\"PersonId\":\"per_', '\"PersonId\":\"per_0') WHERE seq = {approved}", approved, "the person of the vote"),
            ("approvals", $"UPDATE approvals SET votes = replace(votes, '\"WithdrawnAt\":null', '\"WithdrawnAt\":\"2026-01-02T03:04:05+00:00\"') WHERE seq = {approved}", approved, "the votes taken back"),
            ("approvals", $"UPDATE approvals SET status = 1 WHERE seq = {pending}", pending, "the status of the approval"),
            ("outcomes", $"UPDATE outcomes SET status = 1 WHERE decision_seq = {allowed}", allowed, "the status of the outcome"),
            ("outcomes", $"UPDATE outcomes SET sha256 = (SELECT digest FROM decisions WHERE seq = {allowed}) WHERE decision_seq = {allowed}", allowed, "the hash of the outcome"),
            ("outcomes", $"UPDATE outcomes SET write_count = 0 WHERE decision_seq = {allowed}", allowed, "the number of writes"),
            ("outcomes", $"DELETE FROM outcomes WHERE decision_seq = {allowed}", allowed, "its outcome is missing"),
            ("matrix_versions", "UPDATE matrix_versions SET document = replace(document, 'group:leads', 'group:thieves')", await PublishedAsync(), "is not the one that was published"),
            ("matrix_versions", "DELETE FROM matrix_versions", await PublishedAsync(), "is missing"),
            ("matrix_versions", "UPDATE matrix_versions SET number = 2", intact.HeadSeq, "never recorded"),
            ("audit_payloads", $"DELETE FROM audit_payloads WHERE seq = {allowed}", allowed, "its payload is missing"),
            ("decisions", $"UPDATE decisions SET seq = seq + 1000000 WHERE seq = {allowed}", allowed + 1_000_000, "no such entry"),
            ("outcomes", $"UPDATE outcomes SET decision_seq = {pending} WHERE decision_seq = {allowed}", pending, "never reported"),
        ];
        foreach (var (table, sql, seq, why) in cases)
        {
            await ExecuteAsync($"CREATE TABLE kept AS SELECT * FROM {table}");
            await ExecuteAsync(sql);
            var report = await VerifyAsync();
            Assert.True(report.Broken.Any(b => b.Seq == seq && b.Why.Contains(why, StringComparison.Ordinal)), $"{sql}: {string.Join("; ", report.Broken)}");
            await ExecuteAsync($"DELETE FROM {table}");
            var columns = await ColumnsAsync(table);
            await ExecuteAsync($"INSERT INTO {table} ({columns}) SELECT {columns} FROM kept");
            await ExecuteAsync("DROP TABLE kept");
        }
        Assert.True((await VerifyAsync()).Intact);
    }

    [Fact]
    public async Task Payload_Erased_OnlyAfterAnEntrySaysSo()
    {
        var (allowed, _, _, _, _) = await StoryAsync();
        await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync($"UPDATE audit_payloads SET body = '{{}}' WHERE seq = {allowed}"));
        await Assert.ThrowsAnyAsync<DbException>(() => ExecuteAsync($"DELETE FROM audit_payloads WHERE seq = {allowed}"));
        var recorded = await _host.Writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Audit(Actor.System, AuditPayload.Redacted, AuditPayload.ObjectOf(allowed));
            return Task.FromResult<Result<Done>>(Done.Value);
        });
        Assert.True(recorded.Ok);
        await ExecuteAsync($"DELETE FROM audit_payloads WHERE seq = {allowed}");
        var report = await VerifyAsync();
        Assert.True(report.Intact, string.Join("; ", report.Broken));
        Assert.Equal(1, report.Redacted);
        var admin = _host.Writer.State.Directory.People.Values.Single(p => p.Email == ConsoleHost.AdminEmail);
        Assert.Null((await _host.Services.GetRequiredService<AuditLog>().FindAsync(new PersonCaller(admin, null, "session"), allowed, CancellationToken.None)).Value.Problem);
    }

    [Fact]
    public async Task Verify_AgainstAKeptHead_NoticesWhatTheDatabaseCannotShow()
    {
        await StoryAsync();
        var report = await VerifyAsync();
        var kept = KeptHead.Parse($"{report.HeadSeq}:{report.Chain}")!;
        await ConsoleHost.PostAsync(_host.Admin, "/api/v1/people", new { email = "later@example.com" }, 201);
        Assert.True((await VerifyAsync(kept)).Intact);
        Assert.Contains("written anew", Assert.Single((await VerifyAsync(kept with { Chain = new string('0', 64) })).Broken).Why);
        Assert.Contains("cut off", Assert.Single((await VerifyAsync(kept with { Seq = 100_000 })).Broken).Why);
        Assert.Null(KeptHead.Parse("12"));
        Assert.Null(KeptHead.Parse("x:" + kept.Chain));
    }

    /// <summary>One allowed, claimed and reported; one each approved, rejected with words, edited, cancelled; one that still waits.</summary>
    private async Task<(long Allowed, long Approved, long Rejected, long Edited, long Pending)> StoryAsync()
    {
        var spine = await Spine.BuildAsync(_host);
        var allowed = await spine.RefundAsync(20);
        Assert.Equal("allow", Spine.Outcome(allowed));
        await ConsoleHost.PostAsync(spine.Agent, $"/api/v1/decisions/{Spine.Id(allowed)}/claim", new { arguments = new { amount = 20, order = "8812" } });
        await ConsoleHost.PostAsync(spine.Agent, $"/api/v1/decisions/{Spine.Id(allowed)}/outcome", new { status = "succeeded", cost = new { usd = "0.0125" }, writes = new[] { new { system = "shop", record = "8812", operation = "refund" } } });
        var approved = await spine.RefundAsync(300, 202);
        await spine.DecideAsync(spine.Dana, approved, new { verdict = "approve", reason = "fine" });
        var rejected = await spine.RefundAsync(301, 202);
        await spine.DecideAsync(spine.Dana, rejected, new { verdict = "reject", reason = "too much", reason_code = "policy" });
        var edited = await spine.RefundAsync(302, 202);
        await spine.DecideAsync(spine.Dana, edited, new { verdict = "edit", reason = "less", arguments = new { amount = 250, order = "8812" } });
        var cancelled = await spine.RefundAsync(303, 202);
        await ConsoleHost.PostAsync(spine.Agent, $"/api/v1/decisions/{Spine.Id(cancelled)}/cancel", null);
        var pending = await spine.RefundAsync(304, 202);
        return (Seq(allowed), Seq(approved), Seq(rejected), Seq(edited), Seq(pending));

        static long Seq(JsonElement answer)
        {
            Assert.True(Ids.TrySeq(Spine.Id(answer), "dec", out var seq));
            return seq;
        }
    }

    private async Task<long> PublishedAsync()
    {
        await using var db = Database.CreateDbContext();
        return await db.Audit.AsNoTracking().Where(a => a.Event == "matrix.published").Select(a => a.Seq).SingleAsync();
    }

    private async Task<long> CountAsync(string table)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task DropTriggersAsync()
    {
        foreach (var (table, triggers) in new Dictionary<string, string[]>
        {
            ["audit_payloads"] = postgres ? ["audit_payloads_no_update", "audit_payloads_no_delete"] : ["audit_payloads_no_update", "audit_payloads_no_delete", "audit_payloads_no_replace"],
            ["outcomes"] = postgres ? ["outcomes_append_only"] : ["outcomes_no_update", "outcomes_no_delete", "outcomes_no_replace"],
            ["matrix_versions"] = postgres ? ["matrix_versions_append_only"] : ["matrix_versions_no_update", "matrix_versions_no_delete", "matrix_versions_no_replace"],
        })
        {
            foreach (var trigger in triggers) await ExecuteAsync($"DROP TRIGGER {trigger}{(postgres ? " ON " + table : "")}");
        }
    }

    /// <summary>Those that can be written: the database makes the others.</summary>
    private async Task<string> ColumnsAsync(string table)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = Database.Postgres is not null ? $"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' AND table_schema = current_schema() AND is_generated = 'NEVER'" : $"SELECT name FROM pragma_table_info('{table}')";
        List<string> columns = [];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) columns.Add($"\"{reader.GetString(0)}\"");
        return string.Join(", ", columns);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<DbConnection> OpenAsync()
    {
        if (Database.Postgres is { } source) return await source.OpenConnectionAsync();
        var connection = new SqliteConnection($"Data Source={Database.File};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }
}

public sealed class AuditRowsSqliteTests() : AuditRowsTests(postgres: false);

public sealed class AuditRowsPostgresTests() : AuditRowsTests(postgres: true);

public sealed class HeadLogTests
{
    [Fact]
    public async Task Head_IsLoggedAtTheStart_EveryHour_AndAtTheEnd()
    {
        var (lines, time) = (new Lines(), new HandTime(DateTimeOffset.UtcNow));
        var settings = new HostSettings { Time = time, More = new Dictionary<string, string?> { ["Logging:LogLevel:OpsConsole.Features.Audit"] = "Information" }, Services = s => s.AddSingleton<ILoggerProvider>(lines) };
        await using (var host = await ConsoleHost.StartAsync(settings))
        {
            await Until.True(() => lines.Heads.Count == 1, "the head at the start");
            await ConsoleHost.PostAsync(host.Admin, "/api/v1/people", new { email = "later@example.com" }, 201);
            time.Advance(TimeSpan.FromHours(1));
            await Until.True(() => lines.Heads.Count == 2, "the head after an hour");
            Assert.NotEqual(lines.Heads[0], lines.Heads[1]);
        }
        Assert.Equal(3, lines.Heads.Count);
        Assert.All(lines.Heads, line => Assert.NotNull(KeptHead.Parse(line.Split(' ')[^1])));
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly List<string> _heads = [];
        public IReadOnlyList<string> Heads { get { lock (_heads) return [.. _heads]; } }
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Dispose() { }
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id != 3011) return;
            lock (_heads) _heads.Add(formatter(state, exception));
        }
    }
}
