using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using OpsConsole.Core.Audit;
using OpsConsole.Data.Writer;

namespace OpsConsole.Data;

/// <summary>Where the console keeps its data, and how connections to it are made: SQLite in one folder, or PostgreSQL.</summary>
public sealed class OpsDatabase : IDbContextFactory<OpsDbContext>, IAsyncDisposable
{
    private readonly Func<OpsDbContext> _reader;
    private readonly Func<OpsDbContext> _owner;
    private readonly FileStream? _lock;

    private OpsDatabase(Func<OpsDbContext> reader, Func<OpsDbContext> owner, FileStream? folderLock, string? file, NpgsqlDataSource? source)
        => (_reader, _owner, _lock, File, Postgres) = (reader, owner, folderLock, file, source);

    /// <summary>The SQLite file; null on PostgreSQL.</summary>
    public string? File { get; }
    internal NpgsqlDataSource? Postgres { get; }

    /// <summary>Set by the <see cref="Checkpointer"/> when SQLite's log is long: the writer then writes the little that is left back itself, between two batches, and its next batch begins the log anew.</summary>
    internal volatile bool LogRestartDue;

    /// <summary>Opens the SQLite database <c>opsconsole.db</c> in a folder, which one process may use at a time.</summary>
    /// <exception cref="InvalidOperationException">Another process uses the folder, or this machine's SQLite is too old.</exception>
    public static OpsDatabase Sqlite(string folder)
    {
        PrivateFiles.CreateFolder(folder);
        FileStream held;
        try
        {
            held = PrivateFiles.OpenAlone(Path.Combine(folder, "opsconsole.lock"));
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"Another process uses the data folder {folder}. SQLite takes one console per folder; stop the other one, choose another folder (OpsConsole:Data:Directory), or use PostgreSQL for several instances.", e);
        }
        var file = Path.Combine(folder, "opsconsole.db");
        using (var probe = new SqliteConnection("Data Source=:memory:"))
        {
            probe.Open();
            if (Version.Parse(probe.ServerVersion) < new Version(3, 38)) throw new InvalidOperationException($"SQLite {probe.ServerVersion} is too old: install libsqlite3 3.38 or newer.");
        }
        PrivateFiles.Create(file);
        var readOnly = SqliteOpsDbContext.Options(Reading(file));
        var owner = SqliteOpsDbContext.Options(Writing(file));
        return new OpsDatabase(() => new SqliteOpsDbContext(readOnly), () => new SqliteOpsDbContext(owner), held, file, null);
    }

    /// <summary>
    /// Opens the SQLite database of a folder beside the console that uses it, to read, and to write through <see cref="CreateStore"/> for a moment:
    /// each transaction of the two looks at the head first, as those of instances do. Nothing is created, migrated or kept locked.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no database in the folder.</exception>
    public static OpsDatabase SqliteBeside(string folder)
    {
        var file = Path.Combine(folder, "opsconsole.db");
        if (!System.IO.File.Exists(file)) throw new InvalidOperationException($"There is no database {file}. Say where it is with OpsConsole:Data:Directory.");
        var options = SqliteOpsDbContext.Options(Reading(file));
        return new OpsDatabase(() => new SqliteOpsDbContext(options), () => throw new InvalidOperationException("This database was opened beside its console."), null, file, null);
    }

    public static OpsDatabase PostgreSql(string connectionString)
    {
        var source = new NpgsqlDataSourceBuilder(connectionString).Build();
        var options = new DbContextOptionsBuilder<PostgresOpsDbContext>().UseNpgsql(source).Options;
        return new OpsDatabase(() => new PostgresOpsDbContext(options), () => new PostgresOpsDbContext(options), null, null, source);
    }

    /// <summary>A context for reading. On SQLite its connection is read-only.</summary>
    public OpsDbContext CreateDbContext() => _reader();

    internal IWriterStore CreateStore() => File is { } file ? new SqliteWriterStore(this, Writing(file)) : new PostgresWriterStore(Postgres!);

    /// <summary>Brings the schema up to date and makes the head row. Instances starting together take turns.</summary>
    public async Task MigrateAsync(CancellationToken ct)
    {
        await using var db = _owner();
        if (File is not null)
        {
            await db.Database.OpenConnectionAsync(ct);
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", ct);
        }
        await db.Database.MigrateAsync(ct);
        if (!await db.Head.AnyAsync(ct))
        {
            db.Head.Add(new LogHead());
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException)
            {
                db.ChangeTracker.Clear();
                if (!await db.Head.AnyAsync(ct)) throw;   // another instance made it in between
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Postgres is not null) await Postgres.DisposeAsync();
        if (File is not null) SqliteConnection.ClearAllPools();
        if (_lock is not null) await _lock.DisposeAsync();
    }

    private static string Reading(string file) => new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Cache = SqliteCacheMode.Private }.ToString();
    private static string Writing(string file) => new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWriteCreate, Cache = SqliteCacheMode.Private, Pooling = false }.ToString();
}
