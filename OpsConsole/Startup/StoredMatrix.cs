using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Shared;

namespace OpsConsole.Startup;

/// <summary>A matrix straight from the database, also while the console runs. It is only read.</summary>
internal static class StoredMatrix
{
    /// <param name="rollout">An id, or a name that only one rollout has.</param>
    /// <param name="version"><c>draft</c>, <c>in-force</c> or a number.</param>
    public static async Task<Result<string>> ReadAsync(IConfiguration configuration, string rollout, string version)
    {
        await using var database = OpsOptions.DatabaseBeside(configuration);
        await using var db = database.CreateDbContext();
        var all = await db.Rollouts.AsNoTracking().Select(r => new { r.Id, r.Name, r.PublishedVersion }).ToListAsync();
        var named = all.Where(r => r.Id == rollout).ToList();
        if (named.Count == 0) named = [.. all.Where(r => string.Equals(r.Name, rollout, StringComparison.OrdinalIgnoreCase))];
        if (named is not [var found]) return RolloutNames.Unclear(rollout, named.Select(r => r.Id));
        if (version == "draft") return await db.Rollouts.AsNoTracking().Where(r => r.Id == found.Id).Select(r => r.Draft).SingleAsync();
        if (version == "in-force" && found.PublishedVersion == 0) return RolloutNames.NothingInForce(rollout);
        var number = version == "in-force" ? found.PublishedVersion : int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : 0;
        var document = await db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == found.Id && v.Number == number).Select(v => v.Document).SingleOrDefaultAsync();
        return document is null ? RolloutNames.NoVersion(rollout, version) : document;
    }
}

/// <summary>What is said when a rollout or version is not there.</summary>
internal static class RolloutNames
{
    public static Fault Unclear(string rollout, IEnumerable<string> ids)
    {
        var several = string.Join(", ", ids);
        return several.Length == 0 ? Fault.Invalid("rollout", $"There is no rollout '{rollout}'. Give its id or its exact name.") : Fault.Invalid("rollout", $"Several rollouts are called '{rollout}': {several}. Give the id.");
    }

    public static Fault NothingInForce(string rollout) => Fault.Invalid("version", $"No matrix of '{rollout}' was ever published. Export its draft.");
    public static Fault NoVersion(string rollout, string version) => Fault.Invalid("version", $"'{rollout}' has no version '{version}'. Say draft, in-force or the number of a published version.");
}
