using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace OpsConsole.Data;

/// <summary>SQLite: times as integer microseconds since the Unix epoch, UTC.</summary>
public sealed class SqliteOpsDbContext(DbContextOptions<SqliteOpsDbContext> options) : OpsDbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
        => configurationBuilder.Properties<DateTimeOffset>().HaveConversion<MicrosecondsConverter>();

    protected override string AskingSql => "rollout_id || ' ' || json_extract(terms, '$.Approvers')";
    protected override string RuleSql => "lower(json_extract(terms, '$.RuleId'))";
    protected override bool StoresComputed => false;

    public static DbContextOptions<SqliteOpsDbContext> Options(string connectionString)
        => new DbContextOptionsBuilder<SqliteOpsDbContext>().UseSqlite(connectionString).AddInterceptors(SqlitePragmas.Instance).Options;

    public static DbContextOptions<SqliteOpsDbContext> Options(SqliteConnection open)
        => new DbContextOptionsBuilder<SqliteOpsDbContext>().UseSqlite(open).Options;
}

/// <summary>PostgreSQL: times as <c>timestamptz</c>, UTC.</summary>
public sealed class PostgresOpsDbContext(DbContextOptions<PostgresOpsDbContext> options) : OpsDbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
        => configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();

    protected override string AskingSql => "rollout_id || ' ' || ((terms::jsonb -> 'Approvers')::text)";
    protected override string RuleSql => "lower((terms::jsonb ->> 'RuleId') COLLATE \"C\")";
    protected override bool StoresComputed => true;

    public static DbContextOptions<PostgresOpsDbContext> Options(string connectionString)
        => new DbContextOptionsBuilder<PostgresOpsDbContext>().UseNpgsql(connectionString).Options;

    public static DbContextOptions<PostgresOpsDbContext> Options(Npgsql.NpgsqlConnection open)
        => new DbContextOptionsBuilder<PostgresOpsDbContext>().UseNpgsql(open).Options;
}

internal sealed class MicrosecondsConverter() : ValueConverter<DateTimeOffset, long>(at => Micros.From(at), micros => Micros.ToTime(micros));

internal sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTimeOffset>(at => at.ToUniversalTime(), at => at.ToUniversalTime());

/// <summary>Times as integer microseconds since the Unix epoch: what SQLite stores, and the resolution of every stored time.</summary>
internal static class Micros
{
    public static long From(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    public static DateTimeOffset ToTime(long micros) => new(DateTimeOffset.UnixEpoch.Ticks + micros * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
    public static DateTimeOffset Truncate(DateTimeOffset at) => ToTime(From(at));
}

// For 'dotnet ef migrations add'; nothing is opened.
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteOpsDbContext>
{
    public SqliteOpsDbContext CreateDbContext(string[] args) => new(SqliteOpsDbContext.Options("Data Source=design.db"));
}

internal sealed class PostgresDesignTime : IDesignTimeDbContextFactory<PostgresOpsDbContext>
{
    public PostgresOpsDbContext CreateDbContext(string[] args) => new(PostgresOpsDbContext.Options("Host=localhost"));
}
