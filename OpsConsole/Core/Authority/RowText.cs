using System.Buffers;
using System.Text;
using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>The canonical text of one row, equal for equal rows, and what tells rows apart.</summary>
internal static class RowText
{
    public static string Of(MatrixRule rule) => Write(rule, MatrixWriter.Rule);

    public static string Of(Boundary boundary) => Write(boundary, MatrixWriter.Boundary);

    /// <summary>What stands in each field that is not at its default, as JSON.</summary>
    public static Dictionary<string, string> Fields(MatrixRule rule)
    {
        using var document = JsonDocument.Parse(Of(rule));
        return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetRawText(), StringComparer.Ordinal);
    }

    private static string Write<T>(T row, Action<T, Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, MatrixJson.Readable)) write(row, json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>Which row of one list is which of another: for each new row the place of the old one, or -1. Every old row is taken once.</summary>
internal static class RowPairs
{
    /// <summary>Rules: the same row, else the same id, else the same row under another id. Where an id stands several times, in their order.</summary>
    /// <param name="renamed">Whether a row under another id is taken for the same.</param>
    public static int[] Of(IReadOnlyList<MatrixRule> old, IReadOnlyList<MatrixRule> now, bool renamed = true)
        => renamed ? Of(old, now, RowText.Of, r => r.Id, r => RowText.Of(r with { Id = "" })) : Of(old, now, RowText.Of, r => r.Id);

    /// <summary>Boundaries, which have no id: the same, else one for the same calls, else (where <paramref name="changed"/> counts as the same) one about the same action.</summary>
    public static int[] Of(IReadOnlyList<Boundary> old, IReadOnlyList<Boundary> now, bool changed = true)
        => changed ? Of(old, now, RowText.Of, b => RowText.Of(b with { Reason = "" }), b => b.Action.ToLowerInvariant()) : Of(old, now, RowText.Of);

    /// <summary>The new rows that stayed in order: a longest list of pairs that no row has to leave. All others that have an old place were moved.</summary>
    public static bool[] Kept(int[] pairs)
    {
        var (kept, before) = (new bool[pairs.Length], new int[pairs.Length]);
        List<int> tails = [];   // for each length, the row whose old place is the smallest that such a list can end with
        for (var i = 0; i < pairs.Length; i++)
        {
            if (pairs[i] < 0) continue;
            var (low, high) = (0, tails.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (pairs[tails[middle]] < pairs[i]) low = middle + 1;
                else high = middle;
            }
            before[i] = low > 0 ? tails[low - 1] : -1;
            if (low == tails.Count) tails.Add(i);
            else tails[low] = i;
        }
        for (var i = tails.Count > 0 ? tails[^1] : -1; i >= 0; i = before[i]) kept[i] = true;
        return kept;
    }

    /// <param name="keys">The first by which two rows are the same pairs them.</param>
    public static int[] Of<T>(IReadOnlyList<T> old, IReadOnlyList<T> now, params Func<T, string>[] sameness)
    {
        var (pairs, taken) = (new int[now.Count], new bool[old.Count]);
        Array.Fill(pairs, -1);
        foreach (var key in sameness)
        {
            if (!pairs.Contains(-1) || !taken.Contains(false)) break;
            Dictionary<string, Queue<int>> free = new(StringComparer.Ordinal);
            for (var i = 0; i < old.Count; i++)
            {
                if (taken[i]) continue;
                if (!free.TryGetValue(key(old[i]), out var places)) free[key(old[i])] = places = new Queue<int>();
                places.Enqueue(i);
            }
            for (var j = 0; j < now.Count; j++)
            {
                if (pairs[j] >= 0 || !free.TryGetValue(key(now[j]), out var places) || places.Count == 0) continue;
                pairs[j] = places.Dequeue();
                taken[pairs[j]] = true;
            }
        }
        return pairs;
    }
}
