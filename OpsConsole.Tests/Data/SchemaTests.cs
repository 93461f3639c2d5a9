using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Data;

public sealed class SqliteSchemaTests() : SchemaTests(Provider.Sqlite)
{
    [Fact]
    public async Task Replace_AppendOnlyTables_IsRefused()
    {
        await using var fixture = await FilledAsync();
        // REPLACE does not ask the delete triggers.
        foreach (var table in AppendOnlyTables)
            await Refused(fixture, $"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE rowid = (SELECT min(rowid) FROM {table})");
    }

    [Fact]
    public async Task Sqlite_SecondProcessOnTheFolder_Refuses()
    {
        var folder = Directory.CreateTempSubdirectory("opsconsole-test-").FullName;
        await using (await DataFixture.CreateAsync(Provider.Sqlite, folder: folder))
            Assert.Contains(folder, Assert.Throws<InvalidOperationException>(() => OpsConsole.Data.OpsDatabase.Sqlite(folder)).Message);
        await OpsConsole.Data.OpsDatabase.Sqlite(folder).DisposeAsync();   // and takes it over once the first is gone
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task CreateDbContext_Writing_IsRefused()
    {
        await using var fixture = await DataFixture.CreateAsync(Provider.Sqlite);
        await Assert.ThrowsAnyAsync<Exception>(() => fixture.ReadAsync(db => db.Database.ExecuteSqlRawAsync("UPDATE log_head SET epoch = 99")));
    }
}

public sealed class PostgresSchemaTests() : SchemaTests(Provider.Postgres)
{
    [Fact]
    public async Task Truncate_AppendOnlyTables_IsRefused()
    {
        await using var fixture = await FilledAsync();
        foreach (var table in AppendOnlyTables) await Refused(fixture, $"TRUNCATE {table} CASCADE");
    }
}

/// <summary>What the database itself holds against everybody who has its ordinary rights.</summary>
public abstract class SchemaTests(Provider provider)
{
    // A migration that was landed is never written anew: databases made by it would no longer start.
    [Fact]
    public async Task Migrations_ThatWereLanded_StandAsTheyWere()
    {
        await using var fixture = await DataFixture.CreateAsync(provider);
        var known = await fixture.ReadAsync(db => Task.FromResult(db.Database.GetMigrations().ToArray()));
        string[] landed = provider == Provider.Sqlite
            ? ["20261121150218_Spine", "20261121160509_Instrument", "20261121211359_Workshop", "20261122074527_Sessions", "20261122083735_Links", "20261122090632_Livery", "20261122094148_Webhooks", "20261122151709_ApproversDesk", "20261122183333_WhoIsAsked", "20261122214034_RuleOfWhatWaits", "20261122215705_Incidents", "20261122220128_Undo", "20261122221619_Windows", "20261122225001_Rehearsals", "20261123012737_Lessons", "20261123030217_Rollups", "20261123051700_Promotions", "20261123053836_WeeklyReviews", "20261123054356_Shadow", "20261123081415_ScaleMemos", "20261123081426_Baselines"]
            : ["20261121150220_Spine", "20261121160512_Instrument", "20261121211403_Workshop", "20261122074530_Sessions", "20261122083739_Links", "20261122090635_Livery", "20261122094153_Webhooks", "20261122151712_ApproversDesk", "20261122183336_WhoIsAsked", "20261122214037_RuleOfWhatWaits", "20261122215717_Incidents", "20261122220138_Undo", "20261122221622_Windows", "20261122225004_Rehearsals", "20261123012740_Lessons", "20261123030220_Rollups", "20261123051703_Promotions", "20261123053840_WeeklyReviews", "20261123054400_Shadow", "20261123081421_ScaleMemos", "20261123081432_Baselines"];
        Assert.Equal(landed, known[..landed.Length]);
    }

    // Links that were out before files were kept in parts open them still.
    [Fact]
    public async Task Migrate_FilesWithALink_KeepThem()
    {
        await using var postgres = provider == Provider.Postgres ? await PostgresServer.CreateDatabaseAsync() : null;
        var folder = Directory.CreateTempSubdirectory("opsconsole-test-").FullName;
        await using (OpsConsole.Data.OpsDbContext db = postgres is not null
            ? new OpsConsole.Data.PostgresOpsDbContext(OpsConsole.Data.PostgresOpsDbContext.Options(postgres.ConnectionString))
            : new OpsConsole.Data.SqliteOpsDbContext(OpsConsole.Data.SqliteOpsDbContext.Options($"Data Source={Path.Combine(folder, "old.db")};Pooling=False")))
        {
            var migrator = db.GetService<IMigrator>();
            await migrator.MigrateAsync(db.Database.GetMigrations().Single(m => m.EndsWith("_Sessions", StringComparison.Ordinal)));
            var (at, bytes) = postgres is not null ? ("'2026-11-22T10:00:00Z'::timestamptz", "'\\x25504446'::bytea") : ("1795341600000000", "x'25504446'");
#pragma warning disable EF1002 // constants of this test
            await db.Database.ExecuteSqlRawAsync($"INSERT INTO toolkit_exports (id, rollout_id, what, sha256, bytes, \"by\", at, sheets_sequence, matrix_version, log_sequence) VALUES ('exp_1', 'rol_1', 'canvas', {bytes}, 4, 'per_1', {at}, 0, 0, 1)");
            await db.Database.ExecuteSqlRawAsync($"INSERT INTO toolkit_shared (export_id, rollout_id, name, content, until) VALUES ('exp_1', 'rol_1', 'canvas.pdf', {bytes}, {at})");
#pragma warning restore EF1002
            await migrator.MigrateAsync();
            var link = await db.FileLinks.SingleAsync();
            Assert.Equal(("exp_1", "per_1", "canvas.pdf", 4, true), (link.Id, link.By, link.Name, link.Bytes, link.Opens(link.Until.AddSeconds(-1))));
            Assert.Equal("%PDF"u8.ToArray(), (await db.FileParts.SingleAsync(p => p.LinkId == "exp_1" && p.Number == 0)).Content);
        }
        Directory.Delete(folder, recursive: true);
    }

    // Writes that were reported before they were listed are found as well.
    [Fact]
    public async Task Migrate_ReportsFromBefore_AreListedByTheirRecords()
    {
        await using var fixture = await DataFixture.CreateAsync(provider);
        await fixture.SeedAsync();
        await fixture.ReportAsync(await fixture.DecideAsync());
        await fixture.ReportAsync(await fixture.DecideAsync(), payload: """{"status":"succeeded","writes":[{"operation":"update","record":"contact/42","system":"crm"},{"operation":"create","record":"o'brien","system":"mail"}]}""", writes: [new("crm", "contact/42"), new("mail", "o'brien")]);
        var listed = await fixture.ReadAsync(db => All(db));
        Assert.Equal(2, listed.Count);
        await using (OpsConsole.Data.OpsDbContext db = fixture.Database.File is { } file
            ? new OpsConsole.Data.SqliteOpsDbContext(OpsConsole.Data.SqliteOpsDbContext.Options($"Data Source={file};Pooling=False"))
            : new OpsConsole.Data.PostgresOpsDbContext(OpsConsole.Data.PostgresOpsDbContext.Options(fixture.Postgres.ConnectionString)))
        {
            var migrator = db.GetService<IMigrator>();
            await migrator.MigrateAsync(db.Database.GetMigrations().Single(m => m.EndsWith("_Incidents", StringComparison.Ordinal)));
            await migrator.MigrateAsync();
        }
        Assert.Equal(listed, await fixture.ReadAsync(db => All(db)));

        static Task<List<string>> All(OpsConsole.Data.OpsDbContext db) => db.WrittenRecords.AsNoTracking().OrderBy(w => w.AuditSeq).ThenBy(w => w.WriteIndex).Select(w => w.AuditSeq + " " + w.WriteIndex + " " + w.DecisionSeq + " " + w.AgentId + " " + w.RolloutId + " " + w.System + " " + w.Record).ToListAsync();
    }

    private protected static readonly string[] AppendOnlyTables = ["audit_entries", "audit_payloads", "matrix_versions", "outcomes"];

    [Fact]
    public async Task Migrate_Twice_LeavesNothingPendingAndOneHead()
    {
        await using var fixture = await DataFixture.CreateAsync(provider);
        await fixture.Database.MigrateAsync(CancellationToken.None);
        Assert.Empty(await fixture.ReadAsync(db => db.Database.GetPendingMigrationsAsync()));
        Assert.False(await fixture.ReadAsync(db => Task.FromResult(db.Database.HasPendingModelChanges())));
        Assert.Equal(1, await fixture.ReadAsync(db => db.Head.CountAsync()));
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET event = 'x' WHERE seq = 1")]
    [InlineData("UPDATE audit_entries SET leaf = leaf")]
    [InlineData("DELETE FROM audit_entries WHERE seq = (SELECT max(seq) FROM audit_entries)")]
    [InlineData("UPDATE matrix_versions SET document = '{}'")]
    [InlineData("DELETE FROM matrix_versions")]
    [InlineData("UPDATE outcomes SET status = 1")]
    [InlineData("DELETE FROM outcomes")]
    [InlineData("UPDATE audit_payloads SET body = '{}'")]
    [InlineData("DELETE FROM audit_payloads")]
    public async Task Change_AppendOnlyTable_IsRefused(string sql)
    {
        await using var fixture = await FilledAsync();
        await Refused(fixture, sql);
        await fixture.VerifyAsync();
    }

    [Theory]
    [InlineData("max(seq) + 2")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1")]
    public async Task Insert_AuditEntryOutOfOrder_IsRefused(string seq)
    {
        await using var fixture = await FilledAsync();
        await Refused(fixture, $"INSERT INTO audit_entries(seq, at, event, actor, object, leaf, chain) SELECT {seq}, max(at), 'x', 'x', 'x', '{{}}', {(provider == Provider.Sqlite ? "x''" : "''::bytea")} FROM audit_entries");
        await fixture.VerifyAsync();
    }

    private protected async Task<DataFixture> FilledAsync()
    {
        var fixture = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        Assert.True((await fixture.ReportAsync(await fixture.DecideAsync())).Ok);
        return fixture;
    }

    private protected static async Task Refused(DataFixture fixture, string sql)
    {
        var error = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => fixture.ExecuteAsync(sql));
        Assert.Matches("append-only|gapless|UNIQUE|duplicate", error.Message);
    }
}
