using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>What somebody typed about an action.</summary>
public sealed class ActionForm
{
    public string Action { get; set; } = "";
    public string? Description { get; set; }
    public Effect Effect { get; set; } = Effect.Write;
    public Consequence Consequence { get; set; } = Consequence.High;
    public HashSet<string> Classes { get; } = new(StringComparer.Ordinal);
    public bool Reversible { get; set; }
    public string? Owner { get; set; }
    public string? Schema { get; set; }

    public static ActionForm Of(CatalogueAction listed)
    {
        var form = new ActionForm
        {
            Action = listed.Action, Description = listed.Description, Effect = listed.Effect, Consequence = listed.Consequence, Reversible = listed.Reversible, Owner = listed.Owner,
            Schema = listed.ArgumentsSchema is { } schema ? JsonSerializer.Serialize(schema, Indented) : null,
        };
        form.Classes.UnionWith(listed.Classes);
        return form;
    }

    /// <summary>The action as the catalogue reads it. Faults: those of <see cref="ActionCatalogue.Parse"/>, and a schema that is no JSON.</summary>
    public Result<CatalogueAction> Read()
    {
        var schema = string.IsNullOrWhiteSpace(Schema) ? default : StrictJson.Parse(Schema);
        if (schema.Fault is { } bad) return bad with { Message = "The schema of its arguments: " + bad.Message, Field = "arguments_schema" };
        var parsed = ActionCatalogue.Parse(JsonSerializer.SerializeToElement(new object[]
        {
            new
            {
                action = Action.Trim(), description = Given(Description), effect = MatrixWords.Effects[Effect], consequence = MatrixWords.Consequences[Consequence],
                classes = MatrixWords.Classes.Where(Classes.Contains).ToArray(), reversible = Reversible, owner = Given(Owner), arguments_schema = string.IsNullOrWhiteSpace(Schema) ? (JsonElement?)null : schema.Value,
            },
        }));
        return parsed.Fault is { } wrong ? wrong with { Message = wrong.Message.Replace("[0].", "", StringComparison.Ordinal) } : parsed.Value.Actions[0];
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
