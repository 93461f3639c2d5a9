using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>
/// Tools as programs list them: MCP (<c>inputSchema</c>, <c>annotations</c>; specification 2025-11-25), OpenAI (<c>function</c> with <c>parameters</c>, nested or flat),
/// Anthropic (<c>input_schema</c>), Gemini (<c>functionDeclarations</c>); and entries of a catalogue.
/// </summary>
internal sealed class ToolListReader(ImportSheet sheet)
{
    private static readonly string[] SchemaNames = ["inputSchema", "input_schema", "parameters", "parametersJsonSchema", "arguments_schema"];

    /// <summary>Whether there were entries of a catalogue among them.</summary>
    public bool SawCatalogue { get; private set; }

    /// <param name="name">What the list is called, for where things stand.</param>
    public void Read(JsonElement list, string name)
    {
        var i = 0;
        foreach (var tool in list.EnumerateArray()) Tool(tool, $"{name}[{i++}]");
    }

    /// <summary>Whether it is one tool rather than a schema or anything else.</summary>
    public static bool IsTool(JsonElement document) =>
        ImportSheet.Member(document, "function", JsonValueKind.Object) is not null
        || (document.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && SchemaNames.Any(s => document.TryGetProperty(s, out _)));

    private void Tool(JsonElement tool, string source)
    {
        if (tool.ValueKind != JsonValueKind.Object)
        {
            sheet.Note($"{source} is no object and is left out.");
            return;
        }
        if ((ImportSheet.Member(tool, "functionDeclarations", JsonValueKind.Array) ?? ImportSheet.Member(tool, "function_declarations", JsonValueKind.Array)) is { } declarations)
        {
            Read(declarations, source + ".functionDeclarations");
            return;
        }
        if (ImportSheet.TextOf(tool, "action") is not null && !tool.TryGetProperty("name", out _))
        {
            Listed(tool, source);
            return;
        }
        var body = ImportSheet.Member(tool, "function", JsonValueKind.Object) ?? tool;
        if (ImportSheet.TextOf(body, "name") is not { Length: > 0 } name)
        {
            sheet.Note(ImportSheet.TextOf(tool, "type") is { } type ? $"{source} ('{ImportSheet.Short(type)}') has no name, like the tools that a model's provider runs itself. It is left out." : $"{source} has no name and is left out.");
            return;
        }
        var notes = new List<string>();
        var annotations = ImportSheet.Member(body, "annotations", JsonValueKind.Object);
        var (says, stated) = Hints(annotations, notes);
        JsonElement? schema = null;
        foreach (var key in SchemaNames)
        {
            if (schema is null && body.TryGetProperty(key, out var given) && given.ValueKind != JsonValueKind.Null) schema = given;
        }
        var title = ImportSheet.TextOf(body, "title") ?? (annotations is { } a ? ImportSheet.TextOf(a, "title") : null);
        sheet.Add(source, name, ImportSheet.TextOf(body, "description") is { Length: > 0 } description ? description : title, schema, says, stated, notes);
    }

    private void Listed(JsonElement entry, string source)
    {
        SawCatalogue = true;
        var read = ActionCatalogue.Parse(JsonElement.Parse($"[{entry.GetRawText()}]"));
        if (read.Ok) sheet.Add(source, read.Value.Actions[0]);
        else sheet.Note($"{source} ({ImportSheet.Short(ImportSheet.TextOf(entry, "action")!)}) is left out: {read.Fault!.Message.Replace("[0].", "", StringComparison.Ordinal)}");
    }

    // What a tool says of itself is a claim of whoever wrote it, so each is told as one.
    private static (CatalogueAction Says, IReadOnlyList<string> Stated) Hints(JsonElement? annotations, List<string> notes)
    {
        var says = new CatalogueAction { Action = "" };
        bool? reads = Hint("readOnlyHint"), destroys = Hint("destructiveHint");
        if (reads == true && destroys == true)
        {
            notes.Add("It says of itself both that it only reads and that it destroys. Taken for a write.");
            return (says, []);
        }
        if (reads == true) notes.Add("It says of itself that it only reads: a hint, not a promise.");
        if (destroys == true) notes.Add("It says of itself that it may destroy what is there.");
        if (destroys == false && reads != true) notes.Add("It says of itself that it only adds: a hint, not a promise.");
        if (Hint("idempotentHint") == true && reads != true) notes.Add("It says of itself that a second call with the same arguments changes nothing more.");
        if (Hint("openWorldHint") == true) notes.Add("It says of itself that it reaches systems outside.");
        return reads == true ? (says with { Effect = Effect.Read, Consequence = Consequence.Low }, ["effect", "consequence"])
            : destroys == true ? (says, ["effect", "consequence", "reversible"])
            : reads == false ? (says, ["effect"]) : (says, []);

        bool? Hint(string name) => annotations is { } a && a.TryGetProperty(name, out var value) ? value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null } : null;
    }
}
