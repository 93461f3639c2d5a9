using System.Buffers;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>An action that agents may ask for, as its owners describe it. Defaults are those of the wire format, so an entry that says little is a careful one.</summary>
public sealed record CatalogueAction
{
    /// <summary>Exact, no wildcard. Compared without case.</summary>
    public required string Action { get; init; }
    /// <summary>What it does, in words; null where nobody said.</summary>
    public string? Description { get; init; }
    public Effect Effect { get; init; } = Effect.Write;
    public Consequence Consequence { get; init; } = Consequence.High;
    /// <summary>What is at stake: any of <see cref="MatrixWords.Classes"/>.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];
    public bool Reversible { get; init; }
    /// <summary>A JSON Schema of an ask's <c>arguments</c>; null where nobody said.</summary>
    public JsonElement? ArgumentsSchema { get; init; }
    /// <summary>Who answers for it: <c>user:email</c> or <c>group:name</c>.</summary>
    public string? Owner { get; init; }
}

/// <summary>The register of what a rollout's agents may ask for: what analyser, forms and 'seen but not listed' go by. It gives no authority; the matrix does.</summary>
public sealed class ActionCatalogue
{
    /// <summary>How many actions a catalogue may have.</summary>
    public const int MaxActions = 1_000;
    /// <summary>How long the schema of one action may be, in characters of JSON.</summary>
    public const int MaxSchema = 32_000;

    private readonly Dictionary<string, CatalogueAction> _byName;

    private ActionCatalogue(IEnumerable<CatalogueAction> actions)
    {
        Actions = [.. actions.OrderBy(a => a.Action, StringComparer.OrdinalIgnoreCase)];
        _byName = Actions.ToDictionary(a => a.Action, StringComparer.OrdinalIgnoreCase);
    }

    public static ActionCatalogue Empty { get; } = new([]);

    /// <summary>By name, so that two files of the same actions are the same text.</summary>
    public IReadOnlyList<CatalogueAction> Actions { get; }

    public CatalogueAction? Find(string action) => _byName.GetValueOrDefault(action);

    /// <summary>
    /// Without <paramref name="was"/> and with <paramref name="now"/>; what others listed in the meantime stays. Faults: <c>catalogue.changed</c> when somebody
    /// changed or removed <paramref name="was"/> since it was read, <c>catalogue.listed</c> when there is an action of that name, <c>catalogue.full</c>.
    /// </summary>
    public Result<ActionCatalogue> With(CatalogueAction? was, CatalogueAction? now)
    {
        if (was is not null && (Find(was.Action) is not { } stands || TextOf([stands]) != TextOf([was])))
            return Fault.Conflict("catalogue.changed", $"Somebody changed {was.Action} in the meantime. Close this, look at what stands there now, and change that.");
        var rest = was is null ? Actions : [.. Actions.Where(a => !string.Equals(a.Action, was.Action, StringComparison.OrdinalIgnoreCase))];
        if (now is null) return new ActionCatalogue(rest);
        if (rest.Any(a => string.Equals(a.Action, now.Action, StringComparison.OrdinalIgnoreCase))) return Fault.Conflict("catalogue.listed", $"{now.Action} is listed already. Change that entry instead.");
        if (rest.Count >= MaxActions) return Fault.Refused("catalogue.full", $"A catalogue has at most {MaxActions:N0} actions.");
        return new ActionCatalogue([.. rest, now]);
    }

    /// <summary>With these (no name twice), each in place of the entry of its name. Fault: <c>catalogue.full</c>.</summary>
    public Result<ActionCatalogue> WithAll(IReadOnlyCollection<CatalogueAction> entries)
    {
        var names = entries.Select(e => e.Action).ToHashSet(StringComparer.OrdinalIgnoreCase);
        CatalogueAction[] all = [.. Actions.Where(a => !names.Contains(a.Action)), .. entries];
        return all.Length <= MaxActions ? new ActionCatalogue(all) : Fault.Refused("catalogue.full", $"A catalogue has at most {MaxActions:N0} actions; with these it would have {all.Length:N0}. List fewer of them.");
    }

    /// <summary>Whether two entries say the same.</summary>
    public static bool IsSame(CatalogueAction one, CatalogueAction other) => TextOf([one]) == TextOf([other]);

    /// <summary>Reads a list of actions. Codes: <c>field.unknown</c>, <c>field.invalid</c>; an action listed twice is one of the latter.</summary>
    public static Result<ActionCatalogue> Parse(JsonElement body)
    {
        var reader = new Reader();
        var actions = reader.Catalogue(body);
        return reader.Fault is { } fault ? fault : new ActionCatalogue(actions);
    }

    /// <summary>The canonical text: by name, in a stable order of fields, equal for equal catalogues.</summary>
    public string ToJson() => TextOf(Actions);

    private static string TextOf(IEnumerable<CatalogueAction> actions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, MatrixJson.Readable))
        {
            json.WriteStartArray();
            foreach (var action in actions) Write(action, json);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(CatalogueAction action, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("action", action.Action);
        if (action.Description is { } description) json.WriteString("description", description);
        json.WriteString("effect", MatrixWords.Effects[action.Effect]);
        json.WriteString("consequence", MatrixWords.Consequences[action.Consequence]);
        json.WriteStartArray("classes");
        foreach (var text in action.Classes) json.WriteStringValue(text);
        json.WriteEndArray();
        json.WriteBoolean("reversible", action.Reversible);
        if (action.Owner is { } owner) json.WriteString("owner", owner);
        if (action.ArgumentsSchema is { } schema)
        {
            json.WritePropertyName("arguments_schema");
            schema.WriteTo(json);
        }
        json.WriteEndObject();
    }

    private sealed class Reader : StrictReader
    {
        private static readonly string[] Known = ["action", "description", "effect", "consequence", "classes", "reversible", "owner", "arguments_schema"];
        private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

        public IReadOnlyList<CatalogueAction> Catalogue(JsonElement body) => List(body, "", MaxActions, Action);

        private CatalogueAction Action(JsonElement entry, string path)
        {
            if (!Fields(entry, path, Known)) return new CatalogueAction { Action = "" };
            return new CatalogueAction
            {
                Action = Name(entry, path),
                Description = OptionalText(entry, path, "description", 4_000),
                Effect = Word(entry, path, "effect", MatrixWords.Effects, Effect.Write),
                Consequence = Word(entry, path, "consequence", MatrixWords.Consequences, Consequence.High),
                Classes = List(Optional(entry, "classes"), Join(path, "classes"), MaxList, Class),
                Reversible = Flag(entry, path, "reversible"),
                Owner = Owner(entry, path),
                ArgumentsSchema = Schema(entry, path),
            };
        }

        private string Name(JsonElement entry, string path)
        {
            var name = RequiredText(entry, path, "action", ActionPattern.MaxLength);
            if (!ActionPattern.IsName(name)) Refuse(Join(path, "action"), "must be one action (letters, digits, _ . : -), without *.");
            else if (!_names.Add(name)) Refuse(Join(path, "action"), $"'{name}' is listed already (upper and lower case are the same).");
            return name;
        }

        private string? Owner(JsonElement entry, string path)
        {
            var owner = OptionalText(entry, path, "owner", MaxText, 1);
            if (owner is not null && !ApproverEntry.IsUser(owner) && !ApproverEntry.IsGroup(owner)) Refuse(Join(path, "owner"), "must be user:email or group:name.");
            return owner;
        }

        private JsonElement? Schema(JsonElement entry, string path)
        {
            if (Optional(entry, "arguments_schema") is not { } schema) return null;
            var at = Join(path, "arguments_schema");
            if (schema.ValueKind != JsonValueKind.Object) Refuse(at, "must be a JSON Schema: an object.");
            else
            {
                // As it will be written: what is stored must be readable again.
                schema = JsonElement.Parse(JsonSerializer.Serialize(schema, MatrixJson.Relaxed));
                if (schema.GetRawText().Length > MaxSchema) Refuse(at, $"must have at most {MaxSchema:N0} characters.");
            }
            return schema;
        }
    }
}
