using System.Text.Json;
using OpsConsole.Data;

namespace OpsConsole.Bench;

/// <summary>Makes a console to hurt, for the scripts beside this program.</summary>
internal static class SeedCommand
{
    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task<int> RunAsync(Arguments arguments)
    {
        await using var database = arguments.Text("postgres") is { } connection ? OpsDatabase.PostgreSql(connection) : OpsDatabase.Sqlite(arguments.Text("data") ?? throw new ArgumentException("--data FOLDER or --postgres CONNECTION"));
        Console.WriteLine(JsonSerializer.Serialize(await Seed.FillAsync(database), Snake));
        return 0;
    }
}
