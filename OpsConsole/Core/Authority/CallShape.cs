using System.Buffers;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>A call as examples and trials state it: the part of an ask that the rules look at, in the limits of an agent's ask.</summary>
public static class CallShape
{
    /// <summary>The call in its canonical form: a stable order of fields, nothing empty, money as text. Codes: <c>field.unknown</c>, <c>field.invalid</c>.</summary>
    /// <param name="path">Where it stands, for the faults.</param>
    public static Result<JsonElement> Parse(JsonElement call, string path = "call")
    {
        var reader = new Alone();
        var read = reader.Read(call, path);
        return reader.Fault is { } fault ? fault : read;
    }

    private sealed class Alone : CallReader
    {
        public JsonElement Read(JsonElement call, string path) => Call(call, path);
    }
}

/// <summary>Reads calls inside something else. See <see cref="CallShape"/>.</summary>
internal abstract class CallReader : StrictReader
{
    private const int MaxArguments = 64 * 1024, MaxAttributes = 16 * 1024;
    private const long MaxTokens = 1L << 53;
    private static readonly string[] CallFields = ["action", "resource", "arguments", "confidence", "expected_cost", "on_behalf_of"], ResourceFields = ["type", "id", "attributes"], CostFields = ["usd", "tokens"];

    protected JsonElement Call(JsonElement call, string path)
    {
        var buffer = new ArrayBufferWriter<byte>();
        if (!Fields(call, path, CallFields)) return call;
        using (var json = new Utf8JsonWriter(buffer, MatrixJson.Readable))
        {
            json.WriteStartObject();
            json.WriteString("action", Action(call, path));
            Resource(call, path, json);
            Members(call, path, "arguments", MaxArguments, json);
            if (Optional(call, "confidence") is { } confidence) Confidence(confidence, Join(path, "confidence"), json);
            Cost(call, path, json);
            if (OptionalText(call, path, "on_behalf_of", 320, 1) is { } person) json.WriteString("on_behalf_of", person);
            json.WriteEndObject();
        }
        return Fault is null ? JsonElement.Parse(buffer.WrittenSpan) : call;
    }

    private string Action(JsonElement call, string path)
    {
        var action = RequiredText(call, path, "action", ActionPattern.MaxLength);
        if (!ActionPattern.IsName(action)) Refuse(Join(path, "action"), "must be one action (letters, digits, _ . : -), without *.");
        return action;
    }

    private void Resource(JsonElement call, string path, Utf8JsonWriter json)
    {
        if (Optional(call, "resource") is not { } resource) return;
        var at = Join(path, "resource");
        if (!Fields(resource, at, ResourceFields)) return;
        var (type, id) = (OptionalText(resource, at, "type", 128, 1), OptionalText(resource, at, "id", 512, 1));
        if (type is null && id is null && Optional(resource, "attributes") is null) return;
        json.WriteStartObject("resource");
        if (type is not null) json.WriteString("type", type);
        if (id is not null) json.WriteString("id", id);
        Members(resource, at, "attributes", MaxAttributes, json);
        json.WriteEndObject();
    }

    private void Members(JsonElement parent, string path, string name, int max, Utf8JsonWriter json)
    {
        if (Optional(parent, name) is not { } members) return;
        if (members.ValueKind != JsonValueKind.Object) Refuse(Join(path, name), "must be an object.");
        else if (members.GetRawText().Length > max) Refuse(Join(path, name), $"must have at most {max / 1024} KB; send references instead of contents.");
        else if (members.GetPropertyCount() > 0)
        {
            json.WritePropertyName(name);
            members.WriteTo(json);
        }
    }

    private void Confidence(JsonElement confidence, string path, Utf8JsonWriter json)
    {
        if (confidence.ValueKind == JsonValueKind.Number && confidence.GetDouble() is >= 0 and <= 1) json.WriteNumber("confidence", confidence.GetDouble());
        else Refuse(path, "must be a number from 0 to 1.");
    }

    private void Cost(JsonElement call, string path, Utf8JsonWriter json)
    {
        if (Optional(call, "expected_cost") is not { } cost) return;
        var at = Join(path, "expected_cost");
        if (!Fields(cost, at, CostFields)) return;
        var (usd, tokens) = (Optional(cost, "usd"), Optional(cost, "tokens"));
        long micros = 0, count = 0;
        if (usd is { } amount && !(amount.ValueKind is JsonValueKind.String or JsonValueKind.Number && Money.TryParse(amount.ValueKind == JsonValueKind.String ? Text(amount, Join(at, "usd"), MaxText, 0) : amount.GetRawText(), out micros)))
            Refuse(Join(at, "usd"), "must be a finite amount of US dollars, not negative, such as \"0.0125\".");
        if (tokens is { } given && !(given.ValueKind == JsonValueKind.Number && given.TryGetInt64(out count) && count is >= 0 and <= MaxTokens)) Refuse(Join(at, "tokens"), $"must be a whole number from 0 to {MaxTokens}.");
        if (usd is null && tokens is null) return;
        json.WriteStartObject("expected_cost");
        if (usd is not null) json.WriteString("usd", Money.ToWire(micros));
        if (tokens is not null) json.WriteNumber("tokens", count);
        json.WriteEndObject();
    }
}
