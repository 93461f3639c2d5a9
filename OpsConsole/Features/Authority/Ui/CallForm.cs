using System.Text.Json;
using System.Text.Json.Nodes;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>A call as somebody types it: its arguments by fields where a schema describes them, else as JSON. What is left empty is missing in the call.</summary>
public sealed class CallForm
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    public string Action { get; set; } = "";
    /// <summary>The fields of the arguments; null where nobody described them.</summary>
    public SchemaNode? Fields { get; private set; }
    /// <summary>Whether the arguments are typed as JSON.</summary>
    public bool Raw { get; private set; } = true;
    public string Arguments { get; set; } = "";
    /// <summary>The arguments hold what the fields cannot show, so they stay JSON.</summary>
    public bool Odd { get; private set; }

    public string ResourceType { get; set; } = "";
    public string ResourceId { get; set; } = "";
    /// <summary>JSON.</summary>
    public string Attributes { get; set; } = "";
    public string Confidence { get; set; } = "";
    public string Usd { get; set; } = "";
    public string Tokens { get; set; } = "";
    public string OnBehalfOf { get; set; } = "";
    public bool HasMore => (ResourceType.Length | ResourceId.Length | Attributes.Length | Confidence.Length | Usd.Length | Tokens.Length | OnBehalfOf.Length) > 0;

    /// <summary>Another schema, such as that of another action; what was typed stays where there is a field of its name.</summary>
    public void Describe(JsonElement? schema)
    {
        var typed = ReadArguments();
        Fields = schema is { } given ? SchemaNode.Of(given) : null;
        Odd = false;
        if (Fields is null || typed.Fault is not null) ShowRaw(typed);
        else
        {
            if (typed.Value.Count > 0) Fields.Fill(JsonSerializer.SerializeToElement(typed.Value));
            Raw = false;
        }
    }

    /// <summary>Takes a whole call in place of what was typed.</summary>
    public void Load(JsonElement call, JsonElement? schema)
    {
        Action = TextOf(call, "action");
        var (resource, cost) = (SchemaFit.Member(call, "resource") ?? Nothing, SchemaFit.Member(call, "expected_cost") ?? Nothing);
        (ResourceType, ResourceId, Attributes) = (TextOf(resource, "type"), TextOf(resource, "id"), SchemaFit.Member(resource, "attributes") is { } attributes ? Pretty(attributes) : "");
        (Confidence, Usd, Tokens, OnBehalfOf) = (TextOf(call, "confidence"), TextOf(cost, "usd"), TextOf(cost, "tokens"), TextOf(call, "on_behalf_of"));
        Fields = schema is { } given ? SchemaNode.Of(given) : null;
        LoadArguments(SchemaFit.Member(call, "arguments") ?? Nothing);
    }

    /// <summary>From fields to JSON and back; back only where nothing is lost.</summary>
    public void Switch()
    {
        var typed = ReadArguments();
        if (!Raw) ShowRaw(typed);
        else if (typed.Ok) LoadArguments(JsonSerializer.SerializeToElement(typed.Value));
    }

    /// <summary>The call in the form of <see cref="CallShape"/>. Faults: what is no JSON, and those of <see cref="CallShape.Parse"/>.</summary>
    public Result<JsonElement> Read()
    {
        var arguments = ReadArguments();
        if (arguments.Fault is { } wrong) return wrong with { Message = "Arguments: " + wrong.Message };
        var call = new JsonObject { ["action"] = Action.Trim() };
        if (arguments.Value.Count > 0) call["arguments"] = arguments.Value;
        if ((ResourceType.Length | ResourceId.Length | Attributes.Length) > 0)
        {
            var resource = new JsonObject();
            Put(resource, "type", ResourceType, false);
            Put(resource, "id", ResourceId, false);
            if (!string.IsNullOrWhiteSpace(Attributes))
            {
                var attributes = Json(Attributes);
                if (attributes.Fault is { } bad) return bad with { Message = "Attributes of the resource: " + bad.Message };
                resource["attributes"] = attributes.Value;
            }
            call["resource"] = resource;
        }
        Put(call, "confidence", Confidence, true);
        if ((Usd.Length | Tokens.Length) > 0)
        {
            var cost = new JsonObject();
            Put(cost, "usd", Usd, false);
            Put(cost, "tokens", Tokens, true);
            call["expected_cost"] = cost;
        }
        Put(call, "on_behalf_of", OnBehalfOf, false);
        var read = CallShape.Parse(JsonSerializer.SerializeToElement(call));
        return read.Fault is { } fault ? fault with { Message = fault.Message.Replace("call.", "", StringComparison.Ordinal) } : read;
    }

    private void LoadArguments(JsonElement arguments)
    {
        Fields?.Fill(arguments);
        var kept = Fields is { } fields && fields.Read() is { Ok: true, Value: var back } && JsonElement.DeepEquals(JsonSerializer.SerializeToElement(back), arguments);
        (Raw, Odd) = (!kept, Fields is not null && !kept);
        if (Raw) Arguments = arguments.ValueKind == JsonValueKind.Object && arguments.GetPropertyCount() == 0 ? "" : Pretty(arguments);
    }

    private void ShowRaw(Result<JsonObject> typed)
    {
        if (typed.Ok) Arguments = typed.Value.Count == 0 ? "" : typed.Value.ToJsonString(SchemaNode.Indented);
        Raw = true;
    }

    private Result<JsonObject> ReadArguments() => !Raw && Fields is { } fields ? fields.Read() : string.IsNullOrWhiteSpace(Arguments) ? new JsonObject() : Json(Arguments);

    private static Result<JsonObject> Json(string text)
    {
        var parsed = StrictJson.Parse(text, StrictJson.MaxDepth - 2);
        if (parsed.Fault is { } fault) return fault;
        return parsed.Value.ValueKind == JsonValueKind.Object ? JsonObject.Create(parsed.Value)! : Fault.Invalid("field.invalid", "must be an object, such as { \"amount\": 250 }.");
    }

    private static void Put(JsonObject into, string name, string text, bool number)
    {
        if (!string.IsNullOrWhiteSpace(text)) into[name] = number ? SchemaNode.Numeric(text) : JsonValue.Create(text.Trim());
    }

    private static string TextOf(JsonElement parent, string name) => SchemaFit.Member(parent, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Null } or null => "",
        { } other => other.GetRawText(),
    };

    private static string Pretty(JsonElement value) => JsonSerializer.Serialize(value, SchemaNode.Indented);
}
