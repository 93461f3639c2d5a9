using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OpsConsole.Core.Audit;

/// <summary>An entry of the log taken apart, to hold rows against it. What it says comes from the hashed text, not from the row's columns.</summary>
/// <param name="Actor"><c>person:…</c>, <c>agent:…</c> or <c>system:…</c>.</param>
/// <param name="Facts">What the payload says, while it is still there.</param>
public sealed record LogEvent(long Seq, DateTimeOffset At, string Event, string Actor, string Object, JsonElement Details, PayloadFacts? Facts)
{
    /// <summary>Null for a text that is no leaf; the chain's own check reports it.</summary>
    public static LogEvent? Of(long seq, string leaf, PayloadFacts? facts)
    {
        try
        {
            var root = JsonElement.Parse(leaf);
            var actor = root.GetProperty("actor");
            return new LogEvent(seq, root.GetProperty("ts").GetDateTimeOffset(), root.GetProperty("event").GetString()!, actor.GetProperty("type").GetString() + ":" + actor.GetProperty("id").GetString(),
                root.GetProperty("object").GetString()!, root.GetProperty("details"), facts);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    public string? Word(string name) => Detail(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
    public long? Number(string name) => Detail(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;
    public bool? Flag(string name) => Detail(name).ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    private JsonElement Detail(string name) => Details.ValueKind == JsonValueKind.Object && Details.TryGetProperty(name, out var value) ? value : default;
}

/// <summary>The few things of a payload that rows repeat; absent ones are null. Small, so that many payloads can be looked at without being held.</summary>
public sealed record PayloadFacts(string? ResourceType, string? ResourceId, string? RunId, string? OnBehalfOf, double? Confidence, string? Reason, string? Error, byte[] Sha256)
{
    /// <summary>Null for a text that is no JSON object.</summary>
    public static PayloadFacts? Of(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return null;
            var resource = root.TryGetProperty("resource", out var given) ? given : default;
            return new PayloadFacts(Word(resource, "type"), Word(resource, "id"), Word(root, "run_id"), Word(root, "on_behalf_of"), root.TryGetProperty("confidence", out var c) && c.ValueKind == JsonValueKind.Number ? c.GetDouble() : null,
                Word(root, "reason"), Word(root, "error"), SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Word(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
