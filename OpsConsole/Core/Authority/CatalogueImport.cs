using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>What kind of document a list of actions was read from.</summary>
public enum ImportKind
{
    /// <summary>Tools as MCP servers list them, or as models are given them.</summary>
    Tools,
    /// <summary>An OpenAPI 3 document: one action per operation.</summary>
    Openapi,
    /// <summary>A JSON Schema, or several by name.</summary>
    JsonSchema,
    /// <summary>A catalogue of this console.</summary>
    Catalogue,
}

/// <summary>An action as a document describes it. What it says about effect and consequence is a proposal: write and high unless the source says otherwise.</summary>
/// <param name="Source">Where it stands in the document: <c>tools[3]</c>, <c>POST /orders/{id}/refunds</c>.</param>
/// <param name="Stated">Of effect, consequence, classes, reversible and owner: the fields that the document speaks of.</param>
/// <param name="Notes">What was changed or left out, and what is only claimed, in words.</param>
/// <param name="Clash">The source of an earlier action of the same name, because of which this one cannot be listed.</param>
public sealed record ImportedAction(CatalogueAction Action, string Source, IReadOnlyList<string> Stated, IReadOnlyList<string> Notes, string? Clash);

/// <summary>What a document says can be asked for. Nothing is lost silently: what could not be read is named in the notes.</summary>
public sealed record CatalogueImport(ImportKind Kind, IReadOnlyList<ImportedAction> Actions, IReadOnlyList<string> Notes)
{
    /// <summary>
    /// Reads an MCP tool list (also as a JSON-RPC answer), functions or tools in the forms of OpenAI, Anthropic and Gemini, an OpenAPI 3 document, a JSON Schema
    /// or an object of them by name, or a catalogue; which of them it is shows by itself. Faults: <c>import.unknown</c>, <c>import.swagger</c>, <c>import.unnamed</c>.
    /// </summary>
    /// <param name="document">Without duplicate keys and broken text: what <c>StrictJson</c> or <c>StrictYaml</c> let through.</param>
    public static Result<CatalogueImport> Read(JsonElement document)
    {
        var sheet = new ImportSheet();
        if (document.ValueKind == JsonValueKind.Object && ImportSheet.Member(document, "jsonrpc", JsonValueKind.String) is not null && ImportSheet.Member(document, "result", JsonValueKind.Object) is { } result) document = result;
        if (document.ValueKind == JsonValueKind.Object && document.TryGetProperty("openapi", out var openapi))
        {
            // In YAML, 3.1 is a number.
            var version = openapi.ValueKind == JsonValueKind.String ? openapi.GetString()! : openapi.GetRawText();
            if (!version.StartsWith('3')) return Fault.Invalid("import.unknown", $"This is OpenAPI {ImportSheet.Short(version)}; version 3 can be read.");
            new OpenApiReader(document, sheet).Read();
            return sheet.Done(ImportKind.Openapi);
        }
        if (ListOf(document) is { } list) return Tools(sheet, document, list.Items, list.Name);
        if (document.ValueKind != JsonValueKind.Object) return Unknown;
        if (document.TryGetProperty("swagger", out _)) return Fault.Invalid("import.swagger", "This is Swagger 2.0. Save it as OpenAPI 3 (most API editors and generators can), then import that.");
        if (new SchemaListReader(document, sheet).Read() is { } fault) return fault;
        return sheet.Done(ImportKind.JsonSchema);
    }

    private static Result<CatalogueImport> Tools(ImportSheet sheet, JsonElement document, JsonElement items, string name)
    {
        var reader = new ToolListReader(sheet);
        reader.Read(items, name);
        if (document.ValueKind == JsonValueKind.Object && ImportSheet.Member(document, "nextCursor", JsonValueKind.String) is not null) sheet.Note("This is one page of a longer list (it has a nextCursor). Import the other pages as well.");
        return sheet.Done(reader.SawCatalogue ? ImportKind.Catalogue : ImportKind.Tools);
    }

    private static (JsonElement Items, string Name)? ListOf(JsonElement document)
    {
        if (document.ValueKind == JsonValueKind.Array) return (document, "");
        if (document.ValueKind != JsonValueKind.Object) return null;
        foreach (var name in (string[])["tools", "functions", "functionDeclarations", "function_declarations", "items"])
        {
            if (ImportSheet.Member(document, name, JsonValueKind.Array) is { } items && (name != "items" || !SchemaListReader.IsSchema(document))) return (items, name);
        }
        return ToolListReader.IsTool(document) ? (JsonElement.Parse($"[{document.GetRawText()}]"), "") : null;   // one tool alone
    }

    internal static readonly Fault Unknown = Fault.Invalid("import.unknown",
        "This is nothing that lists actions. Give an MCP tool list ({ \"tools\": [ … ] }), a list of functions or tools as a model is given them, an OpenAPI 3 document, a JSON Schema with a title, an object of JSON Schemas by name, or a catalogue.");
}
