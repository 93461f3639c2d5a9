using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>A part of a schema that describes what stands at a path.</summary>
/// <param name="ListAt">How many names of the path lead to a list, of whose elements it speaks; -1 for none.</param>
internal readonly record struct SchemaPlace(JsonElement Schema, int ListAt);

/// <summary>What the register says about the arguments of one action, so that the calls which the analysis shows are calls that an agent is meant to send.</summary>
internal sealed class ArgumentFit
{
    private const int MaxPlaces = 32;
    private static readonly string[] Forms = ["allOf", "anyOf", "oneOf"], Simple = ["type", "enum", "const", "title", "description", "default", "example", "examples", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    private readonly JsonElement _schema;
    private readonly int _cost;

    public ArgumentFit(JsonElement schema, WorkBudget budget)
    {
        (_schema, Budget) = (schema, budget);
        _cost = 1 + JsonMarshal.GetRawUtf8Value(schema).Length / 256;
    }

    /// <summary>Shared by the actions of one analysis, and beside that of the claims: how many descriptions there are changes no claim.</summary>
    public WorkBudget Budget { get; }

    /// <summary>The call with what its arguments must have beside what it says; <see cref="CallFit.Unsure"/> when it does not fit even so.</summary>
    /// <param name="absent">Where nothing may be added.</param>
    public ShownCall Complete(JsonElement call, IEnumerable<FieldPath> absent) => Complete(call, absent, out _);

    /// <param name="work">What it took.</param>
    public ShownCall Complete(JsonElement call, IEnumerable<FieldPath> absent, out int work)
    {
        var whole = JsonNode.Parse(call.GetRawText())!.AsObject();
        var arguments = whole["arguments"] as JsonObject ?? [];
        var sample = new SchemaSample(_schema, absent.Where(p => p.Root == FieldPath.Source.Arguments).Select(p => SchemaSample.PathOf(p.Names)).ToHashSet(StringComparer.Ordinal));
        sample.Complete(_schema, arguments);
        if (arguments is { Count: > 0, Parent: null }) whole["arguments"] = arguments;
        var looks = int.MaxValue;
        var fits = SchemaFit.Fits(_schema, _schema, JsonElement.Parse(arguments.ToJsonString()), ref looks);
        work = _cost + sample.Looks + int.MaxValue - looks;
        return new(JsonElement.Parse(whole.ToJsonString()), fits ? CallFit.Fits : CallFit.Unsure);
    }

    /// <summary>False: with this at this path, or nothing where it is null, no arguments fit.</summary>
    public bool May(FieldPath path, JsonElement? value)
    {
        if (Budget.IsSpent) return true;
        if (value is not { } given) return !IsRequired(path.Names);
        var json = given.GetRawText();
        foreach (var name in path.Names.Reverse()) json = $"{{{JsonSerializer.Serialize(name)}:{json}}}";
        var looks = int.MaxValue;
        var fits = SchemaFit.Fits(_schema, _schema, JsonElement.Parse(json), ref looks, isPart: true);
        Budget.Spend(_cost + int.MaxValue - looks);
        return fits;
    }

    /// <summary>Whether the samples around the schema's values and limits stand for all that fits at this path.</summary>
    public bool IsPlain(string[] names)
    {
        var schema = _schema;
        foreach (var name in names)
        {
            schema = SchemaFit.Follow(_schema, schema);
            if (Forms.Any(f => SchemaFit.Member(schema, f) is not null) || SchemaFit.Member(schema, "items") is not null || SchemaFit.Types(schema).Contains("array")) return false;
            if (SchemaFit.Member(schema, "properties") is not { } properties || SchemaFit.Member(properties, name) is not { } property) return true;
            schema = property;
        }
        schema = SchemaFit.Follow(_schema, schema);
        if (schema.ValueKind != JsonValueKind.Object) return true;
        if (SchemaFit.Branches(schema, "enum").Count() > FittingSamples.MaxScalars) return false;
        return schema.EnumerateObject().All(k => Simple.Contains(k.Name, StringComparer.Ordinal)) && !SchemaFit.Types(schema).Any(t => t is "array" or "object")
            && (SchemaFit.Types(schema).Count > 0 || SchemaFit.Member(schema, "enum") is not null || SchemaFit.Member(schema, "const") is not null);
    }

    /// <summary>What the schema says of a path, in each of the forms it offers.</summary>
    public IReadOnlyList<SchemaPlace> Places(string[] names)
    {
        var here = Expand([new(_schema, -1)], 0);
        for (var i = 0; i < names.Length; i++)
        {
            here = Expand([.. here.Select(p => SchemaFit.Member(p.Schema, "properties") is { } known && SchemaFit.Member(known, names[i]) is { } property ? new SchemaPlace(property, p.ListAt) : default).Where(p => p.Schema.ValueKind == JsonValueKind.Object)], i + 1);
        }
        return here;
    }

    private List<SchemaPlace> Expand(List<SchemaPlace> places, int depth)
    {
        var all = new List<SchemaPlace>();
        var open = new Queue<SchemaPlace>(places);
        while (all.Count < MaxPlaces && open.TryDequeue(out var place))
        {
            place = place with { Schema = SchemaFit.Follow(_schema, place.Schema) };
            all.Add(place);
            foreach (var form in Forms.SelectMany(f => SchemaFit.Branches(place.Schema, f))) open.Enqueue(place with { Schema = form });
            if (depth > 0 && place.ListAt < 0 && SchemaFit.Member(place.Schema, "items") is { ValueKind: JsonValueKind.Object } items) open.Enqueue(new(items, depth));
        }
        return all;
    }

    private bool IsRequired(string[] names)
    {
        var schema = _schema;
        for (var i = 0; i < names.Length; i++)
        {
            schema = SchemaFit.Follow(_schema, schema);
            // Arguments are an object; what else need not be one need not have a member.
            if (schema.ValueKind != JsonValueKind.Object || (i > 0 && !SchemaFit.Types(schema).SequenceEqual(["object"]))) return false;
            if (!SchemaFit.Branches(schema, "required").Any(r => r.ValueKind == JsonValueKind.String && r.GetString() == names[i])) return false;
            schema = SchemaFit.Member(schema, "properties") is { } properties && SchemaFit.Member(properties, names[i]) is { } property ? property : default;
        }
        return true;
    }
}

/// <summary>The arguments of every action of a register, made ready where somebody asks.</summary>
internal sealed class ArgumentFits(ActionCatalogue catalogue, WorkBudget budget)
{
    /// <summary>As much as one analysis may do to find calls that fit.</summary>
    public const int Steps = 1_000_000;

    private readonly Dictionary<CatalogueAction, ArgumentFit> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Null where nobody described any.</summary>
    public ArgumentFit? Of(string action)
    {
        if (catalogue.Find(action) is not { ArgumentsSchema: { } schema } listed) return null;
        return _known.TryGetValue(listed, out var known) ? known : _known[listed] = new ArgumentFit(schema, budget);
    }

    /// <summary>A call that says no more than it must.</summary>
    public ShownCall Plain(string action)
    {
        var call = ExampleCall.Build(action, [])!.Value;
        return Of(action)?.Complete(call, []) ?? new(call, CallFit.Fits);
    }
}
