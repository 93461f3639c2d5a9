using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Tests.Support;

/// <summary>The console's database behind two switches and a gate: writing fails, reading fails, reading takes its time. Hand <see cref="Install"/> to a host's services.</summary>
internal sealed class FrailDatabase : IDbContextFactory<OpsDbContext>
{
    private OpsDatabase? _database;
    private volatile TaskCompletionSource? _gate;

    public bool WritesFail { get; set; }
    public bool ReadsFail { get; set; }

    public void Install(IServiceCollection services)
    {
        services.AddSingleton<IDbContextFactory<OpsDbContext>>(s =>
        {
            _database = s.GetRequiredService<OpsDatabase>();
            return this;
        });
        services.AddSingleton(s => new DurableWriter(new FaultyStore(s.GetRequiredService<OpsDatabase>().CreateStore()) { Fault = _ => WritesFail ? Full() : null }, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<DurableWriter>>()));
    }

    /// <summary>From now on whoever reads waits, until the returned action is called.</summary>
    public Action HoldReads()
    {
        var gate = _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return () =>
        {
            _gate = null;
            gate.SetResult();
        };
    }

    public OpsDbContext CreateDbContext() => ReadsFail ? throw Gone() : _database!.CreateDbContext();

    public async Task<OpsDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default)
    {
        if (_gate is { } gate) await gate.Task.WaitAsync(cancellationToken);
        return CreateDbContext();
    }

    private static SqliteException Full() => new("database or disk is full", 13);
    private static SqliteException Gone() => new("disk I/O error", 10);
}
