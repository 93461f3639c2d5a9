using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace OpsConsole.Tests.Support;

/// <summary>How SQLite would answer a query.</summary>
internal static class QueryPlan
{
    public static async Task<string> OfAsync<T>(DbContext db, IQueryable<T> query)
    {
        await using var command = query.CreateDbCommand();
        await db.Database.OpenConnectionAsync();
        command.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync()) lines.Add(reader.GetString(3));
        return string.Join("; ", lines);
    }

    /// <summary>Nothing is scanned and nothing sorted. Which index is walked is for the caller to say: a walk through everything may be called a search too.</summary>
    public static void AssertOrdered(string plan)
    {
        Assert.DoesNotContain("SCAN", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }
}
