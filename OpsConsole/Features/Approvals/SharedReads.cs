using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Approvals;

/// <summary>
/// What hundreds of open pages read when a request comes is read once: whoever asks for the same while no request has moved gets the same rows. Only rows: whom they ask, and who sees them, is
/// found out for each reader. A read counts as old as soon as a commit of this instance moved a request, before anybody has the answer to it; when another instance tells of anything; and after a second.
/// </summary>
internal sealed class SharedReads(IDbContextFactory<OpsDbContext> factory, DurableWriter writer)
{
    private const int Most = 200;
    private const long Milliseconds = 1_000;
    private volatile Kept _kept = new(-1, 0);

    /// <param name="key">Says everything that <paramref name="read"/> depends on, beside the database.</param>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(object key, Func<OpsDbContext, CancellationToken, Task<IReadOnlyList<T>>> read, CancellationToken ct)
    {
        var (moves, now) = (writer.RequestsMoved, Environment.TickCount64);
        var kept = _kept;
        if (kept.Moves != moves || now - kept.Since > Milliseconds) _kept = kept = new Kept(moves, now);
        if (kept.Reads.Count >= Most && !kept.Reads.ContainsKey((typeof(T), key))) return await AsyncRead(ct);
        var one = kept.Reads.GetOrAdd((typeof(T), key), _ => new Lazy<Task>(() => AsyncRead(CancellationToken.None)));   // nobody's leaving ends it for the others
        try
        {
            return await ((Task<IReadOnlyList<T>>)one.Value).WaitAsync(ct);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            kept.Reads.TryRemove((typeof(T), key), out _);
            throw;
        }

        async Task<IReadOnlyList<T>> AsyncRead(CancellationToken token)
        {
            await using var db = await factory.CreateDbContextAsync(token);
            return await read(db, token);
        }
    }

    private sealed record Kept(long Moves, long Since)
    {
        public ConcurrentDictionary<(Type, object), Lazy<Task>> Reads { get; } = new();
    }
}
