using OpsConsole.Data;

namespace OpsConsole.Bench;

/// <summary>A freshly filled console on SQLite in a folder of its own, running; the folder goes when it is done.</summary>
internal sealed class Subject : IAsyncDisposable
{
    private readonly string _folder;

    private Subject(string folder, Seed seed, ConsoleProgram program) => (_folder, Seed, Program) = (folder, seed, program);

    public Seed Seed { get; }
    public ConsoleProgram Program { get; }

    /// <param name="prepare">Fills the database further, before the program starts.</param>
    public static async Task<Subject> StartAsync(Func<OpsDatabase, Seed, Task>? prepare = null)
    {
        var folder = Path.Combine(Path.GetTempPath(), "opsconsole-bench-" + Guid.NewGuid().ToString("N"));
        Seed seed;
        await using (var database = OpsDatabase.Sqlite(folder))
        {
            seed = await Seed.FillAsync(database);
            if (prepare is not null) await prepare(database, seed);
        }
        return new Subject(folder, seed, await ConsoleProgram.StartAsync("OpsConsole:Data:Directory=" + folder));
    }

    /// <summary>The ask of <see cref="BaselineServer.Body"/>: allowed, recorded, counted against the caps.</summary>
    public RequestTemplate Ask() => RequestTemplate.Post(Program.Address, "/api/v1/decisions", BaselineServer.Body, Seed.Key);

    public async ValueTask DisposeAsync()
    {
        await Program.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
