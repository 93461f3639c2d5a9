using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace OpsConsole.Ui.Shared;

/// <summary>Arguments and payloads as a table a person can judge: every value in full, text exactly as sent, the raw form one click away.</summary>
public sealed partial class JsonView
{
    private string? _shown;
    private JsonElement? _root;

    /// <summary>JSON text as stored; what does not parse is shown as text.</summary>
    [Parameter, EditorRequired] public string? Json { get; set; }

    protected override void OnParametersSet()
    {
        if (_shown == Json) return;
        _shown = Json;
        _root = Parse(Json);
    }

    private static JsonElement? Parse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json)) return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException) { return null; }
    }
}
