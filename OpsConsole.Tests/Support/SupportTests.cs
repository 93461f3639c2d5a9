using Microsoft.Playwright;
using Npgsql;

namespace OpsConsole.Tests.Support;

public sealed class PostgresServerTests
{
    [Fact]
    public async Task CreateDatabase_Twice_GivesEmptyDatabasesThatAreDroppedInUse()
    {
        string name;
        await using (var one = await PostgresServer.CreateDatabaseAsync())
        await using (var other = await PostgresServer.CreateDatabaseAsync())
        {
            Assert.NotEqual(one.Name, other.Name);
            name = one.Name;
            await ExecuteAsync(one.ConnectionString, "CREATE TABLE t (x int)");
            Assert.Equal(0L, await ExecuteAsync(other.ConnectionString, "SELECT count(*) FROM pg_class WHERE relname = 't'"));
        }
        Assert.Equal(0L, await ExecuteAsync(PostgresServer.AdminConnectionString, $"SELECT count(*) FROM pg_database WHERE datname = '{name}'"));
    }

    [Fact]
    public async Task SetReachable_FalseThenTrue_RefusesThenAccepts()
    {
        await using var database = await PostgresServer.CreateDatabaseAsync();
        Assert.Equal(1, await ExecuteAsync(database.ConnectionString, "SELECT 1"));
        await database.SetReachableAsync(false);
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () =>
        {
            // The first may still be handed a pooled connection that was just ended; either way nothing is answered.
            await ExecuteAsync(database.ConnectionString, "SELECT 1");
        });
        await database.SetReachableAsync(true);
        await using (var connection = new NpgsqlConnection(database.ConnectionString)) NpgsqlConnection.ClearPool(connection);
        Assert.Equal(1, await ExecuteAsync(database.ConnectionString, "SELECT 1"));
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}

[Collection(ChromiumTests.Name)]
public sealed class ChromiumFixtureTests(Chromium chromium)
{
    private const string Good = "data:text/html,<!doctype html><html lang=en><title>t</title><main><h1>Hello</h1><p>text</p></main>";
    private const string Bad = "data:text/html,<!doctype html><html lang=en><title>t</title><main><h1>Hello</h1><img src='data:,'></main>";

    [Theory]
    [InlineData(Screen.Phone, ColorScheme.Light, 390)]
    [InlineData(Screen.Laptop, ColorScheme.Dark, 1280)]
    [InlineData(Screen.Desktop, ColorScheme.Dark, 1920)]
    public async Task NewContext_ScreenAndScheme_AreWhatThePageSees(Screen screen, ColorScheme scheme, int width)
    {
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await page.GotoAsync(Good + "<meta name=viewport content='width=device-width'>");
        Assert.Equal(width, await page.EvaluateAsync<int>("screen.width"));
        Assert.Equal(scheme == ColorScheme.Dark, await page.EvaluateAsync<bool>("matchMedia('(prefers-color-scheme: dark)').matches"));
    }

    [Fact]
    public async Task Violations_PageWithoutAndWithAnUnlabelledImage_AreNoneAndNamed()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(Good);
        await Accessibility.AssertNoViolationsAsync(page);
        await page.GotoAsync(Bad);
        Assert.Contains("image-alt", Assert.Single(await Accessibility.ViolationsAsync(page)));
    }

    [Fact]
    public async Task Goto_AnotherHost_IsNotResolved()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        var error = await Assert.ThrowsAnyAsync<PlaywrightException>(() => page.GotoAsync("http://example.com/"));
        Assert.Contains("ERR_NAME_NOT_RESOLVED", error.Message);
    }
}

public sealed class SharedFolderTests
{
    [Fact]
    public void SharedFact_FileAbsent_IsSkippedWithTheFileNamed() =>
        Assert.Contains("no-such-file", new SharedFactAttribute("no-such-file").Skip);

    [SharedFact("data")]
    public void SharedFact_FolderPresent_Runs() => Assert.True(Directory.Exists(SharedFolder.PathTo("data")));
}
