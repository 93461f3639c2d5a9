using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OpsConsole.Bench;

/// <summary>A load on an address of this machine.</summary>
/// <param name="Callers">Keep-alive connections, one request in flight on each.</param>
/// <param name="Duration">Of one turn.</param>
/// <param name="RequestsPerSecond">In all; null sends as fast as the answers come.</param>
/// <param name="Turns">How many turns it goes on for without a break, each counted by itself.</param>
internal sealed record Load(Uri Address, RequestTemplate Request, int Callers, TimeSpan Duration, double? RequestsPerSecond = null, int Turns = 1)
{
    /// <summary>What is sent first and not counted. At a fixed rate the connections, opened all at once, fall behind in the first moments: up to 300 ms of answers that say nothing of the server.</summary>
    public TimeSpan Settling => RequestsPerSecond is null ? TimeSpan.Zero : TimeSpan.FromSeconds(1);

    public TimeSpan Counted => Duration * Turns;
}

/// <summary>
/// Sends requests rendered beforehand over plain sockets, so that the client takes as little of the machine as it can.
/// At a fixed rate, a request that could not be sent on time because the caller still waited for its last answer counts from when it was
/// due (no coordinated omission); one that is late only because the client's own timer woke late counts from when it was sent.
/// </summary>
internal static class LoadGenerator
{
    // Every request of one process has a number of its own, whichever load it belongs to.
    private static long _numbers;

    /// <param name="beginTurn">Called at the beginning of every turn with its number, while the requests go on.</param>
    public static async Task<LoadResult> RunAsync(Load load, Func<int, Task>? beginTurn = null, CancellationToken ct = default)
    {
        if (!load.Address.IsLoopback) throw new ArgumentException($"{load.Address} is not on this machine.", nameof(load));
        var connections = new HttpConnection[load.Callers];
        for (var i = 0; i < connections.Length; i++) connections[i] = await HttpConnection.OpenAsync(load.Address, ct);
        var start = Stopwatch.GetTimestamp();
        var callers = Task.WhenAll(connections.Select((connection, index) => Task.Run(() => new Caller(load, connection, index, start).RunAsync(ct), ct)));
        for (var turn = 0; beginTurn is not null && turn < load.Turns; turn++)
        {
            var ahead = load.Settling + load.Duration * turn - Stopwatch.GetElapsedTime(start);
            if (ahead > TimeSpan.Zero) await Task.Delay(ahead, ct);
            await beginTurn(turn);
        }
        var ended = await callers;
        var elapsed = Stopwatch.GetElapsedTime(start) - load.Settling;
        Histogram[] turns = [.. Enumerable.Range(0, load.Turns).Select(_ => new Histogram())];
        var statuses = new Dictionary<int, long>();
        foreach (var caller in ended)
        {
            for (var turn = 0; turn < turns.Length; turn++) turns[turn].Merge(caller.Latencies[turn]);
            foreach (var (status, count) in caller.Statuses) statuses[status] = statuses.GetValueOrDefault(status) + count;
        }
        return new LoadResult(elapsed, turns, statuses, ended.Count(caller => caller.Broken));
    }

    private sealed class Caller(Load load, HttpConnection connection, int index, long start)
    {
        public IReadOnlyList<Histogram> Latencies { get; } = [.. Enumerable.Range(0, load.Turns).Select(_ => new Histogram())];

        public Dictionary<int, long> Statuses { get; } = [];

        public bool Broken { get; private set; }

        public async Task<Caller> RunAsync(CancellationToken ct)
        {
            using var _ = connection;
            var request = load.Request.Copy();
            var counted = start + (long)(load.Settling.TotalSeconds * Stopwatch.Frequency);
            var turn = (long)(load.Duration.TotalSeconds * Stopwatch.Frequency);
            var end = counted + turn * load.Turns;
            var interval = load.RequestsPerSecond is { } rate ? load.Callers / rate * Stopwatch.Frequency : 0;
            try
            {
                for (long n = 0; ; n++)
                {
                    var from = Stopwatch.GetTimestamp();
                    if (interval > 0)
                    {
                        var due = start + (long)((n + (double)index / load.Callers) * interval);
                        if (due >= end) break;
                        if (due > from)
                        {
                            await Task.Delay(Stopwatch.GetElapsedTime(from, due), ct);
                            from = Stopwatch.GetTimestamp();
                        }
                        else
                        {
                            from = due;
                        }
                    }
                    else if (from >= end)
                    {
                        break;
                    }
                    load.Request.Number(request, Interlocked.Increment(ref _numbers));
                    var status = await connection.SendAsync(request, ct);
                    if (from >= counted) Latencies[(int)Math.Min((from - counted) / turn, load.Turns - 1)].Add((long)(Stopwatch.GetElapsedTime(from).TotalNanoseconds));
                    Statuses[status] = Statuses.GetValueOrDefault(status) + 1;
                }
            }
            catch (Exception error) when (error is SocketException or IOException)
            {
                Broken = true;
            }
            return this;
        }
    }
}
