using OpsConsole.Data;

namespace OpsConsole.Tests.Support;

/// <summary>Databases as the migrations leave them: made once a run, then copied for each test, because making one takes longer than most tests do.</summary>
internal static class Migrated
{
    private static readonly Lazy<Task<string>> Sqlite = new(SqliteAsync), Template = new(TemplateAsync);

    /// <summary>Puts a SQLite file into a folder that only its owner enters, unless there is one.</summary>
    public static async Task IntoAsync(string folder)
    {
        var file = Path.Combine(folder, "opsconsole.db");
        if (File.Exists(file)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Copy(await Sqlite.Value, file);
    }

    public static async Task<PostgresDatabase> PostgresAsync() => await PostgresServer.CreateDatabaseAsync(await Template.Value);

    private static async Task<string> SqliteAsync()
    {
        var folder = Directory.CreateTempSubdirectory("opsconsole-migrated-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        await using (var database = OpsDatabase.Sqlite(folder)) await database.MigrateAsync(default);
        // With the last connection gone its log is in the file itself.
        return !File.Exists(Path.Combine(folder, "opsconsole.db-wal")) ? Path.Combine(folder, "opsconsole.db") : throw new InvalidOperationException("Somebody still has the migrated database open, so a copy of its file would lack something.");
    }

    private static async Task<string> TemplateAsync()
    {
        var made = await PostgresServer.CreateDatabaseAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => made.DisposeAsync().AsTask().GetAwaiter().GetResult();
        await using (var database = OpsDatabase.PostgreSql(made.ConnectionString)) await database.MigrateAsync(default);
        return made.Name;
    }
}
