using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>How a value is typed.</summary>
public enum SchemaKind { Text, Date, Number, Integer, Flag, Choice, List, Group, Json }

/// <summary>One field of a form that a JSON Schema describes, with what somebody typed into it. Nothing typed is left out; a number that is none is sent as the text it is.</summary>
public sealed class SchemaNode
{
    private const int MaxDepth = 3, MaxFields = 60, OneLine = 80;
    internal static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly SchemaKind _item, _described;
    private readonly IReadOnlyList<SchemaNode> _listed = [];
    private readonly bool _whole;
    private bool _crlf;

    private SchemaNode(string name, JsonElement root, JsonElement schema, bool required, int depth)
    {
        schema = Plain(root, schema);
        (Name, Required, Hint) = (name, required, TextOf(schema, "description") ?? TextOf(schema, "title"));
        _whole = depth == 0;
        Kind = _described = KindOf(root, schema, depth, out _item);
        if (Kind == SchemaKind.Choice) Choices = SchemaFit.Member(schema, "const") is { } only ? [only.GetRawText()] : [.. schema.GetProperty("enum").EnumerateArray().Select(c => c.GetRawText()).Distinct()];
        if (Kind == SchemaKind.Group)
        {
            var needed = SchemaFit.Member(schema, "required") is { ValueKind: JsonValueKind.Array } names ? names.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()).ToHashSet() : [];
            Children = _listed = [.. schema.GetProperty("properties").EnumerateObject().Select(p => new SchemaNode(p.Name, root, p.Value, needed.Contains(p.Name), depth + 1))];
        }
        Limits = Kind == SchemaKind.Group ? "" : LimitsOf(schema);
        if ((SchemaFit.Member(schema, "default") ?? SchemaFit.Member(schema, "const")) is { } given && Kind != SchemaKind.Group) Fill(given);
    }

    public string Name { get; }
    /// <summary>What the schema says about it.</summary>
    public string? Hint { get; }
    public bool Required { get; }
    /// <summary>Between what its value lies, in words; empty where the schema says nothing.</summary>
    public string Limits { get; }
    /// <summary>What is wrong with what was typed, where somebody has looked (<see cref="Mark"/>).</summary>
    public string? Problem { get; private set; }
    /// <summary>As the schema describes it, or JSON where that cannot hold its value (<see cref="FillWhole"/>).</summary>
    public SchemaKind Kind { get; private set; }
    /// <summary>Of a choice: its values in JSON.</summary>
    public IReadOnlyList<string> Choices { get; } = [];
    /// <summary>Of a group.</summary>
    public IReadOnlyList<SchemaNode> Children { get; private set; } = [];
    /// <summary>What was typed: the text itself, JSON for choices and whatever has no field of its own, one line per entry for lists.</summary>
    public string Text { get; set; } = "";
    /// <summary>What it was filled with has lines, or more than fits on one.</summary>
    public bool Long { get; private set; }
    public bool NumbersOnly => (Kind == SchemaKind.List ? _item : Kind) is SchemaKind.Number or SchemaKind.Integer;

    /// <summary>The form of an ask's arguments, or null for a schema that names none.</summary>
    public static SchemaNode? Of(JsonElement schema) => new SchemaNode("arguments", schema, schema, true, 0) is { Kind: SchemaKind.Group, Children.Count: > 0 } form ? form : null;

    /// <summary>Takes the values of an object (of anything, for a field that is no group) in place of what was typed.</summary>
    public void Fill(JsonElement value)
    {
        foreach (var child in Children)
        {
            if (SchemaFit.Member(value, child.Name) is { } inner) child.Fill(inner);
            else child.Clear();
        }
        if (Kind == SchemaKind.Group) return;
        Text = value.ValueKind switch
        {
            JsonValueKind.String when Kind is not (SchemaKind.Choice or SchemaKind.Json) => value.GetString()!,
            JsonValueKind.Array when Kind == SchemaKind.List => string.Join('\n', value.EnumerateArray().Select(i => i.ValueKind == JsonValueKind.String ? i.GetString() : i.GetRawText())),
            _ => Kind == SchemaKind.Json ? VisibleJson.Of(value) : value.GetRawText(),
        };
        _crlf = Kind is not (SchemaKind.List or SchemaKind.Json) && Text.Contains("\r\n", StringComparison.Ordinal);
        if (_crlf) Text = Text.Replace("\r\n", "\n", StringComparison.Ordinal);   // as a browser has it
        Long = Text.Length > OneLine || Text.Contains('\n', StringComparison.Ordinal);
    }

    /// <summary>Takes all of an object: a member that the schema does not list has a field by its type, and a field that cannot hold its value exactly, or cannot show it, holds it as JSON.</summary>
    public void FillWhole(JsonElement value)
    {
        var unlisted = value.EnumerateObject().Where(p => _listed.All(c => c.Name != p.Name)).Take(MaxFields).Select(p => new SchemaNode(p.Name, default, Unlisted(p.Value), false, 1));
        Children = [.. _listed, .. unlisted];
        foreach (var child in Children)
        {
            child.Clear();
            if (SchemaFit.Member(value, child.Name) is not { } inner) continue;
            if (child.Kind != SchemaKind.Group) child.Fill(inner);
            else if (inner.ValueKind == JsonValueKind.Object) child.FillWhole(inner);
            if (child.Holds(inner)) continue;
            child.Kind = SchemaKind.Json;
            child.Fill(inner);
        }
    }

    /// <summary>Whether exactly this is read back from it, and all of it is seen.</summary>
    public bool Holds(JsonElement value)
    {
        if (Kind == SchemaKind.Group) return Read() is { Ok: true, Value: var members } && (members.Count > 0 || _whole) && JsonElement.DeepEquals(JsonSerializer.SerializeToElement(members), value);
        if (Text.Length == 0 || VisibleText.HasHidden(Text) || (Kind == SchemaKind.Flag && value.ValueKind == JsonValueKind.String)) return false;
        return Value() is { Ok: true, Value: var back } && JsonElement.DeepEquals(JsonSerializer.SerializeToElement(back), value);
    }

    public void Clear()
    {
        (Text, Kind, Children, Long, _crlf) = ("", _described, _listed, false, false);
        foreach (var child in Children) child.Clear();
    }

    /// <summary>The members of a group that were given. Faults: what was typed as JSON and is none.</summary>
    public Result<JsonObject> Read()
    {
        var members = new JsonObject();
        foreach (var child in Children)
        {
            if (child.Kind == SchemaKind.Group)
            {
                var inner = child.Read();
                if (inner.Fault is { } fault) return fault;
                if (inner.Value.Count > 0) members[child.Name] = inner.Value;
            }
            else if (child.Text.Length > 0)
            {
                var value = child.Value();
                if (value.Fault is { } fault) return fault;
                members[child.Name] = value.Value;
            }
        }
        return members;
    }

    /// <summary>Puts each misfit of the whole beside its field; those that have none are given back.</summary>
    public IReadOnlyList<Misfit> Mark(IReadOnlyList<Misfit> misfits, string path = "")
    {
        var rest = misfits.ToList();
        foreach (var child in Children)
        {
            var own = path.Length == 0 ? child.Name : path + "." + child.Name;
            if (child.Kind == SchemaKind.Group)
            {
                rest = [.. child.Mark(rest, own)];
                continue;
            }
            var mine = rest.Where(m => m.Field == own || m.Field.StartsWith(own + "[", StringComparison.Ordinal) || m.Field.StartsWith(own + ".", StringComparison.Ordinal)).ToList();
            child.Problem = mine.Count == 0 ? null : VisibleText.Flatten(mine[0].Field == mine[0].Path ? mine[0].ToString() : "Is required.");
            rest.RemoveAll(mine.Contains);
        }
        return rest;
    }

    /// <summary>A number where the text is one, else the text.</summary>
    internal static JsonNode Numeric(string text) => StrictJson.Parse(text.Trim()) is { Ok: true, Value: { ValueKind: JsonValueKind.Number } number } ? JsonNode.Parse(number.GetRawText())! : JsonValue.Create(text);

    private Result<JsonNode> Value()
    {
        if (Kind == SchemaKind.List) return new JsonArray([.. Text.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0).Select(l => Scalar(_item, l))]);
        if (Kind is not (SchemaKind.Json or SchemaKind.Choice)) return Scalar(Kind, _crlf ? Text.Replace("\n", "\r\n", StringComparison.Ordinal) : Text);
        var parsed = StrictJson.Parse(Text, StrictJson.MaxDepth - 2 * MaxDepth);
        return parsed.Fault is { } fault ? fault with { Message = $"{VisibleText.Flatten(Name)}: {fault.Message}" } : JsonSerializer.SerializeToNode(parsed.Value)!;
    }

    private static JsonNode Scalar(SchemaKind kind, string text) => kind switch
    {
        SchemaKind.Number or SchemaKind.Integer => Numeric(text),
        SchemaKind.Flag when bool.TryParse(text, out var flag) => JsonValue.Create(flag),
        _ => JsonValue.Create(text),
    };

    private static SchemaKind KindOf(JsonElement root, JsonElement schema, int depth, out SchemaKind item)
    {
        item = SchemaKind.Text;
        if (SchemaFit.Member(schema, "const") is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Array) }) return SchemaKind.Choice;
        if (SchemaFit.Member(schema, "enum") is { ValueKind: JsonValueKind.Array } choices) return choices.GetArrayLength() > 0 && choices.EnumerateArray().All(c => c.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)) ? SchemaKind.Choice : SchemaKind.Json;
        if (SchemaFit.Member(schema, "properties") is { ValueKind: JsonValueKind.Object } properties) return depth <= MaxDepth && properties.GetPropertyCount() is > 0 and <= MaxFields ? SchemaKind.Group : SchemaKind.Json;
        if (TypeOf(schema) == "array" && SchemaFit.Member(schema, "items") is { ValueKind: JsonValueKind.Object } items && ScalarKind(Plain(root, items)) is { } of)
        {
            item = of == SchemaKind.Date ? SchemaKind.Text : of;
            return SchemaKind.List;
        }
        return ScalarKind(schema) ?? SchemaKind.Json;
    }

    private static SchemaKind? ScalarKind(JsonElement schema) => TypeOf(schema) switch
    {
        "string" => TextOf(schema, "format") == "date" ? SchemaKind.Date : SchemaKind.Text,
        "number" => SchemaKind.Number, "integer" => SchemaKind.Integer, "boolean" => SchemaKind.Flag,
        _ => null,
    };

    // Described by what it is; objects, lists and null have no field of their own.
    private static JsonElement Unlisted(JsonElement value)
    {
        var type = value.ValueKind switch { JsonValueKind.String => "string", JsonValueKind.Number => "number", JsonValueKind.True or JsonValueKind.False => "boolean", _ => "object" };
        return JsonSerializer.SerializeToElement(new { type, description = "The register does not list this field." });
    }

    private static string LimitsOf(JsonElement schema)
    {
        string?[] parts =
        [
            Said("minimum", "at least "), Said("exclusiveMinimum", "over "), Said("maximum", "at most "), Said("exclusiveMaximum", "under "),
            Said("minLength", "at least ", " characters"), Said("maxLength", "at most ", " characters"), Said("minItems", "at least ", " entries"), Said("maxItems", "at most ", " entries"),
        ];
        return string.Join(", ", parts.OfType<string>());

        string? Said(string keyword, string before, string after = "") => SchemaFit.Member(schema, keyword) is { ValueKind: JsonValueKind.Number } limit ? before + limit.GetRawText() + after : null;
    }

    private static string? TypeOf(JsonElement schema) => SchemaFit.Types(schema).Where(t => t != "null").ToList() is [var only] ? only : null;

    // References, and the 'this or nothing' that optional fields are often written as.
    private static JsonElement Plain(JsonElement root, JsonElement schema)
    {
        for (var i = 0; i < 4; i++)
        {
            schema = SchemaFit.Follow(root, schema);
            if ((SchemaFit.Member(schema, "anyOf") ?? SchemaFit.Member(schema, "oneOf")) is not { ValueKind: JsonValueKind.Array } branches) break;
            if (branches.EnumerateArray().Where(b => SchemaFit.Types(b) is not ["null"]).ToList() is not [var only]) break;
            schema = only;
        }
        return schema;
    }

    private static string? TextOf(JsonElement schema, string name) => SchemaFit.Member(schema, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
