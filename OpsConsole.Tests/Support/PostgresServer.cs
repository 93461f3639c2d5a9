using Npgsql;

namespace OpsConsole.Tests.Support;

/// <summary>The PostgreSQL that <c>./test.sh</c> started for this run; tests take a database of their own from it.</summary>
public static class PostgresServer
{
    internal const string Variable = "OPSCONSOLE_TEST_POSTGRES";

    /// <summary>Connection string of the maintenance database. Missing is a failure, not a skip: every data test runs on both databases.</summary>
    public static string AdminConnectionString => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{Variable} is not set: this test needs a PostgreSQL. Run ./test.sh, which starts one (./test.sh NameOfTheTest runs just this).");

    /// <summary>Creates a database that nobody else uses; disposing drops it, connections or not.</summary>
    /// <param name="template">The database it is a copy of, to which nobody is connected; by default it is empty.</param>
    public static async Task<PostgresDatabase> CreateDatabaseAsync(string template = "template0", CancellationToken ct = default)
    {
        var name = "t_" + Guid.NewGuid().ToString("N");
        // template0 takes no connections, so creating from it never meets "source database is being accessed by other users"; nor does a migrated one, to which nobody goes back.
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}", ct);
        var builder = new NpgsqlConnectionStringBuilder(AdminConnectionString) { Database = name, IncludeErrorDetail = true, MaxPoolSize = 30 };
        return new PostgresDatabase(name, builder.ConnectionString);
    }

    internal static async Task ExecuteAsync(string sql, CancellationToken ct = default)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(AdminConnectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>One test's own database.</summary>
public sealed class PostgresDatabase(string name, string connectionString) : IAsyncDisposable
{
    public string Name { get; } = name;

    public string ConnectionString { get; } = connectionString;

    /// <summary>Ends every connection to the database at the server, as a restart of it would; new ones are accepted.</summary>
    public Task BreakConnectionsAsync(CancellationToken ct = default) =>
        PostgresServer.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name}'", ct);

    /// <summary>Refuses (or accepts again) connections, so that the database is gone for its users until told otherwise.</summary>
    public async Task SetReachableAsync(bool reachable, CancellationToken ct = default)
    {
        await PostgresServer.ExecuteAsync($"ALTER DATABASE {Name} ALLOW_CONNECTIONS {(reachable ? "true" : "false")}", ct);
        if (!reachable) await BreakConnectionsAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var connection = new NpgsqlConnection(ConnectionString)) NpgsqlConnection.ClearPool(connection);
        await PostgresServer.ExecuteAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
    }
}
