using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>An OpenAPI 3 document (specification 3.1.1): one action per operation, its parameters and its JSON body as one object of arguments.</summary>
internal sealed class OpenApiReader(JsonElement root, ImportSheet sheet)
{
    private static readonly string[] Methods = ["get", "head", "options", "trace", "post", "put", "patch", "delete"];
    // Headers that OpenAPI itself says to ignore as parameters.
    private static readonly string[] NoArguments = ["accept", "content-type", "authorization"];

    public void Read()
    {
        if (root.TryGetProperty("webhooks", out _)) sheet.Note("Webhooks are calls that the other side makes; they are left out.");
        if (ImportSheet.Member(root, "paths", JsonValueKind.Object) is not { } paths) return;
        foreach (var path in paths.EnumerateObject())
        {
            List<string> lost = [];
            if (new SchemaRefs(root, lost, sheet).Follow(path.Value) is not { ValueKind: JsonValueKind.Object } item)
            {
                sheet.Note($"{ImportSheet.Short(path.Name)} is left out: {(lost.Count > 0 ? lost[0] : "it is no object.")}");
                continue;
            }
            foreach (var method in Methods)
            {
                if (!item.TryGetProperty(method, out var operation)) continue;
                var source = $"{method.ToUpperInvariant()} {ImportSheet.Short(path.Name)}";
                if (operation.ValueKind == JsonValueKind.Object) Operation(source, method, path.Name, item, operation);
                else sheet.Note($"{source} is no object and is left out.");
            }
        }
    }

    private void Operation(string source, string method, string path, JsonElement item, JsonElement operation)
    {
        List<string> notes = [];
        var name = ImportSheet.TextOf(operation, "operationId");
        if (string.IsNullOrWhiteSpace(name))
        {
            // The path first, so that one row of a matrix can speak of everything below it.
            name = ImportSheet.LegalName(path.Trim('/')) is { } legal ? $"{legal}.{method}" : method;
            notes.Add("It has no operationId, so it is named by its path and method.");
        }
        if (operation.TryGetProperty("deprecated", out var deprecated) && deprecated.ValueKind == JsonValueKind.True) notes.Add("It is deprecated.");
        var says = new CatalogueAction { Action = "" };
        IReadOnlyList<string> stated = ["effect"];
        if (method is "get" or "head" or "options" or "trace") (says, stated) = (says with { Effect = Effect.Read, Consequence = Consequence.Low }, ["effect", "consequence"]);
        else if (method == "delete") stated = ["effect", "consequence", "reversible"];
        sheet.Add(source, name, Description(operation) ?? Description(item), Arguments(item, operation, notes), says, stated, notes);
    }

    private static string? Description(JsonElement operation)
    {
        var (summary, description) = (ImportSheet.TextOf(operation, "summary")?.Trim(), ImportSheet.TextOf(operation, "description")?.Trim());
        if (string.IsNullOrEmpty(summary)) return string.IsNullOrEmpty(description) ? null : description;
        return string.IsNullOrEmpty(description) || description.StartsWith(summary, StringComparison.OrdinalIgnoreCase) ? (string.IsNullOrEmpty(description) ? summary : description) : $"{summary.TrimEnd('.')}. {description}";
    }

    private JsonElement? Arguments(JsonElement item, JsonElement operation, List<string> notes)
    {
        var refs = new SchemaRefs(root, notes, sheet);
        var arguments = new ArgumentSchema(notes);
        foreach (var parameter in Parameters(item, operation, refs)) Parameter(parameter, arguments, refs);
        Body(operation, arguments, refs, notes);
        if (!refs.IsTooLong) return arguments.Build();
        notes.Add($"Its schema would have more than {ActionCatalogue.MaxSchema:N0} characters with everything it refers to, and was left out.");
        return null;
    }

    // An operation's own parameter stands in place of its path's of the same name and place.
    private static Dictionary<(string, string), JsonElement>.ValueCollection Parameters(JsonElement item, JsonElement operation, SchemaRefs refs)
    {
        var all = new Dictionary<(string, string), JsonElement>();
        foreach (var of in (JsonElement[])[item, operation])
        {
            if (ImportSheet.Member(of, "parameters", JsonValueKind.Array) is not { } list) continue;
            foreach (var given in list.EnumerateArray())
            {
                if (refs.Follow(given) is { ValueKind: JsonValueKind.Object } parameter && ImportSheet.TextOf(parameter, "name") is { Length: > 0 } name) all[(name, ImportSheet.TextOf(parameter, "in") ?? "")] = parameter;
            }
        }
        return all.Values;
    }

    private static void Parameter(JsonElement parameter, ArgumentSchema arguments, SchemaRefs refs)
    {
        var (name, place) = (ImportSheet.TextOf(parameter, "name")!, ImportSheet.TextOf(parameter, "in") ?? "");
        if (place == "header" && NoArguments.Contains(name, StringComparer.OrdinalIgnoreCase)) return;
        var schema = ImportSheet.Member(parameter, "schema", JsonValueKind.Object);
        if (schema is null && ImportSheet.Member(parameter, "content", JsonValueKind.Object) is { } content) schema = content.EnumerateObject().Select(m => m.Value.ValueKind == JsonValueKind.Object ? ImportSheet.Member(m.Value, "schema", JsonValueKind.Object) : null).FirstOrDefault();
        var copy = (schema is { } given ? refs.Copy(given) : null) as JsonObject ?? [];
        if (!copy.ContainsKey("description") && ImportSheet.TextOf(parameter, "description") is { } description) copy["description"] = description;
        arguments.Add(name, copy, place == "path" || IsTrue(parameter, "required"), place);
    }

    private static void Body(JsonElement operation, ArgumentSchema arguments, SchemaRefs refs, List<string> notes)
    {
        if (!operation.TryGetProperty("requestBody", out var reference) || refs.Follow(reference) is not { ValueKind: JsonValueKind.Object } body || ImportSheet.Member(body, "content", JsonValueKind.Object) is not { } content) return;
        var json = content.EnumerateObject().Where(m => m.Name.Contains("json", StringComparison.OrdinalIgnoreCase)).Select(m => (JsonElement?)m.Value).FirstOrDefault();
        if (json is not { ValueKind: JsonValueKind.Object } media)
        {
            notes.Add($"Its body is {string.Join(" or ", content.EnumerateObject().Take(3).Select(m => ImportSheet.Short(m.Name)))}, not JSON; the arguments do not describe it.");
            return;
        }
        if (ImportSheet.Member(media, "schema", JsonValueKind.Object) is { } schema && refs.Copy(schema) is JsonObject copy) arguments.AddBody(copy, IsTrue(body, "required"));
    }

    private static bool IsTrue(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
