using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Features.Reliability;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Startup;

/// <summary><c>figures verify</c> from a shell, beside no running console.</summary>
public sealed class FiguresCommandTests
{
    [Fact]
    public async Task Verify_Exits0_WhereFiguresAreThoseOfTheRows_And1_WhereOneWasChanged()
    {
        await using var host = await ConsoleHost.StartAsync();
        var spine = await Spine.BuildAsync(host);
        for (var i = 0; i < 3; i++) await spine.RefundAsync(20 + i);
        var clock = host.Services.GetServices<IHostedService>().OfType<RollupClock>().Single();
        while (await clock.TurnAsync(default)) { }
        await host.StopAsync();

        var (exit, output, errors) = await VerifyAsync(host.Folder);
        Assert.Equal((0, ""), (exit, errors.Trim()));
        Assert.Contains("1 hour counted anew, 0 differences", output, StringComparison.Ordinal);
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(host.Folder, "opsconsole.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var change = connection.CreateCommand();
            change.CommandText = "UPDATE rollups SET counts = replace(counts, '\"Asked\":3', '\"Asked\":4') WHERE grain = 0";
            Assert.Equal(1, await change.ExecuteNonQueryAsync());
        }
        (exit, _, errors) = await VerifyAsync(host.Folder);
        Assert.Equal(1, exit);
        Assert.Contains("refund.create", errors, StringComparison.Ordinal);

        (exit, _, errors) = await Programs.RunAsync("dotnet", [Dll, "figures", "erase"], TimeSpan.FromMinutes(1));
        Assert.Equal((1, true), (exit, errors.Contains("figures verify", StringComparison.Ordinal)));
    }

    private static string Dll => Repository.PathTo("OpsConsole", "bin", "Release", "net10.0", "OpsConsole.dll");

    private static Task<(int Exit, string Output, string Errors)> VerifyAsync(string folder) => Programs.RunAsync("dotnet", [Dll, "figures", "verify"], TimeSpan.FromMinutes(1), ("OpsConsole__Data__Directory", folder));
}
