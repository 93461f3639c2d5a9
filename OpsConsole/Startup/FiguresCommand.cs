using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Features.Reliability;

namespace OpsConsole.Startup;

/// <summary><c>figures verify</c>: counts everything anew out of the rows, and says where what is stored differs.</summary>
internal static class FiguresCommand
{
    private const int MostShown = 100;

    /// <summary>0: all figures are those of the rows. 1: some differ, or it could not be read. Needs no running console; what one is counting at the moment may differ.</summary>
    public static async Task<int> RunAsync(string[] args, IConfiguration configuration, TextWriter output, TextWriter errors)
    {
        if (args is not ["figures", "verify", ..])
        {
            await errors.WriteLineAsync("There is one such command: figures verify.");
            return 1;
        }
        try
        {
            await using var database = OpsOptions.DatabaseBeside(configuration);
            IDbContextFactory<OpsDbContext> factory = database;
            await using var db = await factory.CreateDbContextAsync();
            var zones = (await db.Rollouts.AsNoTracking().Select(r => new { r.Id, r.TimeZone }).ToListAsync()).ToDictionary(r => r.Id, r => TimeZoneInfo.FindSystemTimeZoneById(r.TimeZone));
            var simulated = (await db.Agents.AsNoTracking().Where(a => a.Simulated && db.Rollouts.Any(r => r.Id == a.RolloutId && !r.Simulated)).Select(a => a.Id).ToListAsync()).ToHashSet(StringComparer.Ordinal);
            var (hours, differences) = await ReliabilityReader.VerifyAsync(database, zones, simulated, default);
            foreach (var d in differences.Take(MostShown)) await errors.WriteLineAsync($"{d.RolloutId} {d.Hour.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC: {VisibleText.Flatten(d.What)}");
            if (differences.Count > MostShown) await errors.WriteLineAsync("… and more");
            await output.WriteLineAsync($"{Counted.Of(hours, "hour")} counted anew, {Counted.Of(differences.Count, "difference")}");
            return differences.Count == 0 ? 0 : 1;
        }
        // Whatever keeps the figures from being checked, a script must hear about it.
        catch (Exception e)
        {
            await errors.WriteLineAsync("The figures could not be checked: " + e.GetBaseException().Message);
            return 1;
        }
    }
}
