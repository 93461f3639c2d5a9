using System.Globalization;

namespace OpsConsole.Bench;

/// <summary>The most memory that a process and all that it started had, looked at five times a second (Linux).</summary>
internal sealed class ProcessWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;

    /// <param name="proportional">Also counts the processes' shares in what they share, which takes the kernel milliseconds each time: not beside a measurement of time.</param>
    public ProcessWatch(int root, bool proportional = false) => _watching = WatchAsync(root, proportional, _end.Token);

    /// <summary>Resident, of the first process alone, in bytes.</summary>
    public long Root { get; private set; }

    /// <summary>What all others have for themselves together (resident less shared), as the press counts it.</summary>
    public long Own { get; private set; }

    /// <summary>The same with their shares in what they share.</summary>
    public long Proportional { get; private set; }

    /// <summary>How many others there were at once.</summary>
    public int Most { get; private set; }

    /// <summary>What the host took away of all processors since the start, in hundredths of a second (proc(5), /proc/stat: steal).</summary>
    public static long Stolen() => long.Parse(File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[8], CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task WatchAsync(int root, bool proportional, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            Look(root, proportional);
            await Task.Delay(200, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look(int root, bool proportional)
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read(folder + "/stat") is { Length: > 0 } stat)
                parents[id] = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 3)[1], CultureInfo.InvariantCulture);
        }
        List<int> others = [.. parents.Keys.Where(IsBelow)];
        (Root, Own, Most) = (Math.Max(Root, Pages(root).Resident), Math.Max(Own, others.Sum(o => Pages(o).Resident - Pages(o).Shared)), Math.Max(Most, others.Count));
        if (proportional) Proportional = Math.Max(Proportional, others.Sum(Share));

        bool IsBelow(int id)
        {
            while (parents.TryGetValue(id, out id)) if (id == root) return true;
            return false;
        }
    }

    private static (long Resident, long Shared) Pages(int id)
        => Read($"/proc/{id}/statm").Split(' ') is [_, var resident, var shared, ..] ? (long.Parse(resident, CultureInfo.InvariantCulture) * Environment.SystemPageSize, long.Parse(shared, CultureInfo.InvariantCulture) * Environment.SystemPageSize) : default;

    private static long Share(int id)
        => Read($"/proc/{id}/smaps_rollup").Split('\n').FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal)) is { } line ? long.Parse(line.AsSpan(4, line.Length - 6), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024 : 0;

    private static string Read(string file)
    {
        try { return File.ReadAllText(file); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return ""; }   // it ended meanwhile, or is somebody else's
    }
}
