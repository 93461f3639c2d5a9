using OpsConsole.Tests.Support;

namespace OpsConsole.Startup;

/// <summary><c>OpsConsole.dll audit verify</c>, as a script runs it.</summary>
public sealed class AuditCommandTests
{
    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Intact_Exits0_AlsoWhileTheConsoleWrites(Provider provider)
    {
        await using var data = await LogAsync(provider);
        var (exit, output, errors) = await VerifyAsync(Settings(data));
        Assert.True(exit == 0, output + errors);
        Assert.Equal("", errors);
        Assert.StartsWith("5 entries verified, head seq 5, chain ", output, StringComparison.Ordinal);
        var writing = Task.Run(async () => { for (var i = 0; i < 200; i++) await data.DecideAsync(); });
        Assert.Equal(0, (await VerifyAsync(Settings(data))).Exit);
        await writing;
        Assert.Contains("205 entries", (await VerifyAsync(Settings(data))).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Altered_Exits1_AndNamesTheEntry(Provider provider)
    {
        await using var data = await LogAsync(provider);
        const string tamper = "UPDATE audit_entries SET leaf = replace(leaf, 'order.update', 'order.delete') WHERE seq = 3";
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => data.ExecuteAsync(tamper));   // the trigger refuses
        await data.ExecuteAsync("DROP TRIGGER " + (provider == Provider.Sqlite ? "audit_entries_no_update" : "audit_entries_append_only ON audit_entries"));
        await data.ExecuteAsync(tamper);
        var (exit, output, errors) = await VerifyAsync(Settings(data));
        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("entry 3 is broken: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("entry 4", errors, StringComparison.Ordinal);   // what follows is as it was
        Assert.Contains("NOT intact", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoDatabase_OrNotOurs_Exits1_AndMakesNone()
    {
        var folder = Directory.CreateTempSubdirectory("opsconsole-test-").FullName;
        try
        {
            var missing = Path.Combine(folder, "nothing");
            var (exit, output, errors) = await VerifyAsync([("OpsConsole__Data__Directory", missing)]);
            Assert.Equal((1, ""), (exit, output));
            Assert.Contains(missing, errors, StringComparison.Ordinal);
            Assert.False(Directory.Exists(missing));

            await File.WriteAllTextAsync(Path.Combine(folder, "opsconsole.db"), new string('x', 8_192));
            var garbage = await VerifyAsync([("OpsConsole__Data__Directory", folder)]);
            Assert.Equal((1, ""), (garbage.Exit, garbage.Output));
            Assert.Contains("could not be read", garbage.Errors, StringComparison.Ordinal);

            var unreachable = await VerifyAsync([("OpsConsole__Data__Provider", "postgres"), ("ConnectionStrings__Postgres", "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=2")]);
            Assert.Equal((1, ""), (unreachable.Exit, unreachable.Output));
            Assert.NotEqual("", unreachable.Errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task UnknownCommand_Exits1_AndSaysWhichThereIs()
    {
        var (exit, _, errors) = await Programs.RunAsync("dotnet", [Dll, "audit", "erase"], TimeSpan.FromMinutes(1));
        Assert.Equal(1, exit);
        Assert.Contains("audit verify", errors, StringComparison.Ordinal);
    }

    private static string Dll => Repository.PathTo("OpsConsole", "bin", "Release", "net10.0", "OpsConsole.dll");

    private static async Task<DataFixture> LogAsync(Provider provider)
    {
        var data = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        for (var i = 0; i < 4; i++) await data.DecideAsync();
        return data;
    }

    private static (string, string?)[] Settings(DataFixture data) => data.Database.File is { } file
        ? [("OpsConsole__Data__Directory", Path.GetDirectoryName(file))]
        : [("OpsConsole__Data__Provider", "postgres"), ("ConnectionStrings__Postgres", data.Postgres.ConnectionString)];

    private static Task<(int Exit, string Output, string Errors)> VerifyAsync((string, string?)[] settings) => Programs.RunAsync("dotnet", [Dll, "audit", "verify"], TimeSpan.FromMinutes(1), settings);
}
