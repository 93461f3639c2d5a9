using System.Text.Json;
using System.Text.Json.Nodes;
using OpsConsole.Core.Audit;

namespace OpsConsole.Tests.Support;

/// <summary>One change of a record: what it was and what it is; null: it is not there.</summary>
internal sealed record AirlineWrite(string Record, JsonNode? Before, JsonNode? After)
{
    /// <summary>As agents report it, with the action that takes it back.</summary>
    public object Reported => new { system = "airline", record = Record, operation = Before is null ? "create" : "update", before = Before, after = After, undo = new { kind = "reverse_write", action = "record.restore", arguments = new { record = Record, to = Before } } };
}

/// <summary>
/// A small airline in memory: reservations, what each means of payment was charged, and the certificates of customers. It does what a recorded run did, by the results on record, and takes a change back once per key,
/// and only while nobody changed the record since.
/// </summary>
internal sealed class Airline
{
    private readonly SortedDictionary<string, JsonNode> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _keys = [];

    /// <summary>How many changes were taken back.</summary>
    public int Restored { get; private set; }
    /// <summary>All of it, in one form.</summary>
    public string Snapshot => Jcs.Text(JsonSerializer.SerializeToElement(_records));

    public void Know(string reservation, string details) => _records.TryAdd("reservation/" + reservation, JsonNode.Parse(details)!);

    /// <summary>What a recorded call wrote; <paramref name="result"/> is what the real one answered.</summary>
    public IReadOnlyList<AirlineWrite> Do(string action, JsonElement arguments, string result)
    {
        if (action == "send_certificate")
        {
            var customer = "certificates/" + arguments.GetProperty("user_id").GetString();
            return [Put(customer, new JsonArray([.. (_records.GetValueOrDefault(customer)?.AsArray() ?? []).Select(c => c!.DeepClone()), JsonValue.Create(result)]))];
        }
        var after = JsonNode.Parse(result)!;
        var record = "reservation/" + after["reservation_id"]!.GetValue<string>();
        var paid = Payments(_records.GetValueOrDefault(record)).Count;
        List<AirlineWrite> writes = [];
        foreach (var payment in Payments(after).Skip(paid))
        {
            var account = "charged/" + payment!["payment_id"]!.GetValue<string>();
            writes.Add(Put(account, JsonValue.Create((_records.GetValueOrDefault(account)?.GetValue<int>() ?? 0) + payment["amount"]!.GetValue<int>())));
        }
        writes.Add(Put(record, after));
        return writes;

        static JsonArray Payments(JsonNode? reservation) => reservation?["payment_history"]?.AsArray() ?? [];
    }

    /// <summary>Takes a change back. The same key again is answered as the first time and changes nothing. False: somebody changed the record since.</summary>
    public bool Restore(string key, string record, JsonElement before, JsonElement after)
    {
        if (_keys.TryGetValue(key, out var done)) return done;
        if (!JsonNode.DeepEquals(_records.GetValueOrDefault(record), Node(after))) return _keys[key] = false;
        if (Node(before) is { } was) _records[record] = was; else _records.Remove(record);
        Restored++;
        return _keys[key] = true;
    }

    private AirlineWrite Put(string record, JsonNode after)
    {
        var write = new AirlineWrite(record, _records.GetValueOrDefault(record)?.DeepClone(), after.DeepClone());
        _records[record] = after;
        return write;
    }

    private static JsonNode? Node(JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : JsonNode.Parse(value.GetRawText());
}

/// <summary>A recorded run of the airline agent (<c>data/tau-airline/runs.json</c>), as it is on record: it has no times.</summary>
internal static class AirlineRun
{
    public static readonly string[] Writes = ["book_reservation", "update_reservation_flights", "update_reservation_baggages", "update_reservation_passengers", "cancel_reservation", "send_certificate"];

    /// <summary>The runs of both trials, in the order of the file.</summary>
    public static async Task<IReadOnlyList<JsonElement>> AllAsync() => [.. JsonElement.Parse(await File.ReadAllTextAsync(SharedFolder.PathTo("data", "tau-airline", "runs.json"))).EnumerateArray()];

    /// <summary>Its calls with what the real airline answered.</summary>
    public static IEnumerable<(string Action, JsonElement Arguments, string Result)> Calls(JsonElement run)
    {
        var messages = run.GetProperty("traj").EnumerateArray().ToList();
        for (var i = 0; i < messages.Count; i++)
        {
            if (!messages[i].TryGetProperty("tool_calls", out var calls) || calls.ValueKind != JsonValueKind.Array) continue;
            foreach (var call in calls.EnumerateArray())
            {
                // Ids come twice in some runs: the answer is the next one.
                var answer = messages.Skip(i + 1).FirstOrDefault(m => m.TryGetProperty("tool_call_id", out var of) && of.ValueKind == JsonValueKind.String && of.GetString() == call.GetProperty("id").GetString());
                var function = call.GetProperty("function");
                yield return (function.GetProperty("name").GetString()!, JsonElement.Parse(function.GetProperty("arguments").GetString()!), answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String ? content.GetString()! : "Error: no answer");
            }
        }
    }
}
