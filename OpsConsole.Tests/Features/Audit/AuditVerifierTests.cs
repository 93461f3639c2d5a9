using OpsConsole.Data;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Audit;

/// <summary>Somebody with the rights of the database's owner tampers, having dropped the triggers first.</summary>
public sealed class AuditVerifierTests
{
    public static TheoryData<Provider, string, long, string> Tampering()
    {
        var data = new TheoryData<Provider, string, long, string>();
        foreach (var provider in Enum.GetValues<Provider>())
        {
            data.Add(provider, "UPDATE audit_entries SET leaf = replace(leaf, 'order.update', 'order.delete') WHERE seq = 3", 3, "not the hash");
            data.Add(provider, "UPDATE audit_entries SET event = 'decision.claimed' WHERE seq = 3", 3, "event column");
            data.Add(provider, "UPDATE audit_entries SET actor = 'agent:other' WHERE seq = 3", 3, "actor column");
            data.Add(provider, "UPDATE audit_entries SET object = 'dec_other' WHERE seq = 3", 3, "object column");
            data.Add(provider, "UPDATE audit_entries SET rollout_id = NULL WHERE seq = 3", 3, "rollout column");
            data.Add(provider, "UPDATE audit_entries SET decision_seq = 2 WHERE seq = 3", 3, "decision column");
            data.Add(provider, "UPDATE audit_payloads SET body = '{}' WHERE seq = 3", 3, "payload was changed");
            data.Add(provider, "DELETE FROM audit_entries WHERE seq = 3", 3, "missing");
            data.Add(provider, "DELETE FROM audit_entries WHERE seq >= 4", 4, "at the end are missing");
            data.Add(provider, "UPDATE log_head SET seq = 4", 5, "there are entries up to 5");
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Tampering))]
    internal async Task Verify_Tampered_NamesTheEntry(Provider provider, string sql, long seq, string why)
    {
        await using var data = await LogAsync(provider);
        Assert.True((await VerifyAsync(data)).Intact);
        await DropTriggersAsync(data, provider);
        await data.ExecuteAsync(sql);
        var report = await VerifyAsync(data);
        var broken = report.Broken[0];   // rows that miss their entry may follow
        Assert.Equal(seq, broken.Seq);
        Assert.Contains(why, broken.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task Verify_PayloadsBeyondTheBudget_GoesInShorterStretches(int budget)
    {
        await using var data = await LogAsync(Provider.Sqlite);
        var verifier = new AuditVerifier(data.Database) { Budget = budget };
        var steps = new Steps();
        var report = await verifier.VerifyAsync(steps, CancellationToken.None);
        Assert.True(report.Intact);
        Assert.Equal((5, 5), (report.Entries, report.HeadSeq));
        Assert.True(steps.Count > 1, $"{steps.Count} stretches");
        await DropTriggersAsync(data, Provider.Sqlite);
        await data.ExecuteAsync("UPDATE audit_payloads SET body = '{}' WHERE seq = 4");
        Assert.Equal(4, Assert.Single((await verifier.VerifyAsync(null, CancellationToken.None)).Broken).Seq);
    }

    private sealed class Steps : IProgress<VerifyProgress>
    {
        public int Count { get; private set; }
        public void Report(VerifyProgress value) => Count += value.Rows ? 0 : 1;
    }

    [Fact]
    public async Task SqliteBeside_WhileTheConsoleRuns_ReadsBesideIt()
    {
        await using var data = await LogAsync(Provider.Sqlite);
        await using var beside = OpsDatabase.SqliteBeside(Path.GetDirectoryName(data.Database.File)!);
        var report = await new AuditVerifier(beside).VerifyAsync(null, CancellationToken.None);
        Assert.True(report.Intact);
        Assert.Equal(5, report.HeadSeq);
    }

    [Fact]
    public void SqliteBeside_NoDatabase_SaysWhere() =>
        Assert.Contains("nowhere", Assert.Throws<InvalidOperationException>(() => OpsDatabase.SqliteBeside("/nowhere")).Message, StringComparison.Ordinal);

    /// <summary>Entry 1 is the seed, 2 to 5 are asks.</summary>
    private static async Task<DataFixture> LogAsync(Provider provider)
    {
        var data = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        for (var i = 0; i < 4; i++) await data.DecideAsync();
        return data;
    }

    private static Task<VerifyReport> VerifyAsync(DataFixture data) => new AuditVerifier(data.Database).VerifyAsync(null, CancellationToken.None);

    private static async Task DropTriggersAsync(DataFixture data, Provider provider)
    {
        (string Table, string Trigger)[] triggers = provider == Provider.Sqlite
            ? [("audit_entries", "audit_entries_no_update"), ("audit_entries", "audit_entries_no_delete"), ("audit_payloads", "audit_payloads_no_update")]
            : [("audit_entries", "audit_entries_append_only"), ("audit_payloads", "audit_payloads_no_update")];
        foreach (var (table, trigger) in triggers) await data.ExecuteAsync($"DROP TRIGGER {trigger}{(provider == Provider.Postgres ? " ON " + table : "")}");
    }
}
